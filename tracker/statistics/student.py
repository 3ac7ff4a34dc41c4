"""Student's t: all that is needed of it, exact also far out in its tails."""

from __future__ import annotations

from functools import lru_cache
from math import exp, inf, lgamma, log, log1p, pi, sqrt
from statistics import NormalDist

#: relative error at which a series or an iteration has arrived
_PRECISION = 1e-15
_TINY = 1e-300
_MOST_STEPS = 10_000


def upper_tail(t: float, freedom: float) -> float:
    """Chance of a value above t >= 0; the freedom need not be whole.

    Half of the regularized incomplete beta function ``I_x(freedom / 2, 1 / 2)`` at
    ``x = freedom / (freedom + t^2)`` (Abramowitz and Stegun 26.7.1).
    """
    if t == 0:
        return 0.5
    if t == inf:
        return 0.0
    a, b = freedom / 2, 0.5
    # logarithms of x and of 1 - x, neither of which loses digits against 1
    log_x, log_rest = -log1p(t * t / freedom), -log1p(freedom / t / t)
    front = a * log_x + b * log_rest + lgamma(a + b) - lgamma(a) - lgamma(b)
    x = exp(log_x)
    if x < (a + 1) / (a + b + 2):
        return 0.5 * exp(front) / a * _continued(a, b, x)
    return 0.5 - 0.5 * exp(front) / b * _continued(b, a, exp(log_rest))


def _continued(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method.

    DLMF 8.17.22; converges quickly for x < (a + 1) / (a + b + 2).
    """
    numerator = 1.0
    denominator = 1 / _not_zero(1 - (a + b) * x / (a + 1))
    value = denominator
    for m in range(1, _MOST_STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for factor in (even, odd):
            denominator = 1 / _not_zero(1 + factor * denominator)
            numerator = _not_zero(1 + factor / numerator)
            value *= numerator * denominator
        if abs(numerator * denominator - 1) < _PRECISION:
            break
    return value


def _not_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


@lru_cache(maxsize=4096)
def upper_quantile(tail: float, freedom: float) -> float:
    """The t above which lies a share ``tail`` of the distribution; 0 < tail <= 1/2.

    Newton's method on the logarithms of t and of the tail, whose relation is concave: from the
    second step on it comes down to the solution from above.
    """
    t = -NormalDist().inv_cdf(tail)
    if t <= 0:
        return 0.0
    for _ in range(100):
        above = upper_tail(t, freedom)
        step = (log(above) - log(tail)) * above / (t * _density(t, freedom))
        t *= exp(step)
        if abs(step) < 1e-13:
            break
    return t


def _density(t: float, freedom: float) -> float:
    scale = lgamma((freedom + 1) / 2) - lgamma(freedom / 2)
    return exp(scale - (freedom + 1) / 2 * log1p(t * t / freedom)) / sqrt(freedom * pi)
