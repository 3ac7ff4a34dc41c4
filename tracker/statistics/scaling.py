"""How much more gets done when a call is given more: throughput, efficiency and knee of a curve."""

from __future__ import annotations

from math import fsum, sqrt

import numpy as np
from scipy.special import chdtrc, ndtr, ndtri

from tracker.statistics.arrays import Floats

#: S of Kneedle: how far below its maximum the curve has to fall, in mean distances of two sizes
SENSITIVITY = 1.0
#: a curve whose largest throughput is less than so many times its smallest does not grow at all
FLAT = 1.1
#: half of the 95 % interval of the normal distribution
_HALF = 1.959964
#: two-sided p-values below it are as good as none
_LEAST = 1e-300


def throughputs(sizes: Floats, times: Floats) -> Floats:
    """Things handled in a second: size over the seconds of a call, element by element."""
    return np.asarray(sizes / times)


def efficiencies(sizes: Floats, rates: Floats) -> Floats:
    """Throughput over what linear scaling from the smallest size would give; 1 at that size.

    Args:
        sizes: (n,) ascending.
        rates: (n,) throughput at each size.
    """
    return np.asarray(rates / (rates[0] * sizes / sizes[0]))


def knee(sizes: Floats, rates: Floats) -> float | None:
    """The size from which on more no longer pays; None where throughput grows to the last size.

    Kneedle (Satopaa, Albrecht, Irwin and Raghavan, "Finding a 'Kneedle' in a Haystack", ICDCSW
    2011): sizes and throughputs are put on [0, 1]; the knee is the largest maximum of their
    difference ``y - x`` after which it falls by ``S`` mean distances of neighbouring sizes, S = 1.
    The measured sizes are few and exact, so the curve is not smoothed. A curve that does not grow
    by a tenth is over its knee at its smallest size.

    Args:
        sizes: (n,) ascending, n >= 3.
        rates: (n,) throughput at each size, positive.
    """
    if rates.max() < FLAT * rates[0]:
        return float(sizes[0])
    x = (sizes - sizes[0]) / (sizes[-1] - sizes[0])
    low, high = rates.min(), rates.max()
    difference = (rates - low) / (high - low) - x
    at = int(np.argmax(difference))
    fall = SENSITIVITY * float(np.mean(np.diff(x)))
    if at == len(sizes) - 1 or difference[at:].min() > difference[at] - fall:
        return None
    return float(sizes[at])


def common_change(p: Floats, signs: Floats) -> tuple[float, float]:
    """What points say together: two-sided p-value against "none changed", and which way, +1 or -1.

    Stouffer's method: ``Z = sum(sign * z) / sqrt(n)`` with ``z`` the normal quantile of ``1 - p/2``
    (Stouffer et al., The American Soldier, 1949; Whitlock, Journal of Evolutionary Biology 2005).

    Args:
        p: (n,) two-sided p-values, 1 where a point did not change.
        signs: (n,) the way that it changed: +1 or -1.
    """
    z = -ndtri(np.maximum(p, _LEAST) / 2)
    total = fsum((signs * z).tolist()) / sqrt(len(p))
    return float(2 * ndtr(-abs(total))), 1.0 if total > 0 else -1.0


def shape_p(steps: Floats, halves: Floats) -> float | None:
    """P-value against "all points changed by one ratio"; None where fewer than two can tell.

    Cochran's Q: ``sum(w (d - mean)^2)`` with ``w = 1 / se^2`` is chi-squared with n - 1 degrees of
    freedom (Cochran, Biometrics 1954).

    Args:
        steps: (n,) logarithms of the ratio after/before.
        halves: (n,) half of their 95 % intervals; infinite: knows nothing.
    """
    told = np.isfinite(halves) & (halves > 0)
    if np.count_nonzero(told) < 2:
        return None
    weights = (_HALF / halves[told]) ** 2
    steps = steps[told]
    mean = np.sum(weights * steps) / np.sum(weights)
    return float(chdtrc(len(steps) - 1, np.sum(weights * (steps - mean) ** 2)))
