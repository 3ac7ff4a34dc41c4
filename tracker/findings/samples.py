"""From the points of a history to the arrays that statistics judge, and back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import exp, expm1, inf, isfinite, log
from typing import NamedTuple

import numpy as np

from tracker.model.series import Point
from tracker.statistics.arrays import Floats, table

#: logarithm of a ratio that no number holds
_BOUNDLESS = 700.0
#: beside the largest of the values, so small a share is what rounding leaves of a zero
_NOTHING = 1e-9


class Sample(NamedTuple):
    """What was measured of one build at one place of the history."""

    #: index of the first point of the build there
    at: int
    values: tuple[float, ...]
    rounds: tuple[int, ...]
    #: 1 / number of places where the same values stand
    share: float


def samples(points: tuple[Point, ...]) -> tuple[Sample, ...]:
    """The builds in order. Neighbouring points of one build are one sample.

    Points without values are passed over, so a build that stands on both sides of a commit that
    failed is still one sample, and no change point can lie between its points. What is no finite
    number is no value.
    """
    taken: list[tuple[int, Point]] = []
    for index, point in enumerate(points):
        new = not taken or point.build != taken[-1][1].build
        if new and point.state.has_values and any(map(isfinite, point.values)):
            taken.append((index, point))
    seen = Counter(point.build for _, point in taken)
    return tuple(_sample(index, point, 1 / seen[point.build]) for index, point in taken)


def _sample(at: int, point: Point, share: float) -> Sample:
    if all(map(isfinite, point.values)):
        return Sample(at=at, values=point.values, rounds=point.rounds, share=share)
    numbers = [pair for pair in zip(point.values, point.rounds, strict=True) if isfinite(pair[0])]
    values, rounds = zip(*numbers, strict=True)
    return Sample(at=at, values=values, rounds=rounds, share=share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The working scale: logarithms of positive values, else shares of a typical value."""

    logarithmic: bool
    unit: float

    @classmethod
    def of(cls, taken: tuple[Sample, ...]) -> Scale:
        return cls.fitting(np.array([value for sample in taken for value in sample.values]))

    @classmethod
    def fitting(cls, values: Floats) -> Scale:
        """The scale for values in the unit of the series, one or more."""
        typical, largest = float(np.median(np.abs(values))), float(np.abs(values).max())
        if typical <= _NOTHING * largest:
            typical = largest or 1.0
        return cls(logarithmic=bool((values > 0).all()), unit=typical)

    def working(self, taken: tuple[Sample, ...]) -> Floats:
        """(builds, rounds), NaN where there is none."""
        return self.of_values(_by_round(taken))

    def of_values(self, values: Floats) -> Floats:
        """Values in the unit of the series on the working scale."""
        return np.log(values) - log(self.unit) if self.logarithmic else values / self.unit

    def value(self, working: float) -> float:
        """In the unit of the series."""
        return exp(working + log(self.unit)) if self.logarithmic else working * self.unit

    def effect(self, step: float) -> float:
        """Relative change of a step; of non-positive values relative to their typical size."""
        if not self.logarithmic:
            return step
        return expm1(step) if step < _BOUNDLESS else inf

    def moved(self, value: float, effect: float) -> float:
        """A value in the unit of the series, changed by an effect."""
        return value * (1 + effect) if self.logarithmic else value + effect * self.unit

    def step(self, effect: float) -> float:
        """The step of a relative change; the same for up and down, seen as a ratio."""
        return log(1 + effect) if self.logarithmic else effect


def _by_round(taken: tuple[Sample, ...]) -> Floats:
    """A column for each round; in no order where a build has two values of one round."""
    values = [sample.values for sample in taken]
    orders = {sample.rounds for sample in taken}
    if any(len(set(order)) < len(order) for order in orders):
        return table(values)
    rounds = sorted(set().union(*orders))
    if orders == {tuple(rounds)}:  # nothing is missing
        return np.array(values)
    column = {number: at for at, number in enumerate(rounds)}
    rows = np.full((len(taken), len(rounds)), np.nan)
    for row, sample in zip(rows, taken, strict=True):
        row[[column[number] for number in sample.rounds]] = sample.values
    return rows
