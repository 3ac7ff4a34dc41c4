"""When is a benchmark warm, and how loud is it? Pure functions of lists of seconds."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Sequence

#: batches in each of the two windows that are compared
WINDOW = 5
#: relative difference of levels that is never worth more warm-up
TOLERANCE = 0.02
#: a level that changes within the samples: by so many of its standard errors, and relative
_SHIFT_ERRORS = 6.0
_SHIFT = 0.1
#: samples on each side that tell a level
_LEVEL = 4

#: from the median absolute deviation to the standard deviation of a normal distribution
_MAD_TO_SIGMA = 1.4826
#: standard error of a median over that of a mean, for a normal distribution: sqrt(pi / 2)
_MEDIAN_PENALTY = 1.2533


def median(values: Sequence[float]) -> float:
    """Return the middle value; the statistics module would cost milliseconds to import."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def spread(values: Sequence[float]) -> float:
    """Robust standard deviation: the median absolute deviation, scaled."""
    middle = median(values)
    return _MAD_TO_SIGMA * median([abs(value - middle) for value in values])


def variation(values: Sequence[float]) -> float:
    """Robust coefficient of variation; 0 for a single value."""
    middle = median(values)
    return spread(values) / abs(middle) if middle else 0.0


def slope(values: Sequence[float]) -> float:
    """Theil-Sen slope: the median over all pairs (Sen, JASA 1968); 0 for a single value."""
    pairs = [
        (values[j] - values[i]) / (j - i)
        for i in range(len(values))
        for j in range(i + 1, len(values))
    ]
    return median(pairs) if pairs else 0.0


def steady(curve: Sequence[float], window: int = WINDOW) -> bool:
    """Whether the last window and the one before agree in level, and neither goes anywhere.

    They agree within twice the standard error that their own noise gives to the
    difference of two medians, or within ``TOLERANCE``, whichever is wider.
    """
    if len(curve) < 2 * window:
        return False
    before, recent = curve[-2 * window : -window], curve[-window:]
    level = median(recent)
    noise = max(spread(before), spread(recent))
    allowed = max(TOLERANCE * level, 2 * _MEDIAN_PENALTY * noise * (2 / window) ** 0.5)
    return bool(
        abs(level - median(before)) <= allowed
        and abs(slope(recent)) * (window - 1) <= allowed
        and abs(slope(before)) * (window - 1) <= 2 * allowed
    )


def shifted(samples: Sequence[float]) -> int:
    """Where the samples go on at another level; 0 where they do not.

    Compares the medians before and after each place with the noise within both; the clearest
    place counts, if it is clear: six standard errors, and a tenth of the level.
    """
    best, place = 0.0, 0
    for cut in range(_LEVEL, len(samples) - _LEVEL + 1):
        before, after = samples[:cut], samples[cut:]
        level, step = median(before), abs(median(after) - median(before))
        # two-valued samples have no spread around their median
        noise = max(_deviation(before), _deviation(after), 1e-3 * level)
        error = _MEDIAN_PENALTY * noise * (1 / len(before) + 1 / len(after)) ** 0.5
        if step > _SHIFT * level and step > max(best, _SHIFT_ERRORS) * error:
            best, place = step / error, cut
    return place


def _deviation(values: Sequence[float]) -> float:
    """Standard deviation by the mean distance from the median, for a normal distribution."""
    middle = median(values)
    return _MEDIAN_PENALTY * sum(abs(value - middle) for value in values) / len(values)
