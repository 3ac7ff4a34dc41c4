"""Intervals from the values themselves, without a distribution."""

from __future__ import annotations

from math import inf

import numpy as np

from tracker.statistics.arrays import Floats

#: values that a side needs before drawing them anew says anything
FEWEST = 3
#: draws: the ends of a 95 % interval then wobble by a few hundredths of its width
_DRAWS = 4_000


def median_ratio(above: Floats, below: Floats) -> tuple[float, float, float]:
    """Ratio of two medians with its 95 % interval (low, high), by the percentile bootstrap.

    Both sides are drawn anew with replacement, each on its own (Efron and Tibshirani, An
    Introduction to the Bootstrap, 1993, chapters 8 and 13). The same values give the same interval.
    It is (0, infinity) where a side has fewer than three values.

    Args:
        above: (n,) positive values, one a process.
        below: (m,) the same of what it is divided by.
    """
    ratio = float(np.median(above) / np.median(below))
    if min(above.size, below.size) < FEWEST:
        return ratio, 0.0, inf
    random = np.random.default_rng(0)
    medians = [
        np.median(random.choice(values, (_DRAWS, values.size)), axis=1) for values in (above, below)
    ]
    low, high = np.percentile(medians[0] / medians[1], (2.5, 97.5))
    return ratio, float(low), float(high)
