"""What moved where the environment or the machine changed: a finding, but not the project's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tracker.config.settings import PolicySettings
from tracker.findings.events import Border
from tracker.findings.grouping import change_findings
from tracker.findings.judging import judge
from tracker.model.findings import Finding, FindingKind, Judgement
from tracker.model.series import History


def crossing_findings(borders: Sequence[Border], policy: PolicySettings) -> Iterator[Finding]:
    """Findings about the series that are not the same on both sides of a border.

    Both sides are judged as if they were one series; what changes at the border is put down to
    it. Other changes are told by the sides themselves.
    """
    for kind in (FindingKind.machine_change, FindingKind.environment_change):
        joined = [_joined(border) for border in borders if _kind(border) is kind]
        judgements = {history.series: _at(history, policy, at) for history, at in joined}
        histories = [history for history, _ in joined]
        yield from change_findings(histories, judgements, policy, cause=kind)


def _kind(border: Border) -> FindingKind:
    old, new = border.before.coordinate, border.after.coordinate
    moved = old.machine_class != new.machine_class
    return FindingKind.machine_change if moved else FindingKind.environment_change


def _joined(border: Border) -> tuple[History, int]:
    """Both sides as one series, and the index of the first point of the second."""
    first = border.first.commit.position
    before = [point for point in border.before.points if point.commit.position < first]
    after = [point for point in border.after.points if point.commit.position >= first]
    return replace(border.after, points=(*before, *after)), len(before)


def _at(history: History, policy: PolicySettings, border: int) -> Judgement:
    """The judgement with a change at the border alone, if there is one."""
    judged = judge(history, policy)
    changes = judged.judgement.changes
    here = next((at for at, near in enumerate(judged.near) if border in near), None)
    if here is None:
        return replace(judged.judgement, changes=())
    return replace(judged.judgement, changes=(replace(changes[here], index=border),))
