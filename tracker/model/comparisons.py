"""Two commits against each other."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.model.cells import Coordinate
from tracker.model.findings import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One metric of one cell at both sides."""

    #: key of the cell
    cell: str
    #: of the head, or of the base where the head has none
    coordinate: Coordinate
    #: hashes of the series; empty for a side that has none
    base_series: str
    head_series: str
    #: None where a side gave no values
    verdict: Verdict | None
    #: typical values of the sides, in the unit of the series
    base: float | None
    head: float | None
    #: pairs of processes behind the verdict
    rounds: int
    #: is there no need for another round?
    decided: bool
    #: why there is no verdict, or what its reader must know
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Geomean:
    """The mean ratio of a group of cells: exp of the mean of their log ratios."""

    #: the metric that the group has in common
    metric: str
    cells: int
    #: head/base minus one
    effect: float
