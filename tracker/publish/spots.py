"""One commit in one series, with what its values say about the middle of them."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from tracker.model.measurements import State
from tracker.model.series import Point
from tracker.publish.wording import clean


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One commit in one series."""

    commit: str
    #: raw, one a process, in the unit of the series
    values: tuple[float, ...]
    #: median of the values; None where the commit has none
    value: float | None
    #: interval of the median, see ``median_interval``
    low: float | None
    high: float | None
    state: State
    reason: str


def spot(point: Point) -> Spot:
    """A point as it is drawn."""
    value = statistics.median(point.values) if point.values else None
    low, high = median_interval(point.values) if point.values else (None, None)
    return Spot(
        commit=point.commit.sha,
        values=point.values,
        value=value,
        low=low,
        high=high,
        state=point.state,
        reason=clean(point.reason),
    )


def median_interval(values: Sequence[float]) -> tuple[float, float]:
    """A distribution-free interval of the median at 95 % or just above it.

    The narrowest symmetric pair of order statistics whose binomial coverage reaches 95 %
    (Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, 2014, section 3.6).
    Fewer than six values cannot reach it: then the whole range, 94 % with five of them.
    """
    ordered, rank = sorted(values), _rank(len(values))
    return ordered[rank], ordered[-1 - rank]


@cache
def _rank(n: int) -> int:
    """The largest number of values that may be left out on each side of n."""
    rank, outside = 0, 2 / 2**n
    while (outside := outside + 2 * math.comb(n, rank + 1) / 2**n) <= 0.05:
        rank += 1
    return rank
