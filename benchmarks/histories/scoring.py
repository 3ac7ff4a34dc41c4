"""How good the places are that a judge named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from benchmarks.histories.corpora import Series

#: commits by which a place may be off
MARGIN = 2
DRAWS = 1000

#: per series: changes found, places that are none, changes missed
Counts = npt.NDArray[np.int64]


def matched(places: Sequence[int], changes: Sequence[int]) -> tuple[set[int], set[int]]:
    """Places and changes that belong together: the nearest first, each once."""
    pairs = sorted(
        (abs(place - change), place, change)
        for place in places
        for change in changes
        if abs(place - change) <= MARGIN
    )
    used_places: set[int] = set()
    used_changes: set[int] = set()
    for _, place, change in pairs:
        if place not in used_places and change not in used_changes:
            used_places.add(place)
            used_changes.add(change)
    return used_places, used_changes


def counted(series: Sequence[Series], found: Sequence[Sequence[int]]) -> Counts:
    """(series, 3)"""
    rows = []
    for one, places in zip(series, found, strict=True):
        right, changes = matched(places, one.changes)
        left = [place for place in places if place not in right]
        excused, _ = matched(left, one.faint)
        rows.append((len(changes), len(left) - len(excused), len(one.changes) - len(changes)))
    return np.array(rows, dtype=np.int64).reshape(-1, 3)


def precision(counts: Counts) -> float:
    right, wrong, _ = counts.sum(axis=0)
    return float(right / max(right + wrong, 1))


def recall(counts: Counts) -> float:
    right, _, missed = counts.sum(axis=0)
    return float(right / max(right + missed, 1))


def f1(counts: Counts) -> float:
    return float(_f1(counts.sum(axis=0)))


def difference(ours: Counts, theirs: Counts) -> tuple[float, float]:
    """95 % interval of the difference in F1, by drawing series again, the same for both."""
    random = np.random.default_rng(1)
    drawn = random.multinomial(len(ours), np.full(len(ours), 1 / len(ours)), DRAWS)
    low, high = np.percentile(_f1(drawn @ ours) - _f1(drawn @ theirs), [2.5, 97.5])
    return float(low), float(high)


def alarmed(found: Sequence[Sequence[int]]) -> float:
    """Share of series with any place."""
    return sum(bool(places) for places in found) / max(len(found), 1)


def delay(change: int, found: Sequence[Sequence[int]], *, missed: int) -> int:
    """Commits measured from the change on until it was named.

    ``found``: with one of them, with two, and so on.
    """
    for commits, places in enumerate(found, start=1):
        if any(abs(place - change) <= MARGIN for place in places):
            return commits
    return missed


def mean_delays(
    series: Sequence[Series],
    said: Mapping[str, Sequence[Sequence[Sequence[int]]]],
    *,
    missed: int,
) -> dict[str, float]:
    """What each judge takes on average to name the one change of a series."""
    return {
        judge: float(
            np.mean(
                [
                    delay(one.changes[0], found, missed=missed)
                    for one, found in zip(series, of_judge, strict=True)
                ]
            )
        )
        for judge, of_judge in said.items()
    }


def _f1(sums: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    right, wrong, missed = np.moveaxis(sums, -1, 0)
    return np.asarray(2 * right / np.maximum(2 * right + wrong + missed, 1), dtype=np.float64)
