"""Slow slides: values that go on a little with every build, so that no step does them justice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import log, sqrt

import numpy as np

from tracker.statistics.arrays import Floats, Integers
from tracker.statistics.levels import Levels
from tracker.statistics.noise import Noise, Units, residual_noise

#: builds that the shortest slide lasts
_LASTING = 10
#: standard deviations by which the builds within levels have to go on the way that the levels go;
#: not asked of several steps one way, which are reason enough to look
_GOING_ON, _SEVERAL = 2.5, 2
#: squared standard deviations by which a slide fits better, beside the parameters that it spares
_CLEARLY = 10.0
#: standard deviations that it needs from end to end
_SURE = 4.25
#: parameters of a slide: two values and two places
_PARAMETERS = 4
#: places at which a slide may begin or end, tried at first
_GRID = 16
#: levels that one slide may have been taken for
_MOST_LEVELS = 12
#: builds further from their level than this many standard deviations are taken for that far
_FAR = 3.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Slide:
    """Values that go evenly from one level to another, on the working scale."""

    #: the levels that it was taken for, first and last
    first: int
    last: int
    #: the last build on the old level, and the first on the new one
    start: int
    stop: int
    before: float
    after: float
    #: standard deviation of ``after - before``
    error: float

    def at(self, builds: Floats) -> Floats:
        """The values at these builds."""
        share = np.clip((builds - self.start) / (self.stop - self.start), 0.0, 1.0)
        return self.before + (self.after - self.before) * share


def slides(of: Units, noise: Noise, levels: Levels, *, practical: float) -> tuple[Slide, ...]:
    """The slides that levels stand for, in order.

    Looked for in every run of levels that rise, or fall, one after the other, a single level being
    one too. A slide has to fit clearly better than the levels, by Schwarz's criterion (Annals of
    Statistics 1978) and a margin: within true levels nothing goes on, and beside a true step a
    slide fits much worse.

    Args:
        of: the builds.
        noise: that about the levels.
        levels: those that were found.
        practical: the smallest change worth speaking of.
    """
    inner = _Inner(of, noise, levels)
    found: list[Slide] = []
    free = 0
    for first, last in _runs(levels):
        if first < free or (last - first < _SEVERAL and not inner.goes_on(first, last)):
            continue
        slide = _best(of, noise, levels, first, last)
        total = abs(slide.after - slide.before)
        if total >= max(practical, _SURE * slide.error) and _is_better(slide, of, levels):
            found.append(slide)
            free = last + 1
    return tuple(found)


def _runs(levels: Levels) -> Iterator[tuple[int, int]]:
    """First and last level of each stretch that goes one way, by starts, the longest first."""
    ways = np.sign(levels.steps).tolist()
    count = len(levels.values)
    for first in range(count):
        end = first
        while end + 1 < min(count, first + _MOST_LEVELS) and ways[end] == ways[first]:
            end += 1
        for last in range(end, first - 1, -1):
            if levels.edges[last + 1] - levels.edges[first] > _LASTING:
                yield first, last


class _Inner:
    """Whether the builds within levels go on the way that the levels go: a pooled slope."""

    def __init__(self, of: Units, noise: Noise, levels: Levels) -> None:
        self._steps = levels.steps
        starts = levels.starts
        builds = np.arange(len(of), dtype=np.float64)
        weights = noise.weights
        middles = np.add.reduceat(weights * builds, starts) / np.add.reduceat(weights, starts)
        away = builds - middles.repeat(levels.lengths)
        held = _held(of, noise, levels) - levels.fitted
        self._slopes = np.concatenate(
            ([0.0], np.add.reduceat(weights * away * held, starts).cumsum())
        )
        self._spreads = np.concatenate(([0.0], np.add.reduceat(weights * away**2, starts).cumsum()))

    def goes_on(self, first: int, last: int) -> bool:
        slope = self._slopes[last + 1] - self._slopes[first]
        spread = self._spreads[last + 1] - self._spreads[first]
        if first < last:
            slope *= np.sign(self._steps[first])
        return bool((slope if first < last else abs(slope)) >= _GOING_ON * sqrt(spread))


def _held(of: Units, noise: Noise, levels: Levels) -> Floats:
    """(builds,) locations, no further from their level than the noise goes."""
    far = _FAR * noise.sd
    return np.clip(of.centres, levels.fitted - far, levels.fitted + far)


def _best(of: Units, noise: Noise, levels: Levels, first: int, last: int) -> Slide:
    """The slide that fits best over a run of levels: on a coarse grid of places, then near it."""
    begin, end = int(levels.edges[first]), int(levels.edges[last + 1]) - 1
    weights = noise.weights[begin : end + 1]
    values = _held(of, noise, levels)[begin : end + 1]
    pitch = max(1, (end - begin) // _GRID)
    places = np.arange(0, end - begin + 1, pitch)
    starts, stops = _pairs(places, places)
    for _ in range(2):
        at, before, total, spread = _fitted(values, weights, starts, stops)
        near = np.arange(-pitch, pitch + 1)
        here = np.clip(starts[at] + near, 0, end - begin), np.clip(stops[at] + near, 0, end - begin)
        start, stop = int(starts[at]), int(stops[at])
        starts, stops = _pairs(*here)
    return Slide(
        first=first,
        last=last,
        start=begin + start,
        stop=begin + stop,
        before=before,
        after=before + total,
        # From batch to batch the machine may have moved: borders add up along a slide.
        error=sqrt(
            spread * noise.inflation + of.borders[begin + start + 1 : begin + stop + 1].sum()
        ),
    )


def _pairs(starts: Integers, stops: Integers) -> tuple[Integers, Integers]:
    one, other = (each.ravel() for each in np.meshgrid(starts, stops))
    long = other - one >= _LASTING
    return one[long], other[long]


def _fitted(
    values: Floats, weights: Floats, starts: Integers, stops: Integers
) -> tuple[int, float, float, float]:
    """The best of the places, by least squares: its index, value before, total, its variance."""
    builds = np.arange(len(values))
    shares = np.clip((builds - starts[:, None]) / (stops - starts)[:, None], 0.0, 1.0)
    whole, sums = weights.sum(), weights @ values
    once, twice = shares @ weights, shares**2 @ weights
    mixed = shares @ (weights * values)
    room = whole * twice - once**2
    totals = (whole * mixed - once * sums) / room
    befores = (sums - totals * once) / whole
    at = int((befores * sums + totals * mixed).argmax())
    return at, float(befores[at]), float(totals[at]), float(whole / room[at])


def _is_better(slide: Slide, of: Units, levels: Levels) -> bool:
    """Does it fit clearly better than its levels do?

    By the noise about the slide: what is left of a slide about levels would pass for noise that
    neighbours share.
    """
    begin, end = levels.edges[slide.first], levels.edges[slide.last + 1]
    here = slice(int(begin), int(end))
    fitted = levels.fitted.copy()
    fitted[here] = slide.at(np.arange(begin, end, dtype=np.float64))
    replaced = slide.last - slide.first + 1
    noise = residual_noise(of, of.centres - fitted, len(levels.values) - replaced + _PARAMETERS)

    def loss(about: Floats) -> float:
        away = (of.centres - about)[here] ** 2 * noise.weights[here]
        return float(np.minimum(away, noise.bounds[here]).sum())

    spared = (2 * replaced - 1 - _PARAMETERS) * log(end - begin)
    gain = (loss(levels.fitted) - loss(fitted)) / noise.inflation
    return gain > 0 and gain + spared >= _CLEARLY
