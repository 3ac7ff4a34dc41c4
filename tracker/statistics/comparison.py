"""Two levels of a series, held against each other."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt

import numpy as np

from tracker.statistics.arrays import Floats
from tracker.statistics.noise import Noise, Units
from tracker.statistics.ranks import discordant, mann_whitney
from tracker.statistics.robust import median
from tracker.statistics.student import upper_quantile, upper_tail

#: builds further from their level than this many standard deviations do not speak for it
_FAR = 3.5
#: values that a level rests on at least
FEWEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The builds from start to before stop, taken as one level."""

    start: int
    stop: int
    value: float
    variance: float
    #: builds near the level
    builds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A step between two levels on the working scale: its size, interval and evidence."""

    step: float
    #: standard deviation of the step, and the degrees of freedom behind it
    error: float
    freedom: float
    #: two-sided, against "no step here"; not corrected for other places looked at
    p: float
    #: the p-value and the size from which on a step is a change
    alpha: float
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
        return smallest(self.error, self.freedom, alpha=self.alpha, practical=self.practical)


def level(of: Units, noise: Noise, start: int, stop: int) -> Level:
    """Mean of the builds near their median, weighted by ``1 / sd^2`` (a skipped mean)."""
    centres, sd = of.centres[start:stop], noise.sd[start:stop]
    value = median(centres)
    weights = 1 / sd**2
    for _ in range(2):
        near = weights * (np.abs(centres - value) <= _FAR * sd)
        total = float(near.sum())
        if total == 0:  # two builds far apart: neither is the level
            near, total = weights, float(weights.sum())
        value = float(near @ centres) / total
    builds = int(np.count_nonzero(near))
    inflation = 1 + (noise.inflation - 1) * (1 - 1 / builds)
    return Level(start=start, stop=stop, value=value, variance=inflation / total, builds=builds)


def compare(
    of: Units, noise: Noise, before: Level, after: Level, *, alpha: float, practical: float
) -> Comparison:
    """Did the level change?

    The step has to be large against the noise of the levels (Student's t of the robust levels,
    two variances: Kalibera and Jones, ISMM 2013, section 6), and the processes have to lie
    apart in order (Mann-Whitney; no distribution assumed). Where there are too few processes
    for ranks to reach alpha, the ranks agree when every process lies beyond every other.
    The interval at 95 % and the smallest step found with 80 % power at alpha use the same t.
    """
    step = after.value - before.value
    error = sqrt(before.variance + after.variance + float(of.borders[after.start]))
    few = min(before.builds, after.builds)
    freedom = min(noise.freedom, noise.tails * few)
    p = 2 * upper_tail(abs(step) / error, freedom) if freedom >= 1 else 1.0
    if p <= alpha:
        p = max(p, _disorder(of, before, after, step))
    return Comparison(
        step=step, error=error, freedom=freedom, p=p, alpha=alpha, practical=practical
    )


def smallest(error: float, freedom: float, *, alpha: float, practical: float) -> float:
    """The step found with 80 % power: ``max(t_(1 - alpha/2) error, practical) + t_0.95 error``.

    0.95 and not 0.8, because the ranks have to agree as well and the noise is estimated with the
    step in it; set so that planted steps of this size are found four times in five.
    """
    if freedom < 1:
        return inf
    needed = max(upper_quantile(alpha / 2, freedom) * error, practical)
    return needed + upper_quantile(0.05, freedom) * error


def _disorder(of: Units, before: Level, after: Level, step: float) -> float:
    """The p-value of the ranks; 0 where every process agrees with the step."""
    sides: tuple[Floats, Floats] = (
        of.processes(before.start, before.stop),
        of.processes(after.start, after.stop),
    )
    if min(side.size for side in sides) < FEWEST:
        return 1.0
    low, high = sides if step > 0 else sides[::-1]
    return 0.0 if discordant(low, high) == 0 else mann_whitney(low, high)
