"""Words for the arrays that the functions of this room share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: numbers, NaN where a value is missing
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def table(rows: list[tuple[float, ...]]) -> Floats:
    """Rows of different lengths as one array of shape (rows, longest), NaN at the ends."""
    width = max((len(row) for row in rows), default=0)
    filled = np.full((len(rows), width), np.nan)
    for row, values in zip(filled, rows, strict=True):
        row[: len(values)] = values
    return filled
