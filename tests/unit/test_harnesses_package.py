"""The package itself stands beside the benchmarks of a suite, and in place of none."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.settings import SETTINGS
from tests.support.values import cell, commit
from tracker.engine.work import measuring
from tracker.errors import SuiteError
from tracker.harnesses.package import PACKAGE, with_package
from tracker.model.requests import Measure
from tracker.model.suites import Benchmark, Suite

SUITE = Suite(name="sample", harness="python", hash="5" * 64, benchmarks=(Benchmark(name="parse"),))


def test_it_is_one_more() -> None:
    assert with_package(SUITE).benchmarks == (*SUITE.benchmarks, PACKAGE)


def test_another_of_its_name_is_refused() -> None:
    own = Benchmark(name="package", where="suite.py:3")
    with pytest.raises(SuiteError) as raised:
        with_package(replace(SUITE, benchmarks=(own,)))
    assert raised.value.code == "suite.duplicate"
    assert raised.value.problems[0].where == "suite.py:3"


@pytest.mark.parametrize(("asked", "harness"), [(True, "package"), (False, "python")])
def test_another_of_its_name_is_measured_where_nobody_asks_for_the_package(
    asked: bool, harness: str
) -> None:
    work = measuring(
        Measure(commit=commit(), build="b", cell=cell("package"), round=0, position=0),
        python=Path("/env/bin/python"),
        package="",
        installed_bytes=0,
        harness_job={"harness": "python", "suite": "/suite.py"},
        policy=replace(SETTINGS.policy, package=asked),
        shared=Path("/shared"),
    )
    assert work.job["harness"] == harness
