"""Many questions asked at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def benjamini_hochberg(p: Sequence[float]) -> tuple[float, ...]:
    """q-values of the p-values, in their order: ``q_(i) = min over j >= i of p_(j) m / j``.

    Calling everything with q <= x a change holds the expected share of false ones at x
    (Benjamini and Hochberg, JRSS B 1995; adjusted values: Yekutieli and Benjamini, Journal of
    Statistical Planning and Inference 1999).
    """
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values)
    scaled = values[order] * values.size / np.arange(1, values.size + 1)
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return tuple(float(q) for q in adjusted)


def holm(p: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p-values, in their order: ``max over j <= i of (m - j + 1) p_(j)``, at most 1.

    Calling everything at or below x a change holds the chance of any false one at x (Holm,
    Scandinavian Journal of Statistics 1979).
    """
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values)
    scaled = values[order] * np.arange(values.size, 0, -1)
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return tuple(float(one) for one in adjusted)
