"""One reading of one sensor."""

from __future__ import annotations

from typing import NamedTuple


class Sensed(NamedTuple):
    """A channel, its unit, and its value now."""

    channel: str
    unit: str
    value: float
