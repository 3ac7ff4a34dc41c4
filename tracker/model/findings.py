"""What a maintainer should know, and the evidence for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import inf, log

from tracker.model.cells import NOT_APPLICABLE
from tracker.model.scaling import CurveChange
from tracker.model.suites import Kind


class Outcome(StrEnum):
    """The answer to: did it change?"""

    same = "same"
    faster = "faster"
    slower = "slower"
    unknown = "unknown"


class Magnitude(StrEnum):
    """How much a change is, for who sorts them by it."""

    very_small = "very small"
    small = "small"
    medium = "medium"
    large = "large"
    very_large = "very large"


#: ends of the classes: multiples of the smallest change that would have been seen, and per cent
_TIMES = (1.5, 3.0, 6.0, 12.0)
_RATIOS = (1.01, 1.03, 1.1, 1.3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """An answer with its evidence. Effects are ratios child/parent minus one: +0.05 is 5 % more.

    ``slower`` always means worse and ``faster`` better: for a metric where higher is
    better a drop is ``slower``.
    """

    outcome: Outcome
    effect: float
    #: confidence interval of the effect
    low: float
    high: float
    #: the smallest change that would have been found with 80 % power
    mde: float
    #: p-value against "no change"; 0 for exact counts that differ
    p: float

    @property
    def magnitude(self) -> Magnitude:
        """The mean, rounded down, of two classes: against the noise of the series, and as ratio.

        So +5 % is more on a steady series than on a loud one (as rustc-perf has it, whose ladder
        of multiples this is).
        """
        size = abs(log(1 + self.effect)) if self.effect > -1 else inf
        against_noise = sum(size >= times * log(1 + self.mde) for times in _TIMES)
        as_ratio = sum(size >= log(ratio) for ratio in _RATIOS)
        return list(Magnitude)[(against_noise + as_ratio) // 2]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePoint:
    """The first commit of a new level in a series."""

    #: index into the history's points of the first commit of the new level
    index: int
    verdict: Verdict
    #: levels before and after, in the unit of the series
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A slow slide of a series: many commits, none of which is the one."""

    #: indices into the history's points: the last on the old level, and the first on the new one
    first: int
    last: int
    verdict: Verdict
    #: levels before and after, in the unit of the series
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What detection says about one series."""

    series: str
    changes: tuple[ChangePoint, ...]
    #: index of the first point of each level, and its value: the line a chart draws
    levels: tuple[tuple[int, float], ...]
    #: where the line goes from level to level slowly
    drifts: tuple[Drift, ...] = ()
    #: relative standard deviation between the processes of one commit
    noise: float
    #: the smallest relative change that would have been found between two commits
    mde: float


class FindingKind(StrEnum):
    regression = "regression"
    improvement = "improvement"
    #: changed, where neither way is better
    shift = "shift"
    #: changed slowly over many commits, no single one of which did it
    drift = "drift"
    #: had values, now the benchmark is not there
    missing = "missing"
    #: had values, now fails
    failed = "failed"
    quality_drift = "quality-drift"
    #: a platform gives other values of a quality than the reference
    disagreement = "disagreement"
    environment_change = "environment-change"
    machine_change = "machine-change"


class Triage(StrEnum):
    """What people, or the tracker, decided about a finding."""

    open = "open"
    acknowledged = "acknowledged"
    investigating = "investigating"
    expected = "expected"
    #: set by the tracker when the level is back
    fixed = "fixed"
    false_alarm = "false-alarm"


#: with these there is nothing left to do
SETTLED = (Triage.expected, Triage.fixed, Triage.false_alarm)


class Confirmation(StrEnum):
    #: seen in the history, not measured again
    suspected = "suspected"
    confirmed = "confirmed"
    #: measured again, and it was not there
    refuted = "refuted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One series that a finding is about."""

    series: str
    #: benchmark with parameters
    title: str
    metric: str
    unit: str
    #: None for missing and failed
    verdict: Verdict | None
    before: float | None
    after: float | None
    #: multiplicity-corrected p-value over all cells of the commit
    q: float | None
    reason: str = ""
    #: of the series' coordinate, as what follows
    kind: Kind = Kind.performance
    dataset: str = NOT_APPLICABLE

    @property
    def is_better(self) -> bool:
        return self.verdict is not None and self.verdict.outcome is Outcome.faster


#: kinds that are bad news by a number
_WORSE = (FindingKind.regression, FindingKind.quality_drift, FindingKind.disagreement)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that happened at one commit, over one or many series."""

    kind: FindingKind
    #: SHA of the first commit that shows it; of a drift: the one that it has come to
    commit: str
    #: SHA of the last measured commit before it: commits in between were not measured; of a drift,
    #: the last commit on the old level
    after: str
    #: worst first
    effects: tuple[Effect, ...]
    confirmation: Confirmation = Confirmation.suspected
    triage: Triage = Triage.open
    #: SHA of the commit whose change this one undoes; empty for none
    takes_back: str = ""
    #: the scaling curves that some of the effects are points of
    curves: tuple[CurveChange, ...] = ()
    #: number in the store; None until stored
    id: int | None = None

    @property
    def headline(self) -> Effect:
        return self.effects[0]

    @property
    def is_settled(self) -> bool:
        """Is there nothing left to do about it?"""
        return self.triage in SETTLED

    @property
    def is_faster_but_wrong(self) -> bool:
        """Did the commit cost quality, and improve performance beside it?"""
        return self.kind is FindingKind.quality_drift and any(
            effect.kind is Kind.performance and effect.is_better for effect in self.effects
        )

    @property
    def is_worse(self) -> bool:
        """Did the project get worse by a number, at once or slowly?"""
        if self.kind is FindingKind.drift:
            verdict = self.headline.verdict
            return verdict is not None and verdict.outcome is Outcome.slower
        return self.kind in _WORSE


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A transition of a finding."""

    #: aware, UTC
    at: datetime
    #: a person, or "tracker"
    who: str
    #: the states from then on
    triage: Triage
    confirmation: Confirmation
    #: why
    note: str
