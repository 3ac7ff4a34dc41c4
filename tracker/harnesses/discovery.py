"""What only running a suite can tell, put together with what its text says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tracker.errors import SuiteError
from tracker.model.suites import Axis, Benchmark, Direction, Kind, Suite


def discovered(outline: Suite, lines: Sequence[Mapping[str, Any]]) -> Suite:
    """The outline, completed by what a worker described.

    The worker's word is final: a benchmark that it does not describe is not there. The
    outline's order and places are kept.

    Args:
        lines: all that a worker wrote in mode ``discover``.

    Raises:
        SuiteError: it described no benchmark.
    """
    order = {one.name: place for place, one in enumerate(outline.benchmarks)}
    where = {one.name: one.where for one in outline.benchmarks}
    described = [_benchmark(line) for line in lines if line["event"] == "benchmark"]
    if not described:
        raise SuiteError(
            f"suite {outline.name!r} has no benchmarks where it was run", code="suite.empty"
        )
    return replace(
        outline,
        complete=True,
        benchmarks=tuple(
            replace(one, where=where.get(one.name, one.where))
            for one in sorted(described, key=lambda one: order.get(one.name, len(order)))
        ),
    )


def _benchmark(line: Mapping[str, Any]) -> Benchmark:
    return Benchmark(
        name=line["name"],
        axes=tuple(
            Axis(name=axis["name"], values=tuple(axis["values"]), open=axis["open"])
            for axis in line["axes"]
        ),
        kind=Kind(line["kind"]),
        metric=line["metric"],
        unit=line["unit"],
        direction=Direction(line["direction"]),
        timeout=line["timeout"],
        where=line["where"],
    )
