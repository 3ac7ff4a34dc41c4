"""A change and its revert: which earlier change a commit undoes. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import log

from tracker.model.findings import ChangePoint, Effect, Finding, Judgement
from tracker.model.series import History

#: share of a change that may be left of it, or be gone beyond it
_LEFT = 0.25


def undoing(
    findings: Sequence[Finding],
    histories: Sequence[History],
    judgements: Mapping[str, Judgement],
) -> Iterator[Finding]:
    """The findings; those that undo the change of an earlier commit name it.

    The levels of most of its series are then what they were before that commit.
    """
    by_series = {history.series: history for history in histories}
    for finding in findings:
        undone = Counter(
            sha
            for effect in finding.effects
            if (sha := _undone(effect, finding.commit, by_series, judgements))
        )
        sha, votes = undone.most_common(1)[0] if undone else ("", 0)
        yield replace(finding, takes_back=sha if 2 * votes > len(finding.effects) else "")


def _undone(
    effect: Effect,
    commit: str,
    histories: Mapping[str, History],
    judgements: Mapping[str, Judgement],
) -> str:
    """The commit of the newest earlier change of a series before which the level was this."""
    history, changes = histories[effect.series], judgements[effect.series].changes
    shas = [history.points[change.index].commit.sha for change in changes]
    at = shas.index(commit)
    for earlier in range(at - 1, -1, -1):
        if level_is_back(changes[earlier].before, changes[earlier].after, changes[at].after):
            return "" if _same_way(changes[earlier], changes[at]) else shas[earlier]
    return ""


def level_is_back(before: float, after: float, now: float) -> bool:
    """Whether a level that changed from before to after is now about what it was before."""
    if min(before, after, now) <= 0:
        return abs(now - before) <= _LEFT * abs(after - before)
    return abs(log(now / before)) <= _LEFT * abs(log(after / before))


def _same_way(one: ChangePoint, other: ChangePoint) -> bool:
    return (one.after > one.before) is (other.after > other.before)
