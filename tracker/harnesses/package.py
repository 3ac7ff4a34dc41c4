"""The benchmark that every package has, whatever its suite: its import, and its size."""

from __future__ import annotations

from dataclasses import replace

from tracker.model.suites import Benchmark, Suite

PACKAGE = Benchmark(name="package", metric="import_time", unit="s", own_start=True)


def with_package(suite: Suite) -> Suite:
    """The suite and the package itself, unless the suite has a benchmark of that name."""
    if any(one.name == PACKAGE.name for one in suite.benchmarks):
        return suite
    return replace(suite, benchmarks=(*suite.benchmarks, PACKAGE))
