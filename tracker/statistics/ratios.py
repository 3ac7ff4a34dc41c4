"""Ratios of several things, as one. Without numpy: commands that only print need it too."""

from __future__ import annotations

from collections.abc import Sequence
from math import expm1, fsum, hypot, inf, log1p


def mean_ratio(effects: Sequence[tuple[float, float, float]]) -> tuple[float, float, float]:
    """Geometric mean of ratios with its interval, both as ratio minus one.

    The errors of the ratios are independent, so they add as squares.

    Args:
        effects: each as (effect, low, high): ratio minus one and the ends of its interval.

    Returns:
        effect, low and high; an interval that does not end where one of the ratios has such a one.
    """
    mean = fsum(_log(effect) for effect, _, _ in effects) / len(effects)
    if mean == -inf or any(low <= -1 or high == inf for _, low, high in effects):
        return expm1(mean), -1.0, inf
    half = hypot(*((log1p(high) - log1p(low)) / 2 for _, low, high in effects)) / len(effects)
    return expm1(mean), expm1(mean - half), expm1(mean + half)


def _log(effect: float) -> float:
    return log1p(effect) if effect > -1 else -inf
