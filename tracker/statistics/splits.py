"""Where a series may change: cheap, generous, decided elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tracker.statistics.arrays import Floats, Integers
from tracker.statistics.noise import Noise

#: builds in the running median, and standard deviations beyond which a value is clipped
_WINDOW = 7
_CLIP = 3.0


def clipped(centres: Floats, noise: Noise) -> Floats:
    """Values held within three standard deviations of a running median of seven."""
    windows = centres[_windows(len(centres))]
    windows.partition(_WINDOW // 2, axis=1)
    middle: Floats = windows[:, _WINDOW // 2]
    reach = _CLIP * noise.sd
    return np.asarray(np.minimum(np.maximum(centres, middle - reach), middle + reach))


def short_runs(centres: Floats, held: Floats, noise: Noise, *, needed: float) -> set[int]:
    """Edges of the bumps that clipping hides and that could be levels of their own.

    Args:
        centres: (builds,) locations.
        held: the same, clipped.
        noise: how far they lie apart anyway.
        needed: what the builds of a level have to be able to say together.
    """
    side = np.sign(centres - held)
    edges = np.flatnonzero(np.diff(side)) + 1
    if not edges.size:
        return set()
    starts = np.concatenate(([0], edges))
    stops = np.append(edges, len(side))
    heard = np.add.reduceat(noise.bounds, starts)
    could = (side[starts] != 0) & (heard >= needed) & (stops - starts >= noise.fewest)
    found = {*starts[could].tolist(), *stops[could].tolist()}
    return found - {0, len(side)}


@lru_cache(maxsize=64)
def _windows(n: int) -> Integers:
    around = np.arange(n)[:, None] + np.arange(-(_WINDOW // 2), _WINDOW // 2 + 1)
    # Mirrored, so that an odd value at an end is not its own majority.
    mirrored = n - 1 - np.abs(n - 1 - np.abs(around))
    return np.asarray(np.clip(mirrored, 0, n - 1))


class Splits:
    """The best places to split a series, segment by segment, each computed once.

    The gain of a split is the drop of the weighted sum of squares. A segment that is not worth
    splitting as a whole may hold an interval that is: a bump in a quiet series raises neither
    side's mean. So the intervals of half, a quarter, ... of the length, half overlapping, are
    looked at as well (seeded binary segmentation: Kovacs, Buehlmann, Li and Munk, Biometrika
    2023).

    Args:
        values: (builds,) locations, clipped.
        noise: what the builds weigh.
        least: builds on each side of a split.
    """

    def __init__(self, values: Floats, noise: Noise, *, least: int) -> None:
        self._least = least
        self._weight = np.concatenate(([0.0], noise.weights.cumsum()))
        self._total = np.concatenate(([0.0], (noise.weights * (values - values.mean())).cumsum()))
        self._best: dict[tuple[int, int], tuple[int, float]] = {}
        self._promising: _Promising | None = None

    def over(self, penalty: float, seeded: float) -> list[int]:
        """Splits that gain more than the penalty, ascending; more than ``seeded`` in an interval.

        Gains are in units of the variance that the noise of the constructor had.
        """
        n = len(self._weight) - 1
        seeds = self._seeds().over(seeded)
        found: list[int] = []
        open_segments = [(0, n)]
        while open_segments:
            start, stop = open_segments.pop()
            split, gain = self._of(start, stop)
            if gain <= penalty:
                split = seeds.inside(start, stop)
                if not split:
                    continue
            found.append(split)
            open_segments += [(start, split), (split, stop)]
        return sorted(found)

    def _of(self, start: int, stop: int) -> tuple[int, float]:
        known = self._best.get((start, stop))
        if known is None:
            first, last = start + self._least, stop - self._least
            known = (0, -1.0)
            if first <= last:
                gains = self._gains(start, slice(first, last + 1), stop)
                at = int(gains.argmax())
                known = (first + at, float(gains[at]))
            self._best[start, stop] = known
        return known

    def _seeds(self) -> _Promising:
        if self._promising is None:
            seeds = _intervals(len(self._weight) - 1, self._least)
            gains = self._gains(seeds.starts, seeds.splits, seeds.stops)
            best = np.maximum.reduceat(gains, seeds.offsets) if gains.size else gains
            tops = np.flatnonzero(gains == np.repeat(best, seeds.sizes))
            first = tops[np.searchsorted(tops, seeds.offsets)]
            self._promising = _Promising(
                seeds.starts[first], seeds.splits[first], seeds.stops[first], best
            )
        return self._promising

    def _gains(self, start: int | Integers, at: slice | Integers, stop: int | Integers) -> Floats:
        left = self._weight[at] - self._weight[start]
        whole = self._weight[stop] - self._weight[start]
        mean = (self._total[stop] - self._total[start]) / whole
        away = self._total[at] - self._total[start] - mean * left
        return np.asarray(away**2 * whole / (left * (whole - left)), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class _Promising:
    """Intervals with their best split and its gain."""

    starts: Integers
    splits: Integers
    stops: Integers
    gains: Floats

    def over(self, gain: float) -> _Promising:
        kept = self.gains > gain
        return _Promising(self.starts[kept], self.splits[kept], self.stops[kept], self.gains[kept])

    def inside(self, start: int, stop: int) -> int:
        """The best split of an interval within start and stop; 0: there is none."""
        if not self.gains.size:
            return 0
        gains = np.where((self.starts >= start) & (self.stops <= stop), self.gains, -1.0)
        at = int(gains.argmax())
        return int(self.splits[at]) if gains[at] >= 0 else 0


@dataclass(frozen=True, slots=True)
class _Intervals:
    """Every split of every interval of a series of one length, flat."""

    starts: Integers
    splits: Integers
    stops: Integers
    #: where each interval begins in the flat arrays, and how many splits it has
    offsets: Integers
    sizes: Integers


@lru_cache(maxsize=64)
def _intervals(n: int, least: int) -> _Intervals:
    shortest = 8 * least - 4
    bounds: list[tuple[int, int]] = []
    length = n / 2
    while length >= shortest:
        count = 2 * int(np.ceil(n / length)) - 1
        begins = np.linspace(0, n - length, count)
        bounds += [(int(begin), min(int(np.ceil(begin + length)), n)) for begin in begins]
        length /= 2
    splits = [np.arange(start + least, stop - least + 1) for start, stop in bounds]
    sizes = np.array([one.size for one in splits], dtype=np.int64)
    return _Intervals(
        np.repeat(np.array([start for start, _ in bounds], dtype=np.int64), sizes),
        np.concatenate([*splits, np.array([], dtype=np.int64)]),
        np.repeat(np.array([stop for _, stop in bounds], dtype=np.int64), sizes),
        np.cumsum(sizes) - sizes,
        sizes,
    )
