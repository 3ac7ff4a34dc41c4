"""What a commit did to a curve as a whole: all sizes alike, or its shape? Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, log1p

import numpy as np

from tracker.model.findings import Effect, Finding, Judgement
from tracker.model.scaling import FEWEST, Curve, CurveChange, CurvePoint, curves
from tracker.model.series import History
from tracker.statistics.multiplicity import holm
from tracker.statistics.scaling import efficiencies, knee, shape_p, throughputs

#: chance of calling any curve of a finding bent that is not
_WRONG = 0.05


@dataclass(frozen=True, slots=True)
class _Standing:
    """One point of a curve before a commit and from it on."""

    point: CurvePoint
    before: float
    after: float
    #: logarithm of the ratio, and half of its interval
    step: float
    half: float


def with_curves(
    findings: Sequence[Finding],
    histories: Sequence[History],
    judgements: Mapping[str, Judgement],
    parameters: Sequence[str],
) -> Iterator[Finding]:
    """The findings, with what they say about each curve that has a point among their effects.

    A point that did not change counts as one that changed by nothing, give or take the smallest
    change that would have been seen.

    Args:
        judgements: of each history.
        parameters: names of parameters that scale.
    """
    by_series = {history.series: history for history in histories}
    found = curves((history.coordinate for history in histories), parameters)
    curve_of = {point.series: curve for curve in found for point in curve.points}
    for finding in findings:
        touched = dict.fromkeys(
            curve_of[effect.series] for effect in finding.effects if effect.series in curve_of
        )
        changes = [_change(curve, finding, by_series, judgements) for curve in touched]
        yield replace(finding, curves=tuple(_judged(changes)))


def _judged(changes: Sequence[CurveChange]) -> Iterator[CurveChange]:
    """The same, their p-values corrected together."""
    tested = [change.shape_q for change in changes if change.shape_q is not None]
    corrected = iter(holm(tested))
    for change in changes:
        if change.shape_q is None:
            yield change
        else:
            q = next(corrected)
            yield replace(change, shape_q=q, bent=q <= _WRONG)


def _change(
    curve: Curve,
    finding: Finding,
    histories: Mapping[str, History],
    judgements: Mapping[str, Judgement],
) -> CurveChange:
    effects = {effect.series: effect for effect in finding.effects}
    tried = (
        _standing(
            point,
            finding.commit,
            effects.get(point.series),
            histories[point.series],
            judgements[point.series],
        )
        for point in curve.points
    )
    standing = [one for one in tried if one]
    alive = {one.point for one in standing}
    change = CurveChange(
        title=curve.title,
        parameter=curve.parameter,
        metric=curve.shared.metric,
        points=tuple(one for one in curve.points if one in alive or one.series in effects),
    )
    timed = curve.shared.metric == "time" and not curve.shared.exact
    if not timed or len(standing) < FEWEST or min(map(_least, standing)) <= 0:
        return change
    sizes = np.array([one.point.size for one in standing])
    before = throughputs(sizes, np.array([one.before for one in standing]))
    after = throughputs(sizes, np.array([one.after for one in standing]))
    return replace(
        change,
        shape_q=shape_p(
            np.array([one.step for one in standing]), np.array([one.half for one in standing])
        ),
        knees=(knee(sizes, before), knee(sizes, after)),
        efficiencies=(
            float(efficiencies(sizes, before)[-1]),
            float(efficiencies(sizes, after)[-1]),
        ),
    )


def _least(one: _Standing) -> float:
    return min(one.before, one.after)


def _standing(
    point: CurvePoint,
    commit: str,
    effect: Effect | None,
    history: History,
    judgement: Judgement,
) -> _Standing | None:
    """None where it has no values at the commit."""
    if effect is not None:
        verdict = effect.verdict
        if verdict is None or effect.before is None or effect.after is None:
            return None
        known = verdict.low > -1 and verdict.effect > -1
        return _Standing(
            point,
            effect.before,
            effect.after,
            log1p(verdict.effect) if known else 0.0,
            (log1p(verdict.high) - log1p(verdict.low)) / 2 if known else inf,
        )
    at = next((n for n, one in enumerate(history.points) if one.commit.sha == commit), None)
    if at is None or not history.points[at].values:
        return None
    level = [value for start, value in judgement.levels if start <= at][-1:]
    return _Standing(point, level[0], level[0], 0.0, log1p(judgement.mde)) if level else None
