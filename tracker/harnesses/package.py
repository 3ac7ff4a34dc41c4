"""The benchmark that every package has, whatever its suite: its import, and its size."""

from __future__ import annotations

from dataclasses import replace

from tracker.errors import Problem, SuiteError
from tracker.model.suites import Benchmark, Suite

PACKAGE = Benchmark(name="package", metric="import_time", unit="s", own_start=True)


def with_package(suite: Suite) -> Suite:
    """The suite and the package itself.

    Raises:
        SuiteError: the suite has a benchmark of that name.
    """
    for one in suite.benchmarks:
        if one.name == PACKAGE.name:
            raise SuiteError(
                f"a benchmark of suite {suite.name!r} is called as that of the package itself",
                code="suite.duplicate",
                problems=[Problem(message=one.name, where=one.where)],
                hint="rename it, or set policy.package=false",
            )
    return replace(suite, benchmarks=(*suite.benchmarks, PACKAGE))
