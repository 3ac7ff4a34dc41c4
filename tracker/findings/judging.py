"""Judge one series along the history."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import inf, sqrt

import numpy as np

from tracker.config.settings import PolicySettings
from tracker.findings.samples import Sample, Scale, samples
from tracker.model.cells import Coordinate
from tracker.model.findings import ChangePoint, Drift, Judgement, Outcome, Verdict
from tracker.model.series import History
from tracker.model.suites import Direction
from tracker.statistics.arrays import Floats
from tracker.statistics.changes import find_steps
from tracker.statistics.levels import Comparison
from tracker.statistics.noise import Noise, units
from tracker.statistics.robust import huber_scale, pair_differences
from tracker.statistics.rounds import without_rounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A judgement, and how sure it is of the places."""

    judgement: Judgement
    #: for each change, the indices of all points that may have begun the new level
    near: tuple[tuple[int, ...], ...] = ()
    #: the same, and those where only a count can place it; () where its place is known
    possible: tuple[tuple[int, ...], ...] = ()


def judge(history: History, policy: PolicySettings) -> Judged:
    """Levels, changes, noise, and the smallest change that would have been found.

    The latter is that of a change which lasts three builds, and infinite where too little was
    measured to see any.
    """
    taken = samples(history.points)
    if not taken:
        empty = Judgement(series=history.series, changes=(), levels=(), noise=0.0, mde=inf)
        return Judged(judgement=empty)
    if deterministic(history, taken):
        return _exact(history, taken, policy)
    return _noisy(history, taken, policy)


def deterministic(history: History, taken: tuple[Sample, ...]) -> bool:
    """Is it a count, or a quality, on which all processes of each build agree?

    A count does so by itself; of a quality, which may be drawn by lot, two have to show it.
    """
    agree = all(len(set(sample.values)) == 1 for sample in taken)
    if history.coordinate.is_quality:
        return agree and any(len(sample.values) > 1 for sample in taken)
    return agree and history.coordinate.exact


def outcome(direction: Direction, step: float) -> Outcome:
    """Worse is ``slower``; where neither way is better, more is."""
    if step == 0:
        return Outcome.same
    worse = step < 0 if direction is Direction.more else step > 0
    return Outcome.slower if worse else Outcome.faster


def _exact(history: History, taken: tuple[Sample, ...], policy: PolicySettings) -> Judged:
    """Each count that is another one; each quality that leaves the tolerance of its level."""
    coordinate = history.coordinate
    smallest = smallest_exact(coordinate, taken[-1].values[0], policy)
    changes = []
    levels = [(taken[0].at, taken[0].values[0])]
    for after in taken[1:]:
        old, new = levels[-1][1], after.values[0]
        if is_unchanged(coordinate, old, new, policy):
            continue
        # From nothing, the new count is all of the change.
        effect = (new - old) / abs(old or new)
        verdict = Verdict(
            outcome=outcome(coordinate.direction, effect),
            effect=effect,
            low=effect,
            high=effect,
            mde=smallest,
            p=0.0,
        )
        changes.append(ChangePoint(index=after.at, verdict=verdict, before=old, after=new))
        levels.append((after.at, new))
    judgement = Judgement(
        series=history.series,
        changes=tuple(changes),
        levels=tuple(levels),
        noise=0.0,
        mde=smallest,
    )
    return Judged(judgement=judgement, near=tuple((change.index,) for change in changes))


def is_unchanged(
    coordinate: Coordinate, before: float, after: float, policy: PolicySettings
) -> bool:
    """Whether two exact values are the same: a quality, as far as its tolerance says."""
    if not coordinate.is_quality:
        return before == after
    return policy.quality.tolerance(coordinate.metric).holds(after, before)


def smallest_exact(coordinate: Coordinate, level: float, policy: PolicySettings) -> float:
    """The smallest relative change of an exact value that is worth a word."""
    if not coordinate.is_quality:
        return policy.practical_counts
    margin = policy.quality.tolerance(coordinate.metric).margin(level)
    return margin / max(abs(level), margin) if margin else 0.0


def _practical(coordinate: Coordinate, scale: Scale, policy: PolicySettings) -> float:
    """The smallest relative change of a noisy value that is worth a word."""
    if not coordinate.is_quality:
        return policy.practical
    return policy.quality.tolerance(coordinate.metric).margin(scale.unit) / scale.unit


def _noisy(history: History, taken: tuple[Sample, ...], policy: PolicySettings) -> Judged:
    scale = Scale.of(taken)
    blocks = without_rounds(scale.working(taken))
    found = find_steps(
        units(blocks, shares=np.array([sample.share for sample in taken])),
        alpha=policy.alpha,
        practical=scale.step(_practical(history.coordinate, scale, policy)),
    )
    values = [scale.value(one.value) for one in found.levels]
    indices = [taken[one.start].at for one in found.levels]
    direction = history.coordinate.direction
    borders = list(zip(indices[1:], found.steps, pairwise(values), strict=True))
    changes = tuple(
        ChangePoint(
            index=index,
            verdict=_verdict(direction, scale, step),
            before=before,
            after=after,
        )
        for index, step, (before, after) in borders
        if step
    )
    slow = [levels for _, step, levels in borders if not step]
    drifts = tuple(
        Drift(
            first=taken[one.start].at,
            last=taken[one.stop].at,
            verdict=_verdict(direction, scale, one.total),
            before=before,
            after=after,
        )
        for one, (before, after) in zip(found.drifts, slow, strict=True)
    )
    judgement = Judgement(
        series=history.series,
        changes=changes,
        levels=tuple(zip(indices, values, strict=True)),
        drifts=drifts,
        noise=_spread(blocks.rows, found.noise),
        mde=scale.effect(found.mde),
    )
    near, possible = (
        tuple(tuple(taken[place].at for place in places) for places in kind if places)
        for kind in (found.near, found.possible)
    )
    return Judged(judgement=judgement, near=near, possible=possible)


def _verdict(direction: Direction, scale: Scale, step: Comparison) -> Verdict:
    return Verdict(
        outcome=outcome(direction, step.step),
        effect=scale.effect(step.step),
        low=scale.effect(step.low),
        high=scale.effect(step.high),
        mde=scale.effect(step.mde),
        p=step.p,
    )


def _spread(rows: Floats, noise: Noise) -> float:
    """Between the processes of a build; between builds where each has one process."""
    differences = pair_differences(rows)
    if differences.size:
        return huber_scale(differences) / sqrt(2)
    return noise.build
