"""The table of the start page: a row a benchmark and metric, each with a small picture. Pure."""

from __future__ import annotations

import string
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import Any

from tracker.model.cells import shown
from tracker.model.findings import ChangePoint
from tracker.publish import drawn
from tracker.publish.contents import Series
from tracker.publish.report import Report
from tracker.publish.site.naming import slug

#: values of a picture, one letter each, lowest first
LETTERS = string.digits + string.ascii_uppercase + string.ascii_lowercase
#: values in a picture, at most
_WIDTH = 48


def rows(report: Report) -> list[dict[str, Any]]:
    """One row for each benchmark and metric, in the order of the report; the time first.

    A row shows one of its series: the one that changed last, so that every number in it was
    measured. An average of all would move whenever a series comes or goes. One row of each
    benchmark leads: the one that stands for all of its metrics.
    """
    order = {commit.sha: number for number, commit in enumerate(report.commits)}
    benchmarks: dict[str, dict[str, list[Series]]] = defaultdict(lambda: defaultdict(list))
    for one in report.series:
        benchmarks[one.coordinate.benchmark][one.coordinate.metric].append(one)
    return [row for metrics in benchmarks.values() for row in _benchmark(metrics, report, order)]


def _benchmark(
    metrics: Mapping[str, Sequence[Series]], report: Report, order: Mapping[str, int]
) -> Iterator[dict[str, Any]]:
    def latest(group: Sequence[Series]) -> Series:
        return max(group, key=lambda series: _recency(series, order))

    shown = [latest(metrics[metric]) for metric in sorted(metrics, key=lambda name: name != "time")]
    leading = latest(shown)
    every = [one for group in metrics.values() for one in group]
    for one in shown:
        group = metrics[one.coordinate.metric]
        yield _row(one, report, order) | {
            "of": len(group),
            "leads": one is leading,
            # who looks for any metric finds the row that stands for all
            "words": _words(every if one is leading else group),
        }


def _row(one: Series, report: Report, order: Mapping[str, int]) -> dict[str, Any]:
    coordinate = one.coordinate
    told = drawn.summary(one)
    last = one.changes[-1] if one.changes else None
    return {
        "page": slug(coordinate.benchmark),
        "benchmark": coordinate.benchmark,
        "metric": coordinate.metric,
        "id": told["id"],
        "which": _which(one),
        "last": told["last"],
        "since": told["since"],
        "change": last and _change(one, last, report),
        "spark": spark(one),
        # last, since, and how recent the change is: what the table is sorted by
        "sort": [*told["sort"][:2], last and order.get(_commit(one, last))],
    }


def _recency(one: Series, order: Mapping[str, int]) -> tuple[int, float]:
    """The place of its last change, and the size of it: of equal ones the first series counts."""
    if not one.changes:
        return -1, 0.0
    last = one.changes[-1]
    return order.get(_commit(one, last), -1), abs(last.verdict.effect)


def _commit(one: Series, change: ChangePoint) -> str:
    return one.spots[change.index].commit


def _change(one: Series, change: ChangePoint, report: Report) -> list[str]:
    """The size of a change, good or bad, and where it was."""
    size, _, _, tone = drawn.words(one, change)
    return [size, tone, report.label(_commit(one, change))]


def _which(one: Series) -> str:
    """``size=8, kind=deep, python 3.11``: what a series is called beside benchmark and metric."""
    parameters = [f"{name}={shown(value)}" for name, value in one.coordinate.parameters]
    return ", ".join([*parameters, *filter(None, [one.variant])])


def _words(group: Sequence[Series]) -> str:
    """What a reader may type to find one of these series."""
    told = (f"{one.coordinate.benchmark} {one.coordinate.metric} {_which(one)}" for one in group)
    return " ".join(sorted({word for text in told for word in text.lower().split()}))


def spark(one: Series) -> str:
    """A picture of a series: a letter for each value, or for the median of a few neighbours."""
    values = [spot.value for spot in one.spots if spot.value is not None]
    count = min(len(values), _WIDTH)
    edges = [len(values) * number // count for number in range(count + 1)] if count else []
    middles = [median(values[a:b]) for a, b in pairwise(edges)]
    low, high = min(middles, default=0.0), max(middles, default=0.0)
    if low == high:
        return LETTERS[len(LETTERS) // 2] * count
    top = len(LETTERS) - 1
    return "".join(LETTERS[round(top * ((value - low) / (high - low)))] for value in middles)
