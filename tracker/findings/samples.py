"""From the points of a history to the arrays that statistics judge, and back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import exp, expm1, inf, log

import numpy as np

from tracker.model.series import Point
from tracker.statistics.arrays import Floats, table

#: logarithm of a ratio that no number holds
_BOUNDLESS = 700.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What was measured of one build at one place of the history."""

    #: index of the first point of the build there
    index: int
    values: tuple[float, ...]
    rounds: tuple[int, ...]
    #: 1 / number of places where the same values stand
    share: float


def samples(points: tuple[Point, ...]) -> tuple[Sample, ...]:
    """The builds in order. Neighbouring points of one build are one sample.

    Points without values are passed over, so a build that stands on both sides of a commit that
    failed is still one sample, and no change point can lie between its points.
    """
    places: list[int] = []
    for index, point in enumerate(points):
        if not point.values or not point.state.has_values:
            continue
        if places and points[places[-1]].build == point.build:
            continue
        places.append(index)
    seen = Counter(points[index].build for index in places)
    return tuple(
        Sample(
            index=index,
            values=points[index].values,
            rounds=points[index].rounds,
            share=1 / seen[points[index].build],
        )
        for index in places
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The working scale: logarithms of positive values, else shares of a typical value."""

    logarithmic: bool
    unit: float

    @classmethod
    def of(cls, taken: tuple[Sample, ...]) -> Scale:
        values = np.concatenate([sample.values for sample in taken])
        typical = float(np.median(np.abs(values))) or float(np.abs(values).max()) or 1.0
        return cls(logarithmic=bool((values > 0).all()), unit=typical)

    def working(self, taken: tuple[Sample, ...]) -> Floats:
        """(builds, rounds), NaN where there is none."""
        rows = _by_round(taken)
        return np.log(rows) - log(self.unit) if self.logarithmic else rows / self.unit

    def value(self, working: float) -> float:
        """In the unit of the series."""
        return exp(working + log(self.unit)) if self.logarithmic else working * self.unit

    def effect(self, step: float) -> float:
        """Relative change of a step; of non-positive values relative to their typical size."""
        if not self.logarithmic:
            return step
        return expm1(step) if step < _BOUNDLESS else inf

    def step(self, effect: float) -> float:
        """The step of a relative change; the same for up and down, seen as a ratio."""
        return log(1 + effect) if self.logarithmic else effect


def _by_round(taken: tuple[Sample, ...]) -> Floats:
    """A column for each round; in no order where a build has two values of one round."""
    if any(len(set(sample.rounds)) != len(sample.values) for sample in taken):
        return table([sample.values for sample in taken])
    rounds = sorted({number for sample in taken for number in sample.rounds})
    column = {number: at for at, number in enumerate(rounds)}
    rows = np.full((len(taken), len(rounds)), np.nan)
    for row, sample in zip(rows, taken, strict=True):
        row[[column[number] for number in sample.rounds]] = sample.values
    return rows
