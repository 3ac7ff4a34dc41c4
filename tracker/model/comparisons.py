"""Two commits against each other."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log1p

from tracker.model.cells import NOT_APPLICABLE, Cell
from tracker.model.commits import Commit
from tracker.model.findings import Verdict
from tracker.model.scaling import Bend, times_calls
from tracker.model.suites import Direction, Kind


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
    #: of the coordinate, as what follows
    kind: Kind = Kind.performance
    dataset: str = NOT_APPLICABLE

    @property
    def is_lost(self) -> bool:
        """The base has values, and the head has none."""
        return self.base is not None and self.head is None

    @property
    def is_new(self) -> bool:
        """The head has values, and the base has none."""
        return self.base is None and self.head is not None

    @property
    def size(self) -> float:
        """How large the change is, as a ratio up or down; what has no such ratio is the largest."""
        if self.verdict is None or self.verdict.effect <= -1:
            return inf
        return abs(log1p(self.verdict.effect))


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedCurve(Bend):
    """One metric of the cells that differ in a scaling parameter alone, at both sides."""

    #: benchmark with its other parameters
    title: str
    parameter: str
    metric: str
    #: size and its row, smallest size first
    points: tuple[tuple[float, Compared], ...]

    @property
    def sizes(self) -> tuple[float, ...]:
        return tuple(size for size, _ in self.points)

    @property
    def is_timed(self) -> bool:
        """Has it a throughput, and so a shape?"""
        return all(times_calls(row.metric, row.unit) and not row.exact for row in self.rows)

    @property
    def rows(self) -> tuple[Compared, ...]:
        return tuple(row for _, row in self.points)


@dataclass(frozen=True, slots=True, kw_only=True)
class Geomean:
    """The mean ratio of a group of cells: exp of the mean of their log ratios."""

    #: the metric that the group has in common
    metric: str
    cells: int
    #: head/base minus one
    effect: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Culprit:
    """The commit that changed a cell, or those of which one did."""

    #: oldest first; several where those before the last cannot be asked, or too little was told
    commits: tuple[Commit, ...]
    #: the last one before them
    before: Commit
    #: probability that it is among them
    chance: float
    #: the exact metric that told it; empty: timings did
    count: str
    #: what ``before`` and the last of them are to each other; None where they cannot be compared
    row: Compared | None
    #: the merge that brought them in, where it was entered
    merge: Commit | None = None

    @property
    def commit(self) -> Commit:
        """The last of them: the first one known to have the new level."""
        return self.commits[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bisected:
    """What a bisection found."""

    base: Commit
    head: Commit
    #: commits after the base, up to the head
    commits: int
    #: the main rows of all cells that were held against each other at the ends
    ends: tuple[Compared, ...]
    #: the one of them that was followed; None where none changed
    row: Compared | None
    #: oldest first
    culprits: tuple[Culprit, ...] = ()
    #: commits beside the ends that were asked, and those that could not be
    asked: int = 0
    unseen: tuple[Commit, ...] = ()
