"""What a commit did to a curve as a whole: all sizes alike, or its shape? Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, isfinite, log1p
from typing import TypeVar

import numpy as np

from tracker.model.cells import title
from tracker.model.comparisons import Compared, ComparedCurve
from tracker.model.findings import Effect, Finding, Judgement, Verdict
from tracker.model.scaling import FEWEST, Bend, Curve, CurveChange, CurvePoint, curves, families
from tracker.model.series import History
from tracker.statistics.multiplicity import holm
from tracker.statistics.scaling import efficiencies, knee, shape_p, throughputs

#: chance of calling any curve of a finding, or of a comparison, bent that is not
_WRONG = 0.05

_Bend = TypeVar("_Bend", bound=Bend)


@dataclass(frozen=True, slots=True)
class _Standing:
    """One size of a curve on both sides of a change."""

    size: float
    before: float
    after: float
    #: logarithm of the ratio, and half of its interval
    step: float
    half: float


# a commit of a history ----------------------------------------------------------------


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


def _change(
    curve: Curve,
    finding: Finding,
    histories: Mapping[str, History],
    judgements: Mapping[str, Judgement],
) -> CurveChange:
    effects = {effect.series: effect for effect in finding.effects}
    tried = (
        (
            point,
            _standing(
                point,
                finding.commit,
                effects.get(point.series),
                histories[point.series],
                judgements[point.series],
            ),
        )
        for point in curve.points
    )
    standing = {point: one for point, one in tried if one}
    change = CurveChange(
        title=curve.title,
        parameter=curve.parameter,
        metric=curve.shared.metric,
        points=tuple(one for one in curve.points if one in standing or one.series in effects),
    )
    return _shaped(change, list(standing.values())) if curve.is_timed else change


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
        return _Standing(point.size, effect.before, effect.after, *_step(verdict))
    at = next((n for n, one in enumerate(history.points) if one.commit.sha == commit), None)
    if at is None or not history.points[at].values:
        return None
    level = [value for start, value in judgement.levels if start <= at][-1:]
    return _Standing(point.size, level[0], level[0], 0.0, log1p(judgement.mde)) if level else None


# two commits side by side -------------------------------------------------------------


def compared_curves(
    rows: Sequence[Compared], parameters: Sequence[str]
) -> tuple[ComparedCurve, ...]:
    """The rows that are points of one curve, and what became of it.

    Each point counts with the change that was measured, whatever the verdict on it is.

    Args:
        rows: of a comparison; those that gave no values at either side are no points.
        parameters: names of parameters that scale.
    """
    found = families(
        [row for row in rows if row.base is not None or row.head is not None],
        parameters,
        of=lambda row: row.cell.parameters,
        shared=lambda row, rest: (replace(row.cell, parameters=rest), row.metric, row.unit),
    )
    return tuple(
        _judged(
            [
                _compared(
                    ComparedCurve(
                        title=title(cell.benchmark, cell.parameters),
                        parameter=name,
                        metric=metric,
                        points=tuple(members.items()),
                    )
                )
                for (cell, metric, _), name, members in found
            ]
        )
    )


def _compared(curve: ComparedCurve) -> ComparedCurve:
    if not curve.is_timed:
        return curve
    return _shaped(
        curve,
        [
            _Standing(size, row.base, row.head, *_step(row.verdict))
            for size, row in curve.points
            if row.verdict and row.base is not None and row.head is not None
        ],
    )


# both ---------------------------------------------------------------------------------


def _step(verdict: Verdict) -> tuple[float, float]:
    """Logarithm of a ratio and half of its interval; an infinite one where nothing is known."""
    if verdict.low <= -1 or verdict.effect <= -1 or not isfinite(verdict.effect):
        return 0.0, inf
    return log1p(verdict.effect), (log1p(verdict.high) - log1p(verdict.low)) / 2


def _shaped(curve: _Bend, standing: Sequence[_Standing]) -> _Bend:
    """A curve of timings with what became of its shape, its p-value not corrected yet."""
    if len(standing) < FEWEST or min(min(one.before, one.after) for one in standing) <= 0:
        return curve
    sizes = np.array([one.size for one in standing])
    before = throughputs(sizes, np.array([one.before for one in standing]))
    after = throughputs(sizes, np.array([one.after for one in standing]))
    return replace(
        curve,
        shape_q=shape_p(
            np.array([one.step for one in standing]), np.array([one.half for one in standing])
        ),
        knees=(knee(sizes, before), knee(sizes, after)),
        efficiencies=(
            float(efficiencies(sizes, before)[-1]),
            float(efficiencies(sizes, after)[-1]),
        ),
    )


def _judged(changes: Sequence[_Bend]) -> Iterator[_Bend]:
    """The same, their p-values corrected together."""
    tested = [change.shape_q for change in changes if change.shape_q is not None]
    corrected = iter(holm(tested))
    for change in changes:
        if change.shape_q is None:
            yield change
        else:
            q = next(corrected)
            yield replace(change, shape_q=q, bent=q <= _WRONG)
