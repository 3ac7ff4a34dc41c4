"""Durations and sizes as people write them."""

from __future__ import annotations

import re

_QUANTITY = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*([A-Za-z]*)\s*")
_SECONDS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_BYTES = {
    "": 1,
    "b": 1,
    **{f"{letter}b": 1000.0**power for power, letter in enumerate("kmgt", 1)},
    **{f"{letter}ib": 1024.0**power for power, letter in enumerate("kmgt", 1)},
}


def seconds(value: object) -> float:
    """``90``, ``"90s"``, ``"20ms"``, ``"10m"``, ``"1.5h"`` as seconds.

    Raises:
        ValueError: with what would have been right.
    """
    number, unit = _split(value)
    if unit not in _SECONDS:
        raise ValueError("a duration such as 90, 90s, 20ms, 10m or 1h")
    return number * _SECONDS[unit]


def byte_count(value: object) -> int:
    """``1000``, ``"4GiB"``, ``"500MB"`` as bytes.

    Raises:
        ValueError: with what would have been right.
    """
    number, unit = _split(value)
    if unit.lower() not in _BYTES:
        raise ValueError("a size such as 1000, 4GiB or 500MB")
    return round(number * _BYTES[unit.lower()])


def _split(value: object) -> tuple[float, str]:
    """Number and unit; a unit that nobody knows where the value is no quantity at all."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf"):
        return float(value), ""
    found = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    return (float(found[1]), found[2]) if found else (0.0, "?")
