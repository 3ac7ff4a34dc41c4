"""The levels of a series of builds, and the steps between them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import inf, log, sqrt

import numpy as np

from tracker.statistics.arrays import Floats
from tracker.statistics.levels import (
    FEWEST,
    Comparison,
    Levels,
    disorder,
    evidence,
    fit,
    plausible,
    smallest,
)
from tracker.statistics.noise import Noise, Units, first_noise, residual_noise, single
from tracker.statistics.robust import median
from tracker.statistics.splits import Splits, clipped, short_runs
from tracker.statistics.student import upper_quantile, upper_tail
from tracker.statistics.trends import Slide, slides

#: penalties of a split in ``ln n`` variances: to get residuals, and to be looked at; the first
#: also for one that only an interval shows
_ROUGH, _ROUGH_INTERVAL, _CANDIDATE = 6.0, 14.0, 2.0
#: an interval has to show somewhat more than is needed of a step
_INTERVAL = 1.1
#: standard deviations that a step needs where builds scatter for reasons of their own, whose
#: tails nobody knows
_UNEXPLAINED = 4.25
#: a boundary moves by at most so many builds to the place where the levels fit best
_REACH = 10
#: degrees of freedom of the loss of one build about its level
_TAILS = 3.0
#: a place of a boundary is likely up to this loss above the best (chi-squared, 1 freedom, 95 %),
_UNCLEAR = 3.84
#: and possible up to this one: 95 % of changes that are small against the noise, whose loss is
#: distributed as ``(1 - exp(-x / 2))^2`` (Hansen, Econometrica 2000)
_POSSIBLE = 7.35


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The builds from start to before stop, taken as one level."""

    start: int
    stop: int
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A slow slide from one level to another."""

    #: the last build on the old level, and the first on the new one
    start: int
    stop: int
    #: from level to level
    total: Comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """What was found in one series, on its working scale."""

    levels: tuple[Level, ...]
    #: between neighbouring levels, one fewer than these; None where they go over slowly
    steps: tuple[Comparison | None, ...]
    #: for each step, the builds that may have begun it, ascending; 95 %; () where there is none
    near: tuple[tuple[int, ...], ...]
    #: as ``near``, for somebody who knows from elsewhere that there is a change
    possible: tuple[tuple[int, ...], ...]
    #: in order, one for each pair of levels without a step
    drifts: tuple[Drift, ...]
    noise: Noise
    #: the smallest step between two levels that would have been found
    mde: float


def change_points(values: Floats) -> list[int]:
    """Where new levels begin in a series of one value a commit: indices of their first values.

    Logarithms are judged where all values are positive. What is not finite was not measured.
    """
    known = np.flatnonzero(np.isfinite(values))
    if known.size < 2:
        return []
    taken = np.asarray(values, dtype=np.float64)[known]
    working = np.log(taken) if taken.min() > 0 else taken / (float(np.abs(taken).max()) or 1.0)
    search = _Search(single(working), alpha=0.01, practical=0.0)
    return [int(known[place]) for place in search.levels().starts[1:]]


def find_steps(of: Units, *, alpha: float, practical: float) -> Steps:
    """Change points of at least one build, each at a p-value of at most alpha over the series.

    A rough split gives residuals and they the noise; with it come generous candidates, and the
    noise once more from what those leave. Then the weakest boundaries are pruned until each has
    the evidence that is needed, and is at least ``practical`` large. At the end the boundaries
    move to where the levels fit best, and are tested there again. Levels that a slow slide explains
    better are taken for one.
    """
    search = _Search(of, alpha=alpha, practical=practical)
    levels = search.levels()
    found = slides(of, search.noise, levels, practical=practical)
    steps: list[Comparison | None] = list(search.steps(levels))
    near = [search.near(levels, at, _UNCLEAR) for at in range(len(levels.steps))]
    possible = [search.near(levels, at, _POSSIBLE) for at in range(len(levels.steps))]
    shown = [
        Level(start=start, stop=stop, value=value)
        for (start, stop), value in zip(
            pairwise(levels.edges.tolist()), levels.values.tolist(), strict=True
        )
    ]
    for slide in reversed(found):
        first, last = shown[slide.first], shown[slide.last]
        shown[slide.first : slide.last + 1] = (
            Level(start=first.start, stop=slide.stop, value=slide.before),
            Level(start=slide.stop, stop=last.stop, value=slide.after),
        )
        steps[slide.first : slide.last] = [None]
        near[slide.first : slide.last] = possible[slide.first : slide.last] = [()]
    return Steps(
        levels=tuple(shown),
        steps=tuple(steps),
        near=tuple(near),
        possible=tuple(possible),
        drifts=tuple(search.drift(slide) for slide in found),
        noise=search.noise,
        mde=search.mde(levels),
    )


class _Search:
    """One series on its way to levels; the noise is what was last estimated."""

    def __init__(self, of: Units, *, alpha: float, practical: float) -> None:
        self.of = of
        self.practical = practical
        self.places = max(len(of) - 1, 1)
        self.each = alpha / self.places
        self.noise = first_noise(of)
        self.held = clipped(of.centres, self.noise)

    @property
    def needed(self) -> float:
        """Standard deviations that a step needs."""
        if self.noise.freedom < 1:
            return inf
        drawn = upper_quantile(self.each / 2, self.noise.freedom)
        return max(drawn, _UNEXPLAINED * self.noise.share)

    def levels(self) -> Levels:
        """The levels that stand."""
        # One value alone may always be odd, and so may two.
        splits = Splits(self.held, self.noise, least=1 if self.of.freedom else 3)
        unit, first = log(max(len(self.of), 2)), self.noise
        rough = self._cut(splits.over(_ROUGH * unit, _ROUGH_INTERVAL * unit))
        self._learn(fit(self.of, self.noise, self.held, rough))
        # The gains are in variances of the first noise.
        scale = self.noise.inflation * (self.noise.typical / first.typical) ** 2
        interval = _INTERVAL * self.needed**2
        edges = self._cut(splits.over(_CANDIDATE * unit * scale, interval * scale))
        # Candidates of single builds leave nothing over to learn from.
        few = self.of.freedom > 0
        self._learn(self._pruned(edges) if few else fit(self.of, self.noise, self.held, edges))
        levels = self._pruned(edges)
        moved = self._moved(levels)
        return levels if moved == levels.edges.tolist() else self._pruned(moved)

    def steps(self, levels: Levels) -> tuple[Comparison, ...]:
        """What the steps between the levels are worth."""
        spoken = evidence(self.of, self.noise, levels)
        variance = self._variances(levels)
        return tuple(
            Comparison(
                step=float(step),
                error=sqrt(variance[at] + variance[at + 1] + self.of.borders[start]),
                freedom=self._freedom(float(levels.near[at : at + 2].min())),
                p=min(1.0, self.places * max(self._p(spoken[at]), self._ranks(levels, at))),
                needed=self.needed,
                practical=self.practical,
            )
            for at, (step, start) in enumerate(zip(levels.steps, levels.starts[1:], strict=True))
        )

    def drift(self, slide: Slide) -> Drift:
        """What a slide is worth."""
        total = slide.after - slide.before
        worth = (total / slide.error) ** 2
        return Drift(
            start=slide.start,
            stop=slide.stop,
            total=Comparison(
                step=total,
                error=slide.error,
                freedom=self.noise.freedom,
                p=min(1.0, self.places * self._p(worth)),
                needed=self.needed,
                practical=self.practical,
            ),
        )

    def near(self, levels: Levels, at: int, most: float) -> tuple[int, ...]:
        """Where else a boundary may be: at a loss that is larger by no more than that."""
        start, excess = self._excess(levels, at)
        return tuple((np.flatnonzero(excess <= most) + start).tolist())

    def mde(self, levels: Levels) -> float:
        """Of a step inside the longest level that lasts three builds (fewer in a short one)."""
        # Levels that were found apart are known to be; the claim is about the rest.
        longest = int(levels.lengths.max())
        after = min(3, longest // 2)
        processes = median(self.of.counts)
        if after * processes < FEWEST:
            return inf
        before = longest - after
        parts = [self._dependence(k) / k for k in (after, before)]
        error = median(self.noise.sd) * sqrt(sum(parts))
        freedom = self._freedom(after)
        needed = self.needed * sqrt(self.noise.inflation / self._dependence(after))
        return smallest(error, freedom, needed=needed, practical=self.practical)

    def _cut(self, splits: list[int]) -> list[int]:
        """Edges from the splits, and from bumps that clipping hid from them."""
        needed = self.needed**2 * self.noise.inflation
        bumps = short_runs(self.of.centres, self.held, self.noise, needed=needed)
        return [0, *sorted(bumps.union(splits)), len(self.of)]

    def _learn(self, levels: Levels) -> None:
        residuals = self.of.centres - levels.fitted
        self.noise = residual_noise(self.of, residuals, len(levels.values))

    def _pruned(self, edges: list[int]) -> Levels:
        """The levels between the edges, merged over the weakest boundaries until none is weak.

        Boundaries that are weaker than both their neighbours go together. Whether a level is
        long enough is asked when all have the evidence: half of a level that was cut in two is
        not short.
        """
        levels = fit(self.of, self.noise, self.held, edges)
        needed = self.needed**2
        while levels.values.size > 1:
            spoken = evidence(self.of, self.noise, levels)
            spoken *= np.abs(levels.steps) >= self.practical
            if spoken.min() >= needed:
                spoken *= self._allowed(levels)
            weak = spoken < needed
            if not weak.any():
                break
            around = np.concatenate(([inf], spoken, [inf]))
            gone = weak & (spoken <= around[:-2]) & (spoken < around[2:])
            kept = np.concatenate(([True], ~gone, [True]))
            levels = fit(self.of, self.noise, self.held, levels.edges[kept].tolist())
        return levels

    def _allowed(self, levels: Levels) -> Floats:
        """(steps,) 1 where nothing but the evidence is asked for, else 0."""
        ranks = [self._ranks(levels, at) for at in range(len(levels.steps))]
        likely = plausible(self.of, self.noise, levels, practical=self.practical)
        return likely * (np.array(ranks) <= self.each)

    def _moved(self, levels: Levels) -> list[int]:
        """The edges, each at the least loss near it, with the levels held."""
        edges: list[int] = levels.edges.tolist()
        for at in range(len(levels.steps)):
            start, excess = self._excess(levels, at)
            best = np.flatnonzero(excess <= 1e-9) + start
            edges[at + 1] = int(best[np.abs(best - edges[at + 1]).argmin()])
        return edges

    def _excess(self, levels: Levels, at: int) -> tuple[int, Floats]:
        """The first place of a boundary, and the loss of it and those after it above the best.

        Twice the negative logarithm of Student's likelihood: one odd build hardly pulls.
        """
        before, own, after = levels.edges[at : at + 3].tolist()
        start, stop = max(before + 1, own - _REACH), min(after - 1, own + _REACH)
        near = slice(start, stop)
        sides = levels.values[at : at + 2, None]
        away = (self.of.centres[near] - sides) / self.noise.sd[near]
        left, right = (_TAILS + 1) * np.log1p(away**2 / _TAILS)
        losses = np.concatenate(([0.0], np.cumsum(left - right)))
        return start, losses - float(losses.min())

    def _p(self, spoken: float) -> float:
        return 2 * upper_tail(sqrt(max(spoken, 0.0)), self.noise.freedom)

    def _ranks(self, levels: Levels, at: int) -> float:
        """The p-value of the order of the processes; of one value a build there is none."""
        return disorder(self.of, levels, at) if self.of.freedom else 0.0

    def _freedom(self, builds: float) -> float:
        return min(self.noise.freedom, self.noise.tails * builds)

    def _variances(self, levels: Levels) -> Floats:
        return self._dependence(levels.near) / levels.weights

    def _dependence(self, builds: float | Floats) -> float | Floats:
        """Factor of the variance of a mean over so many builds: neighbours move together."""
        return 1 + (self.noise.inflation - 1) * (1 - 1 / builds)
