"""Everything that a reader of a comparison sees, as one value. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tracker.model.calibrations import Calibration
from tracker.model.commits import Commit
from tracker.model.comparisons import Compared, ComparedCurve, Geomean
from tracker.model.findings import Outcome
from tracker.model.machines import Machine
from tracker.model.suites import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two sides and what became of each metric of each cell."""

    project: str
    #: link to a commit, with ``{sha}`` or ``{label}``; empty where there is none
    commit_url: str
    base: Commit
    head: Commit
    #: cells in their order, the main metric of each first
    rows: tuple[Compared, ...]
    #: the scaling curves among them
    curves: tuple[ComparedCurve, ...] = ()
    #: key of a cell -> how it is called
    names: Mapping[str, str]
    #: one a metric, over the cells that have a verdict
    geomeans: tuple[Geomean, ...]
    #: names of cells that install the same on both sides
    identical: tuple[str, ...]
    machine: Machine
    #: by the policy: an effect below it is no change
    practical: float
    #: of the machine and the suite; None where they never were
    calibration: Calibration | None
    #: wall seconds that it took
    seconds: float
    #: the command was told to compare what was stored
    stored: bool
    generated_at: datetime
    #: sentences about what a reader must know
    warnings: tuple[str, ...] = ()
    #: benchmark -> ``file:line`` within the suite, where that is known
    where: Mapping[str, str] = field(default_factory=dict, hash=False)

    def of(self, outcome: Outcome) -> tuple[Compared, ...]:
        """The rows with a verdict, largest change first."""
        rows = [row for row in self.rows if row.verdict and row.verdict.outcome is outcome]
        return tuple(sorted(rows, key=lambda row: row.size, reverse=True))

    def label(self, sha: str) -> str:
        """What a side is called."""
        return (self.base if sha == self.base.sha else self.head).label

    @property
    def is_faster_but_wrong(self) -> bool:
        """Did the head cost quality, and improve performance beside it?"""
        wrong = any(row.kind is Kind.quality for row in self.of(Outcome.slower))
        return wrong and any(row.kind is Kind.performance for row in self.of(Outcome.faster))

    @property
    def without(self) -> tuple[Compared, ...]:
        """The rows that have none."""
        return tuple(row for row in self.rows if row.verdict is None)

    @property
    def changed(self) -> tuple[Compared, ...]:
        """The rows that a reader must see: what changed, slower first, and what has no verdict."""
        return (*self.of(Outcome.slower), *self.of(Outcome.faster), *self.without)

    @property
    def telling(self) -> tuple[Compared, ...]:
        """The main row of each cell, and what of its other metrics changed or has no verdict."""
        mains = {row.cell.key: row for row in reversed(self.rows)}
        return tuple(row for row in self.rows if row is mains[row.cell.key] or not _is_quiet(row))


def _is_quiet(row: Compared) -> bool:
    return row.verdict is not None and row.verdict.outcome in (Outcome.same, Outcome.unknown)


def geomeans(rows: Sequence[Compared]) -> tuple[Geomean, ...]:
    """The mean ratio of each metric that several cells have (Fleming and Wallace, CACM 1986)."""
    ratios: dict[str, list[float]] = {}
    for metric, ratio in _ratios(rows):
        ratios.setdefault(metric, []).append(ratio)
    return tuple(
        Geomean(metric=metric, cells=len(logs), effect=math.expm1(math.fsum(logs) / len(logs)))
        for metric, logs in ratios.items()
        if len(logs) > 1
    )


def _ratios(rows: Sequence[Compared]) -> Iterator[tuple[str, float]]:
    for row in rows:
        if (
            row.verdict is not None
            and row.verdict.effect > -1
            and min(row.base or 0.0, row.head or 0.0) > 0
            and math.isfinite(row.verdict.effect)
        ):
            yield row.metric, math.log1p(row.verdict.effect)
