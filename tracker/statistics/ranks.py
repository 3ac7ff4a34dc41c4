"""Do the values of one side lie beyond those of the other, whatever their distribution?"""

from __future__ import annotations

from math import comb, erfc, sqrt

import numpy as np

from tracker.statistics.arrays import Floats

#: smaller side up to which the distribution is computed, not approximated
_EXACT = 12


def discordant(low: Floats, high: Floats) -> float:
    """Pairs in which the value of ``high`` is below that of ``low``; a tie counts one half."""
    ordered = np.sort(low)
    below = np.searchsorted(ordered, high, side="left")
    below_or_equal = np.searchsorted(ordered, high, side="right")
    return float(low.size * high.size) - float((below + below_or_equal).sum()) / 2


def mann_whitney(a: Floats, b: Floats) -> float:
    """Two-sided p-value of the Mann-Whitney test; 1 for an empty side.

    Exact while the smaller side has at most 12 values, from the generating function of the
    number of discordant pairs, ``prod (1 - q^(n+i)) / (1 - q^i), i = 1..m``; a tied pair counts
    against the smaller tail (Mann and Whitney, Annals of Mathematical Statistics 1947, section
    4). Beyond that the normal approximation with the correction for ties (Lehmann,
    Nonparametrics 1975, section 1.5).
    """
    m, n = sorted((a.size, b.size))
    if m == 0:
        return 1.0
    pairs = discordant(a, b)
    tail = min(pairs, m * n - pairs)
    if m <= _EXACT:
        return min(1.0, 2 * _exact_tail(m, n, int(np.ceil(tail))))
    total = m + n
    ties = _runs(np.sort(np.concatenate((a, b))))
    variance = m * n / 12 * (total + 1 - float((ties**3 - ties).sum()) / (total * (total - 1)))
    if variance <= 0:
        return 1.0
    return min(1.0, erfc(max(m * n / 2 - tail - 0.5, 0.0) / sqrt(2 * variance)))


def _runs(ordered: Floats) -> Floats:
    """How often each value stands there."""
    starts = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
    return np.diff(starts, prepend=0, append=ordered.size).astype(np.float64)


def _exact_tail(m: int, n: int, pairs: int) -> float:
    """Chance of at most so many discordant pairs when all orders are equally likely."""
    ways = np.zeros(pairs + 1)
    ways[0] = 1.0
    for i in range(1, m + 1):
        if n + i <= pairs:
            ways[n + i :] -= ways[: -(n + i)].copy()
        if i <= pairs:
            for start in range(i):
                ways[start::i] = np.cumsum(ways[start::i])
    return float(ways.sum()) / comb(m + n, m)
