"""What becomes of a finding by itself: fixed when its level is back, open again when it returns,
expected when the project said so. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from tracker.findings.undoing import level_is_back
from tracker.model.findings import Effect, Finding, Judgement, Triage

#: states that a level which is back ends
_ENDED_BY_A_FIX = (Triage.open, Triage.acknowledged, Triage.investigating)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """A change that the project announced, in ``tracker-expected.yaml``."""

    #: a SHA, or its beginning; empty: the commit that brought the entry
    commit: str
    #: glob over titles of benchmarks with parameters
    benchmark: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Whether it announces all that a finding at this commit is about."""
        return finding.commit.startswith(self.commit) and all(
            fnmatchcase(effect.title, self.benchmark) for effect in finding.effects
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What the tracker decides by itself."""

    triage: Triage
    note: str


def own_decision(
    finding: Finding,
    judgements: Mapping[str, Judgement],
    expectations: Sequence[Expectation],
) -> Change | None:
    """The state that a stored finding should have instead of its own; None: it is right.

    Args:
        finding: as it is stored, with what people decided.
        judgements: series -> what detection says about it now.
        expectations: those that hold at the finding's commit.
    """
    if finding.triage is Triage.open:
        for expectation in expectations:
            if expectation.covers(finding):
                return Change(triage=Triage.expected, note=expectation.reason)
    back = is_back(finding, judgements)
    if back and finding.triage in _ENDED_BY_A_FIX:
        return Change(triage=Triage.fixed, note="the level is back")
    if back is False and finding.triage is Triage.fixed:
        return Change(triage=Triage.open, note="it is there again")
    return None


def is_back(finding: Finding, judgements: Mapping[str, Judgement]) -> bool | None:
    """Whether the last levels of all its series are what they were before; None: who knows.

    Only what got worse can be fixed.
    """
    if not finding.is_worse:
        return None
    told = [
        back
        for effect in finding.effects
        if (back := _effect_is_back(effect, judgements.get(effect.series))) is not None
    ]
    return all(told) if told else None


def _effect_is_back(effect: Effect, judgement: Judgement | None) -> bool | None:
    before, after = effect.before, effect.after
    if judgement is None or not judgement.levels or before is None or after is None:
        return None
    _, last = judgement.levels[-1]
    return level_is_back(before, after, last)
