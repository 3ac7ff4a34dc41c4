"""What a machine and a suite can see, and how often they see what is not there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibratedCell:
    """One metric of one cell, held against itself."""

    #: key of the cell
    cell: str
    title: str
    metric: str
    #: standard deviation of a process beside its partner, log units
    noise: float
    #: the smallest change that all rounds together would have shown with 80 % power
    mde: float
    #: rounds until "the same" was known, on average
    rounds: float
    #: seconds that a pair of processes takes
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """How often a change of one size is found, in the right direction."""

    #: relative: 0.05 is 5 % more
    size: float
    found: int
    tried: int

    @property
    def share(self) -> float:
        return self.found / self.tried if self.tried else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The tracker, measured by itself."""

    machine_class: str
    suite_hash: str
    profile: str
    #: aware, UTC
    at: datetime
    #: decisions between a build and itself, and how many of them saw a change
    decisions: int
    alarms: int
    powers: tuple[Power, ...]
    cells: tuple[CalibratedCell, ...]
    #: measuring of one more commit of a history, all cells
    seconds_a_commit: float

    @property
    def alarm_share(self) -> float:
        return self.alarms / self.decisions if self.decisions else 0.0

    @property
    def most_without_alarms(self) -> float:
        """The largest share of false alarms that is likely to have shown none of them, 95 %.

        The exact bound of Clopper and Pearson (Biometrika 1934) for none among so many.
        """
        return float(1 - 0.05 ** (1 / self.decisions)) if self.decisions else 1.0

    @property
    def seconds_a_comparison(self) -> float:
        """Measuring until it is known that two commits are the same."""
        return sum(cell.rounds * cell.seconds for cell in self.cells)

    @property
    def scales(self) -> dict[tuple[str, str], float]:
        """(cell key, metric) -> its noise; of a cell without any there is nothing to know."""
        return {(cell.cell, cell.metric): cell.noise for cell in self.cells if cell.noise > 0}

    def alarms_a_hundred_commits(self) -> float:
        """False alarms when a hundred commits are each held against the one before."""
        return 100 * len(self.cells) * self.alarm_share
