"""Location and scale that single odd values do not move."""

from __future__ import annotations

import numpy as np

from tracker.statistics.arrays import Floats

#: first quartile of the absolute difference of two standard normal values, inverted
_QN = 2.2191
#: E min(z^2, 2.5^2) for a standard normal z
_HUBER_MEAN = 0.97759
_HUBER_CUT = 2.5
#: 95 % efficiency at the normal distribution
_BIWEIGHT_CUT = 4.685
#: standard deviation of a normal distribution over its median absolute deviation
_MAD = 1.4826


def median(values: Floats) -> float:
    """The median of values of which none is missing; ten times as fast as numpy's for a few."""
    ordered = np.sort(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return float(ordered[middle])
    return float(ordered[middle - 1] + ordered[middle]) / 2


def variation(values: Floats) -> float:
    """Robust coefficient of variation: 1.4826 times the median absolute deviation, over the median.

    0 for a single value, and around a median of 0.
    """
    middle = median(values)
    return _MAD * median(np.abs(values - middle)) / abs(middle) if middle else 0.0


def row_medians(rows: Floats) -> Floats:
    """The median of each row of (n, k), NaN ignored; NaN for a row without values."""
    ordered = np.sort(rows, axis=1)  # NaN comes last
    counts = np.count_nonzero(~np.isnan(rows), axis=1)
    index = np.arange(len(rows))
    low = ordered[index, np.maximum(counts - 1, 0) // 2]
    high = ordered[index, np.minimum(counts // 2, max(rows.shape[1] - 1, 0))]
    return np.where(counts > 0, (low + high) / 2, np.nan)


def pair_differences(rows: Floats) -> Floats:
    """Absolute differences of all pairs within each row of (n, k), in one flat array."""
    first, second = np.triu_indices(rows.shape[1], k=1)
    differences = np.abs(rows[:, first] - rows[:, second]).ravel()
    return differences[~np.isnan(differences)]


def pooled_scale(rows: Floats) -> float:
    """Standard deviation of the core of the values around their row's location.

    ``Qn = 2.22 * first quartile of |x_i - x_j|``, pairs taken within rows of (n, k) and pooled
    over all of them; no location is needed, half of the pairs may be odd (Rousseeuw and Croux,
    JASA 1993, section 3). Where a quarter of the pairs are ties, Huber's scale of the pairs
    stands in. 0 without pairs.
    """
    differences = pair_differences(rows)
    if not differences.size:
        return 0.0
    core = _QN * float(np.quantile(differences, 0.25))
    return core if core > 0 else huber_scale(differences) / float(np.sqrt(2))


def huber_scale(residuals: Floats) -> float:
    """The s with ``mean(min(r^2 / s^2, 2.5^2)) = 0.9776``: Huber's proposal 2 about zero.

    Takes ties, two levels of noise and a few per cent of far values (Huber, Annals of
    Mathematical Statistics 1964, section 6; Huber and Ronchetti, Robust Statistics 2009, 5.3).
    """
    squares = np.sort(residuals**2)
    n = squares.size
    if not n or squares[-1] == 0:
        return 0.0
    # With the k largest clipped: s^2 = sum of the others / (0.9776 n - 6.25 k). The solution is
    # the k whose s clips exactly those k.
    clipped = np.arange(int(_HUBER_MEAN * n / _HUBER_CUT**2) + 1)
    room = _HUBER_MEAN * n - _HUBER_CUT**2 * clipped
    sums = np.concatenate(([0.0], np.cumsum(squares)))[n - clipped]
    variance = np.where(room > 0, sums / np.where(room > 0, room, 1.0), np.inf)
    fits = squares[n - clipped - 1] <= _HUBER_CUT**2 * variance
    return float(np.sqrt(variance[np.argmax(fits)])) if fits.any() else float(np.sqrt(squares[-1]))


def biweight(rows: Floats, scale: float) -> tuple[Floats, float]:
    """Location of each row, and the variance of such a location times the number of values.

    Tukey's biweight of the rows of (n, k) with one scale known for all of them, three steps from
    the median: ``m = sum(w x) / sum(w)``, ``w = (1 - (r / 4.685 s)^2)^2``. The variance is
    ``mean(psi^2) / mean(psi')^2``, pooled over the rows (Huber and Ronchetti 2009, 6.3), times
    ``n / (n - 1)`` for the location that was fitted to each row of n values.
    """
    centre = row_medians(rows)
    if scale <= 0:
        return centre, 0.0
    counts = np.count_nonzero(~np.isnan(rows), axis=1)
    for _ in range(3):
        weights = _weights(rows - centre[:, None], scale)
        totals = weights.sum(axis=1)
        steps = np.nansum(weights * (rows - centre[:, None]), axis=1)
        centre = centre + steps / np.where(totals > 0, totals, 1.0)
    several = counts > 1
    if not several.any():
        return centre, 0.0
    residuals = (rows - centre[:, None])[several]
    weights = _weights(residuals, scale)
    unit = np.minimum((np.nan_to_num(residuals) / (_BIWEIGHT_CUT * scale)) ** 2, 1.0)
    slope = np.where(np.isnan(residuals), 0.0, (1 - unit) * (1 - 5 * unit)).sum()
    spread = float(np.nansum((residuals * weights) ** 2))
    total = float(counts[several].sum())
    freedom = total / (total - float(several.sum()))
    # A pooled slope under a quarter means that hardly any value is in the core.
    return centre, freedom * (spread / total) / max(float(slope) / total, 0.25) ** 2


def _weights(residuals: Floats, scale: float) -> Floats:
    unit = np.minimum((np.nan_to_num(residuals) / (_BIWEIGHT_CUT * scale)) ** 2, 1.0)
    return np.where(np.isnan(residuals), 0.0, (1 - unit) ** 2)
