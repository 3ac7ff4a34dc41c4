"""The values of a benchmark's parameters: what the suite lists against what is configured."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tracker.model.cells import Parameters, shown
from tracker.model.suites import Axis, Benchmark

Axes = Mapping[str, tuple[Any, ...]]


def parameters(benchmark: Benchmark, configured: Axes) -> Iterator[Parameters]:
    """The product of a benchmark's axes, each restricted or replaced by what is configured."""
    values = [
        chosen(axis, configured[axis.name]) if axis.name in configured else axis.values
        for axis in benchmark.axes
    ]
    for combination in itertools.product(*values):
        named = zip((axis.name for axis in benchmark.axes), combination, strict=True)
        yield tuple(sorted(named))


def chosen(axis: Axis, configured: Iterable[Any]) -> tuple[str, ...]:
    """The configured values of an axis, as the suite writes them where it lists them.

    Others are taken for an open axis and left out for a closed one.
    """
    found = (
        listed(axis, value) or (repr(value) if axis.may_be(value) else "") for value in configured
    )
    return tuple(dict.fromkeys(text for text in found if text))


def listed(axis: Axis, value: Any) -> str:
    """How the suite writes a configured value; "" where it does not list it."""
    if repr(value) in axis.values:
        return repr(value)
    return next((text for text in axis.values if shown(text) == str(value)), "")
