"""Where a series may change: cheap, generous, decided elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import log

import numpy as np

from tracker.statistics.arrays import Floats, Integers
from tracker.statistics.noise import Noise

#: builds in the running median, and standard deviations beyond which a value is clipped
_WINDOW = 7
_CLIP = 3.0
#: shortest interval that is searched on its own
_SHORTEST = 4


def candidates(centres: Floats, noise: Noise) -> list[int]:
    """Indices that may begin a new level, ascending; neither 0 nor len(centres).

    Binary segmentation by the drop of the weighted sum of squares, over the segment and the
    seeded intervals inside it, with the penalty ``2 ln n`` (Kovacs, Li, Buehlmann and Munk,
    Biometrika 2023), on values clipped about a running median; and the edges of short bumps,
    which the clipping hides.
    """
    middle = _running_median(centres)
    away = (centres - middle) / noise.sd
    clipped = middle + np.clip(away, -_CLIP, _CLIP) * noise.sd
    found = set(_segmented(clipped, 1 / noise.sd**2))
    side = np.where(np.abs(away) > _CLIP, np.sign(away), 0)
    found.update(int(i) + 1 for i in np.flatnonzero(np.diff(side)))
    return sorted(found)


def _running_median(values: Floats) -> Floats:
    half = _WINDOW // 2
    padded = np.concatenate((np.full(half, values[0]), values, np.full(half, values[-1])))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)
    return np.asarray(np.partition(windows, half, axis=1)[:, half], dtype=np.float64)


_EMPTY: Integers = np.array([], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _Seeds:
    """Every split of every seeded interval of a series of one length, flat."""

    starts: Integers
    splits: Integers
    stops: Integers
    #: where each interval begins in the flat arrays
    offsets: Integers


@lru_cache(maxsize=64)
def _seeds(n: int) -> _Seeds:
    intervals: list[tuple[int, int]] = []
    length = n / 2
    while length >= _SHORTEST:
        count = 2 * int(np.ceil(n / length)) - 1
        begins = np.linspace(0, n - length, count)
        intervals += [(int(begin), min(int(np.ceil(begin + length)), n)) for begin in begins]
        length /= 2
    sizes = [stop - start - 1 for start, stop in intervals]
    return _Seeds(
        np.repeat([start for start, _ in intervals], sizes).astype(np.int64),
        np.concatenate([np.arange(a + 1, b) for a, b in intervals] or [_EMPTY]),
        np.repeat([stop for _, stop in intervals], sizes).astype(np.int64),
        np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.int64) if sizes else _EMPTY,
    )


def _segmented(values: Floats, weights: Floats) -> list[int]:
    n = len(values)
    penalty = 2 * log(max(n, 2))
    weight = np.concatenate(([0.0], np.cumsum(weights)))
    total = np.concatenate(([0.0], np.cumsum(weights * (values - values.mean()))))

    def gains(start: Integers | int, split: Integers, stop: Integers | int) -> Floats:
        left, right = weight[split] - weight[start], weight[stop] - weight[split]
        step = (total[split] - total[start]) / left - (total[stop] - total[split]) / right
        return np.asarray(step**2 * left * right / (left + right), dtype=np.float64)

    starts, splits, stops, seeded = _promising(gains, n, penalty)
    found: list[int] = []
    open_segments = [(0, n)]
    while open_segments:
        start, stop = open_segments.pop()
        if stop - start < 2:
            continue
        inner = np.arange(start + 1, stop)
        own = gains(start, inner, stop)
        split, best = int(inner[np.argmax(own)]), float(own.max())
        inside = (starts >= start) & (stops <= stop)
        if inside.any():
            at = int(np.argmax(np.where(inside, seeded, -1.0)))
            if seeded[at] > best:
                split, best = int(splits[at]), float(seeded[at])
        if best > penalty:
            found.append(split)
            open_segments += [(start, split), (split, stop)]
    return found


def _promising(
    gains: Callable[[Integers, Integers, Integers], Floats], n: int, penalty: float
) -> tuple[Integers, Integers, Integers, Floats]:
    """The best split of each seeded interval that gains more than the penalty."""
    seeds = _seeds(n)
    if not seeds.offsets.size:
        return _EMPTY, _EMPTY, _EMPTY, np.array([])
    values = gains(seeds.starts, seeds.splits, seeds.stops)
    best = np.maximum.reduceat(values, seeds.offsets)
    sizes = np.diff(np.append(seeds.offsets, values.size))
    chosen = np.flatnonzero((values > penalty) & (values == np.repeat(best, sizes)))
    return seeds.starts[chosen], seeds.splits[chosen], seeds.stops[chosen], values[chosen]
