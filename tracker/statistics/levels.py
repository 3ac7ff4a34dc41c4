"""Levels of a series, held against their neighbours; all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from tracker.statistics.arrays import Floats, Integers
from tracker.statistics.noise import Noise, Units
from tracker.statistics.ranks import discordant, mann_whitney
from tracker.statistics.student import upper_quantile

#: builds further from their level than this many standard deviations do not speak for it
_FAR = 3.5
#: a step of fewer standard deviations of a build is part of the noise, however long it lasts
_SLIGHT = 0.8
#: processes that a side needs before their order says anything
FEWEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """A series cut into levels: arrays with one entry a level, or one a step between two."""

    #: (levels + 1,) where each level starts, and the end of the last
    edges: Integers
    #: (levels,) in builds
    lengths: Integers
    values: Floats
    #: (levels,) sum of ``1 / sd^2`` of the builds near the level
    weights: Floats
    #: (levels,) builds near the level
    near: Floats

    @property
    def starts(self) -> Integers:
        return self.edges[:-1]

    @property
    def steps(self) -> Floats:
        return self.values[1:] - self.values[:-1]

    @property
    def fitted(self) -> Floats:
        """(builds,)"""
        return self.values.repeat(self.lengths)


def fit(of: Units, noise: Noise, held: Floats, edges: Sequence[int]) -> Levels:
    """Mean of the builds near the level, weighted by ``1 / sd^2`` (a skipped mean).

    Args:
        of: the builds.
        noise: how far they lie apart anyway.
        held: their locations, clipped; where the search for each level starts.
        edges: 0, the starts of the other levels, the number of builds.
    """
    bounds = np.asarray(edges)
    starts, lengths = bounds[:-1], bounds[1:] - bounds[:-1]
    totals = np.add.reduceat(noise.weights, starts)
    values = np.add.reduceat(noise.weights * held, starts) / totals
    reach = _FAR * noise.sd
    for _ in range(2):
        close = np.abs(of.centres - values.repeat(lengths)) <= reach
        kept = noise.weights * close
        near = np.add.reduceat(kept, starts)
        sums = np.add.reduceat(kept * of.centres, starts)
        alone = near == 0  # an odd one, or two far apart: neither is the level
        if alone.any():
            sums = np.where(alone, np.add.reduceat(noise.weights * of.centres, starts), sums)
            near = np.where(alone, totals, near)
        values = sums / near
    counts = np.add.reduceat(close, starts, dtype=np.float64)
    return Levels(
        edges=bounds,
        lengths=lengths,
        values=values,
        weights=near,
        near=np.where(alone, lengths, counts),
    )


def evidence(of: Units, noise: Noise, levels: Levels) -> Floats:
    """(steps,) squared standard deviations that speak for each step.

    The square of the step over its variance, and at most what the builds of either level lose
    when they are put on the other's: a loss bounded for each build, ``min(u^2, bound)``, so that
    no odd build makes a step (biweight loss: Fearnhead and Rigaill, JASA 2019).
    """
    values, starts, lengths = levels.values, levels.starts, levels.lengths

    def losses(about: Floats) -> Floats:
        away = of.centres - about.repeat(lengths)
        away *= away * noise.weights
        return np.asarray(np.add.reduceat(np.minimum(away, noise.bounds), starts))

    own = losses(values)
    left = losses(np.concatenate((values[1:], values[-1:]))) - own
    right = losses(np.concatenate((values[:1], values[:-1]))) - own
    variance = 1 / levels.weights[:-1] + 1 / levels.weights[1:] + of.borders[starts[1:]]
    square = levels.steps**2 / variance
    return np.asarray(np.minimum(square, np.minimum(left[:-1], right[1:])) / noise.inflation)


def plausible(of: Units, noise: Noise, levels: Levels, *, practical: float) -> Floats:
    """(steps,) 1 where a step may be a change, whatever the evidence; else 0.

    It is large enough, and neither of its levels is a short one between two others that is as
    well an outburst of the noise.
    """
    least = max(practical, _SLIGHT * noise.typical)
    large: Floats = (np.abs(levels.steps) >= least).astype(np.float64)
    doubtful = np.zeros(len(levels.values), dtype=bool)
    doubtful[1:-1] = levels.lengths[1:-1] < noise.short
    for at in np.flatnonzero(doubtful).tolist():
        doubtful[at] = not _stands_out(of, noise, levels, at)
    return np.where(doubtful[:-1] | doubtful[1:], 0.0, large)


def _stands_out(of: Units, noise: Noise, levels: Levels, at: int) -> bool:
    """Is a short level six standard deviations from both others, of one mind, and the only one?"""
    step = float(np.abs(levels.steps[at - 1 : at + 1]).min())
    alike = levels.near[at] == levels.lengths[at] >= noise.fewest
    if not alike or step < 6 * noise.typical * noise.inflation**0.5:
        return False
    others = levels.values.copy()
    others[at] = (levels.values[at - 1] + levels.values[at + 1]) / 2
    away = np.abs(of.centres - others.repeat(levels.lengths))
    away[levels.edges[at] : levels.edges[at + 1]] = 0.0
    return not bool((away > np.maximum(step / 2, _FAR * noise.sd)).any())


def disorder(of: Units, levels: Levels, at: int) -> float:
    """The p-value of the ranks of the processes; 0 where every process agrees with the step."""
    first, border, last = levels.edges[at : at + 3].tolist()
    sides = of.processes(first, border), of.processes(border, last)
    if min(side.size for side in sides) < FEWEST:
        return 1.0
    low, high = sides if levels.steps[at] > 0 else sides[::-1]
    return 0.0 if discordant(low, high) == 0 else mann_whitney(low, high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A step between two levels on the working scale: its size, interval and evidence."""

    step: float
    #: standard deviation of the step, and the degrees of freedom behind it
    error: float
    freedom: float
    #: two-sided, against "no step here"; corrected for all places looked at
    p: float
    #: standard deviations and size from which on a step is a change
    needed: float
    practical: float

    @property
    def half(self) -> float:
        """Half of the interval of the step at 95 %."""
        return upper_quantile(0.025, self.freedom) * self.error if self.freedom >= 1 else inf

    @property
    def low(self) -> float:
        return self.step - self.half

    @property
    def high(self) -> float:
        return self.step + self.half

    @property
    def mde(self) -> float:
        """The step that would be found with 80 % power."""
        return smallest(self.error, self.freedom, needed=self.needed, practical=self.practical)


def smallest(error: float, freedom: float, *, needed: float, practical: float) -> float:
    """The step found with 80 % power: ``max(needed error, practical) + t_0.95 error``.

    0.95 and not 0.8, because the ranks have to agree as well and the noise is estimated with the
    step in it; set so that planted steps of this size are found four times in five.
    """
    if freedom < 1:
        return inf
    return max(needed * error, practical) + upper_quantile(0.05, freedom) * error
