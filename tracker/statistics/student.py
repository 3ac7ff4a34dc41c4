"""Student's t, as scipy computes it; exact also far out in its tails."""

from __future__ import annotations

from functools import lru_cache

from scipy.special import stdtr, stdtrit


def upper_tail(t: float, freedom: float) -> float:
    """Chance of a value above t >= 0; the freedom need not be whole."""
    return float(stdtr(freedom, -t))


@lru_cache(maxsize=4096)
def upper_quantile(tail: float, freedom: float) -> float:
    """The t above which lies a share ``tail`` of the distribution; 0 < tail <= 1/2."""
    return -float(stdtrit(freedom, tail))
