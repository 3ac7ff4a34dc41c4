"""Harness ``pytest-benchmark``: existing tests that use the ``benchmark`` fixture.

pytest runs in this process, with one test chosen, and pytest-benchmark measures: its
calibration gets the protocol's numbers, and what it stores is read back. A test is
called ``FILE::CLASS::FUNCTION``, relative to the suite; without the file where the
suite is one. Its parameters are pytest's; where these are no plain product, they are
one, ``case``, whose values are pytest's own names.
"""

from __future__ import annotations

import json
import os
from importlib.util import find_spec

from .parameters import Values
from .protocol import DEFAULTS, extra_reading
from .surroundings import peak_memory
from .task import Incompatible, SuiteOfTasks, Task, Unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: files that are looked at in a directory, whatever its pytest is configured to
FILES = (
    "test_*.py",
    "*_test.py",
    "bench_*.py",
    "*_bench.py",
    "benchmark_*.py",
    "*_benchmark.py",
)
#: the parameter that stands for all where they are no product
CASE = "case"


def open_suite(job: dict[str, Any]) -> PytestSuite:
    """Look whether pytest and pytest-benchmark are there; collect nothing yet."""
    missing = [name for name in ("pytest", "pytest_benchmark") if find_spec(name) is None]
    if missing:
        raise Incompatible(
            "the environment lacks %s: add pytest and pytest-benchmark to environment.requires"
            % " and ".join(name.replace("_", "-") for name in missing)
        )
    return PytestSuite(job)


class PytestSuite(SuiteOfTasks):
    """Tests with the ``benchmark`` fixture."""

    def __init__(self, job: dict[str, Any]) -> None:
        self._job = job

    def describe(self) -> list[dict[str, Any]]:
        collector = _Collector()
        run_pytest(self._job, self._job["suite"], ["--collect-only"], collector)
        tests: dict[str, list[Any]] = {}
        for item in collector.items:
            tests.setdefault(name_of(item, self._job["suite"]), []).append(item)
        return [_description(name, items) for name, items in tests.items()]

    def task(self, benchmark: str, parameters: dict[str, str]) -> Task:
        return PytestTask(self._job, benchmark, parameters)


def run_pytest(job: dict[str, Any], path: str, arguments: list[str], plugin: _Collector) -> None:
    """Run pytest in this process.

    The configured ``addopts`` (coverage, xdist) are not for measuring.

    Raises:
        BaseException: whatever a test raised.
        RuntimeError: pytest could not do it otherwise.
    """
    import pytest  # noqa: PLC0415

    code = pytest.main(
        [
            path,
            "-q",
            "-p",
            "no:cacheprovider",
            "--override-ini=addopts=",
            "--override-ini=python_files=%s" % " ".join(FILES),
            *arguments,
            *job["options"].get("arguments", ()),
        ],
        plugins=[plugin],
    )
    if plugin.error is not None:
        raise plugin.error
    if code not in (0, 5):  # 5: nothing was collected
        raise RuntimeError("pytest ended with exit code %d" % code)


class _Collector:
    """A plugin of pytest: keeps the tests that measure, and the first thing that went wrong."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self.error: BaseException | None = None

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Keep what uses the fixture."""
        items[:] = self.items = [
            item for item in items if "benchmark" in getattr(item, "fixturenames", ())
        ]

    def pytest_exception_interact(self, node: Any, call: Any, report: Any) -> None:  # noqa: ARG002
        """Remember what was raised, in a test or while its file was imported."""
        if self.error is None:
            raised: BaseException = call.excinfo.value
            cause = raised.__cause__ or raised
            self.error = cause if isinstance(cause, ImportError) else raised


class _Chooser(_Collector):
    """Keeps one test only, and hears why it was skipped."""

    def __init__(self, suite: str, benchmark: str, parameters: dict[str, str]) -> None:
        super().__init__()
        self._suite = suite
        self._benchmark = benchmark
        self._parameters = parameters
        self.skipped = ""

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Keep the chosen one of the tests that measure."""
        super().pytest_collection_modifyitems(items)
        same = [item for item in items if name_of(item, self._suite) == self._benchmark]
        named = variants(same)[1] if same else []
        items[:] = self.items = [
            item for place, item in enumerate(same) if named[place] == self._parameters
        ]

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Remember the reason of a skip."""
        if report.skipped:
            reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else "skipped"
            self.skipped = str(reason)


class PytestTask(Task):
    """One test, measured by pytest-benchmark."""

    def __init__(self, job: dict[str, Any], benchmark: str, parameters: dict[str, str]) -> None:
        self._job = job
        self._benchmark = benchmark
        self._parameters = parameters

    def readings(self) -> list[dict[str, Any]]:
        rules = {**DEFAULTS, **self._job.get("protocol", {})}
        suite = self._job["suite"]
        path = suite
        if os.path.isdir(suite):
            path = os.path.join(suite, *self._benchmark.partition("::")[0].split("/"))
            if not os.path.exists(path):
                raise LookupError("the suite has no benchmark %r here" % self._benchmark)
        results = os.path.abspath("pytest-benchmark.json")
        chooser = _Chooser(suite, self._benchmark, self._parameters)
        run_pytest(self._job, path, [*_rules(rules), "--benchmark-json=" + results], chooser)
        if not chooser.items:
            raise LookupError(
                "the suite has no benchmark %r with parameters %r here"
                % (self._benchmark, self._parameters)
            )
        if chooser.skipped:
            raise Unsupported(chooser.skipped)
        measured = _stored(results)
        peak = [extra_reading("peak_memory", "bytes", peak_memory())]
        return measured + peak if measured else []


def _rules(rules: dict[str, Any]) -> list[str]:
    """The protocol in the words of pytest-benchmark; marks on a test win over them."""
    return [
        "--benchmark-min-rounds=%d" % rules["samples"],
        "--benchmark-min-time=%r" % float(rules["sample_seconds"]),
        "--benchmark-max-time=%r" % float(rules["samples"] * rules["sample_seconds"]),
        "--benchmark-warmup=%s" % ("on" if rules["warmup_seconds"] else "off"),
        "--benchmark-timer=time.perf_counter",
    ]


def _stored(path: str) -> list[dict[str, Any]]:
    """Read the samples, in seconds a call; none where the test did not use its fixture."""
    if not os.path.exists(path) or not os.path.getsize(path):
        return []
    with open(path, encoding="utf-8") as file:
        measured = json.load(file)["benchmarks"]
    return [
        {"samples": one["stats"]["data"], "loops": one["stats"]["iterations"]} for one in measured
    ]


def name_of(item: Any, suite: str) -> str:
    """``FILE::CLASS::FUNCTION``, the file relative to the suite."""
    above = item.nodeid[: len(item.nodeid) - len(item.name)].partition("::")[2]
    name = str(above + (item.originalname or item.name))
    if not os.path.isdir(suite):
        return name
    path = str(getattr(item, "path", None) or item.fspath)
    file = os.path.relpath(os.path.realpath(path), os.path.realpath(suite))
    return "%s::%s" % (file.replace(os.sep, "/"), name)


def variants(items: list[Any]) -> tuple[dict[str, list[str]], list[dict[str, str]]]:
    """Axes of one test, and the parameters of each of its variants in these axes.

    Each axis has the texts of its values. Where not every combination of values is
    there, all parameters are one axis, ``case``.
    """
    given = [dict(item.callspec.params) if hasattr(item, "callspec") else {} for item in items]
    axes: dict[str, dict[str, str]] = {}
    for name in given[0]:
        unique: dict[str, Any] = {}
        for parameters in given:
            unique.setdefault(repr(parameters[name]), parameters[name])
        axes[name] = dict(zip(unique, Values(list(unique.values())).texts))  # noqa: B905 - Python 3.8
    named = [
        {name: axes[name][repr(value)] for name, value in parameters.items()}
        for parameters in given
    ]
    combinations = 1
    for texts in axes.values():
        combinations *= len(texts)
    if len(items) == combinations == len({tuple(sorted(one.items())) for one in named}):
        return {name: list(texts.values()) for name, texts in axes.items()}, named
    cases = [repr(item.callspec.id) for item in items]
    return {CASE: cases}, [{CASE: case} for case in cases]


def _description(name: str, items: list[Any]) -> dict[str, Any]:
    code = items[0].function.__code__
    return {
        "name": name,
        "axes": [
            {"name": axis, "values": texts, "open": False}
            for axis, texts in variants(items)[0].items()
        ],
        "kind": "performance",
        "metric": "time",
        "unit": "s",
        "direction": "lower",
        "timeout": None,
        "where": "%s:%d" % (code.co_filename, code.co_firstlineno),
    }
