"""The levels of a series of builds, and the steps between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf, sqrt

import numpy as np

from tracker.statistics.arrays import Floats
from tracker.statistics.candidates import candidates
from tracker.statistics.comparison import (
    FEWEST,
    Comparison,
    Level,
    compare,
    level,
    smallest,
)
from tracker.statistics.noise import Noise, Units, first_noise, residual_noise

#: a boundary moves by at most so many builds to the place where the levels fit best
_REACH = 10
#: degrees of freedom of the loss of one build about its level
_TAILS = 3.0
#: a place of a boundary is possible up to this loss above the best (chi-squared, 1 freedom, 95 %)
_UNCLEAR = 3.84


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """What was found in one series, on its working scale."""

    levels: tuple[Level, ...]
    #: between neighbouring levels; one fewer than these. p is corrected for all places looked at
    steps: tuple[Comparison, ...]
    #: for each step, the builds that may have begun it, ascending; 95 %
    near: tuple[tuple[int, ...], ...]
    noise: Noise
    #: the smallest step between two levels that would have been found
    mde: float


def find_steps(of: Units, *, alpha: float, practical: float) -> Steps:
    """Change points of at least one build, each at a p-value of at most alpha over the series.

    Candidates are pruned, weakest first, until every boundary stands the comparison of its two
    levels at ``alpha / (n - 1)`` (Bonferroni over the places), and is at least ``practical``
    large; then the noise is estimated again from what is left over, and all once more. At the
    end the boundaries move to where the levels fit best, and are tested there again.
    """
    places = max(len(of) - 1, 1)
    each = alpha / places
    noise = first_noise(of)
    for _ in range(2):
        levels, _ = _pruned(of, noise, _edges(of, noise), each, practical)
        noise = residual_noise(of, _residuals(of, levels), len(levels))
    levels, _ = _pruned(of, noise, _edges(of, noise), each, practical)
    levels, steps = _pruned(of, noise, _moved(of, noise, levels), each, practical)
    return Steps(
        levels=tuple(levels),
        steps=tuple(replace(step, p=min(1.0, step.p * places)) for step in steps),
        near=tuple(_near(of, noise, a, b) for a, b in pairwise(levels)),
        noise=noise,
        mde=_mde(of, noise, levels, each, practical),
    )


def _edges(of: Units, noise: Noise) -> list[int]:
    return [0, *candidates(of.centres, noise), len(of)]


def _pruned(
    of: Units, noise: Noise, edges: list[int], alpha: float, practical: float
) -> tuple[list[Level], list[Comparison]]:
    """The levels between the edges, merged over the weakest boundary until none is weak."""
    levels = [level(of, noise, a, b) for a, b in pairwise(edges)]

    def judged(at: int) -> Comparison:
        return compare(of, noise, levels[at], levels[at + 1], alpha=alpha, practical=practical)

    def doubt(at: int) -> tuple[float, float]:
        step = steps[at]
        return (step.p if abs(step.step) >= practical else 1.0, -abs(step.step))

    steps = [judged(at) for at in range(len(levels) - 1)]
    while steps:
        at = max(range(len(steps)), key=doubt)
        if doubt(at)[0] <= alpha:
            break
        levels[at : at + 2] = [level(of, noise, levels[at].start, levels[at + 1].stop)]
        del steps[at]
        for near in (at - 1, at):
            if 0 <= near < len(steps):
                steps[near] = judged(near)
    return levels, steps


def _residuals(of: Units, levels: list[Level]) -> Floats:
    fitted: Floats = np.repeat(
        [one.value for one in levels], [one.stop - one.start for one in levels]
    )
    return of.centres - fitted


def _moved(of: Units, noise: Noise, levels: list[Level]) -> list[int]:
    """The edges, each at the least loss near it, with the levels held."""
    edges = [0, *(one.start for one in levels[1:]), len(of)]
    for at, (before, after) in enumerate(pairwise(levels), start=1):
        start = max(edges[at - 1] + 1, edges[at] - _REACH)
        stop = min(edges[at + 1] - 1, edges[at] + _REACH)
        excess = _excess(of, noise, before, after, start, stop)
        best = np.flatnonzero(excess <= 1e-9) + start
        edges[at] = int(best[np.argmin(np.abs(best - edges[at]))])
    return edges


def _excess(of: Units, noise: Noise, before: Level, after: Level, start: int, stop: int) -> Floats:
    """Loss of a boundary at start, ..., stop, above that of the best of them.

    Twice the negative logarithm of Student's likelihood: one odd build hardly pulls.
    """
    near = slice(start, stop)
    left, right = (
        (_TAILS + 1) * np.log1p(((of.centres[near] - side.value) / noise.sd[near]) ** 2 / _TAILS)
        for side in (before, after)
    )
    losses = np.concatenate(([0.0], np.cumsum(left - right)))
    return losses - float(losses.min())


def _near(of: Units, noise: Noise, before: Level, after: Level) -> tuple[int, ...]:
    """Where else the boundary may be: a loss that is not clearly larger."""
    start = max(before.start + 1, after.start - _REACH)
    stop = min(after.stop - 1, after.start + _REACH)
    excess = _excess(of, noise, before, after, start, stop)
    return tuple(int(place) + start for place in np.flatnonzero(excess <= _UNCLEAR))


def _mde(of: Units, noise: Noise, levels: list[Level], alpha: float, practical: float) -> float:
    """Of a step inside the longest level that lasts three builds (fewer in a short one)."""
    # Levels that were found apart are known to be; the claim is about the rest.
    longest = max(one.stop - one.start for one in levels)
    after = min(3, longest // 2)
    processes = float(np.median(np.count_nonzero(~np.isnan(of.rows), axis=1)))
    if after * processes < FEWEST:
        return inf
    before = longest - after
    parts = [(1 + (noise.inflation - 1) * (1 - 1 / k)) / k for k in (after, before)]
    error = float(np.median(noise.sd)) * sqrt(sum(parts))
    freedom = min(noise.freedom, noise.tails * after)
    return smallest(error, freedom, alpha=alpha, practical=practical)
