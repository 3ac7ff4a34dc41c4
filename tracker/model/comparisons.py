"""Two commits against each other."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.model.cells import Cell
from tracker.model.findings import Verdict
from tracker.model.suites import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One metric of one cell at both sides."""

    cell: Cell
    metric: str
    unit: str
    direction: Direction
    #: a count on which all processes agree
    exact: bool
    #: hashes of the series; empty for a side that gave no values
    base_series: str
    head_series: str
    #: None where a side gave no values, or the two must not be compared
    verdict: Verdict | None
    #: typical values of the sides, in the unit
    base: float | None
    head: float | None
    #: pairs of processes behind the verdict
    rounds: int
    #: why there is no verdict, or what its reader must know
    reason: str = ""

    @property
    def is_lost(self) -> bool:
        """The base has values, and the head has none."""
        return self.base is not None and self.head is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Geomean:
    """The mean ratio of a group of cells: exp of the mean of their log ratios."""

    #: the metric that the group has in common
    metric: str
    cells: int
    #: head/base minus one
    effect: float
