"""Findings out of judgements: what happened at one commit is one finding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

from tracker.config.settings import PolicySettings
from tracker.findings.correcting import corrected
from tracker.findings.effects import changed
from tracker.model.findings import (
    ChangePoint,
    Confirmation,
    Finding,
    FindingKind,
    Judgement,
    Outcome,
)
from tracker.model.scaling import Curve, curves
from tracker.model.series import History
from tracker.model.suites import Direction, Kind

#: expected share of false ones among the effects reported at a commit
FALSE_DISCOVERIES = 0.05


@dataclass(frozen=True, slots=True)
class _Change:
    history: History
    change: ChangePoint
    #: a count, or a quality, on which all processes agree
    certain: bool
    #: and there were several to agree
    proven: bool
    #: what changed beside the code, to which it is put down; None: the code
    cause: FindingKind | None


def change_findings(
    histories: Sequence[History],
    judgements: Mapping[str, Judgement],
    policy: PolicySettings,
    *,
    cause: FindingKind | None = None,
) -> list[Finding]:
    """One finding for each commit where something changed, over all of its series.

    The p-values of a commit are corrected together with those of the series that were measured
    there and did not change (theirs count as 1); the points of one scaling curve count once. An
    exact count is no test and needs none.

    Args:
        histories: the series.
        judgements: of each.
        policy: what is worth a finding.
        cause: the kind of all of them, where it is known not to be the code.
    """
    at_commit: dict[str, list[_Change]] = defaultdict(list)
    for history in histories:
        judgement = judgements[history.series]
        for change in judgement.changes:
            certain = _is_certain(history, judgement, change)
            point = history.points[change.index]
            proven = certain and len(point.values) > 1
            at_commit[point.commit.sha].append(_Change(history, change, certain, proven, cause))
    noisy = [one for one in histories if not _is_deterministic(one, judgements[one.series])]
    looked = _series_at(noisy, set(at_commit))
    found = curves((history.coordinate for history in histories), policy.scaling)
    curve_of = {point.series: curve for curve in found for point in curve.points}
    made = (
        _finding(commit, changes, looked[commit], curve_of, policy)
        for commit, changes in at_commit.items()
    )
    return [finding for finding in made if finding]


def _is_certain(history: History, judgement: Judgement, change: ChangePoint) -> bool:
    could_be = history.coordinate.exact or history.coordinate.is_quality
    return could_be and judgement.noise == 0 and change.verdict.low == change.verdict.high


def _is_deterministic(history: History, judgement: Judgement) -> bool:
    return history.coordinate.exact or (history.coordinate.is_quality and judgement.noise == 0)


def _series_at(histories: Sequence[History], commits: set[str]) -> dict[str, list[str]]:
    """Which of the series have values at each of the commits."""
    found: dict[str, list[str]] = {commit: [] for commit in commits}
    for history in histories:
        for point in history.points:
            if point.commit.sha in commits and point.values:
                found[point.commit.sha].append(history.series)
    return found


def _finding(
    commit: str,
    changes: list[_Change],
    looked: Sequence[str],
    curve_of: Mapping[str, Curve],
    policy: PolicySettings,
) -> Finding | None:
    noisy = {one.history.series: one.change.verdict for one in changes if not one.certain}
    qs = corrected(noisy, looked, curve_of)
    reported = sorted(
        (
            (one, q)
            for one in changes
            if (q := 0.0 if one.certain else qs[one.history.series]) <= FALSE_DISCOVERIES
            and abs(one.change.verdict.effect) >= _least(one, policy)
        ),
        key=lambda pair: _harm(pair[0]),
        reverse=True,
    )
    if not reported:
        return None
    worst = reported[0][0]
    return Finding(
        kind=_kind(worst),
        commit=commit,
        after=_measured_before(worst),
        effects=tuple(changed(one.history, one.change, q) for one, q in reported),
        confirmation=_confirmation([one for one, _ in reported], _kind(worst)),
    )


def _confirmation(reported: Sequence[_Change], kind: FindingKind) -> Confirmation:
    """A count that all processes agree on needs no second look; a timing does."""
    proven = any(one.proven and _kind(one) is kind for one in reported)
    return Confirmation.confirmed if proven else Confirmation.suspected


def _least(one: _Change, policy: PolicySettings) -> float:
    # A noisy change stood the practical threshold when it was judged, a quality its tolerance.
    is_count = one.certain and one.history.coordinate.exact
    return policy.practical_counts if is_count else 0.0


def _kind(one: _Change) -> FindingKind:
    if one.cause is not None:
        return one.cause
    if one.history.coordinate.direction is Direction.none:
        return FindingKind.shift
    if one.change.verdict.outcome is not Outcome.slower:
        return FindingKind.improvement
    wrong = one.history.coordinate.kind is Kind.quality
    return FindingKind.quality_drift if wrong else FindingKind.regression


_RANK = (FindingKind.improvement, FindingKind.shift, FindingKind.regression)


def _harm(one: _Change) -> tuple[int, float]:
    """Wrong answers before what is slower, then shifts, then improvements; the larger first."""
    effect = one.change.verdict.effect
    size = abs(log(1 + effect)) if effect > -1 else abs(effect) * 100
    kind = _kind(one)
    return _RANK.index(kind) if kind in _RANK else len(_RANK), size


def _measured_before(one: _Change) -> str:
    earlier = [point for point in one.history.points[: one.change.index] if point.values]
    return earlier[-1].commit.sha
