"""Curves: the series of one benchmark that differ in one number alone, such as the batch size."""

from __future__ import annotations

from ast import literal_eval
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import isfinite

from tracker.model.cells import Coordinate, shown, title

#: values that a parameter has to have before its series are a curve
FEWEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """One series of a curve."""

    #: value of the scaling parameter: how many things one call handles
    size: float
    series: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The series that differ in the scaling parameter alone."""

    #: the coordinate that all of them have, the scaling parameter left out
    shared: Coordinate
    #: name of the scaling parameter
    parameter: str
    #: smallest size first
    points: tuple[CurvePoint, ...]

    @property
    def title(self) -> str:
        """Benchmark with its other parameters."""
        return self.shared.title

    @property
    def sizes(self) -> tuple[float, ...]:
        return tuple(point.size for point in self.points)

    def size_of(self, other: str) -> float | None:
        """The size in the title of a benchmark that is this one at some size; None: another one."""
        own = (*self.shared.parameters, (self.parameter, _HOLE))
        before, after = title(self.shared.benchmark, tuple(sorted(own))).split(_HOLE)
        if len(other) <= len(before) + len(after) or not other.startswith(before):
            return None
        return size(other[len(before) : -len(after)]) if other.endswith(after) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveChange:
    """What a commit did to a curve as a whole.

    Which of its points changed, and by how much, the effects of the finding say.
    """

    #: benchmark with its other parameters
    title: str
    parameter: str
    metric: str
    #: those that have values at the commit, or lost them there; smallest size first
    points: tuple[CurvePoint, ...]
    #: corrected p-value against "all sizes changed by one ratio"; None: nothing to test
    shape_q: float | None = None
    #: is that p-value small enough to say that sizes changed by different ratios?
    bent: bool = False
    #: size from which on more no longer pays, before and after; None where there is none
    knees: tuple[float | None, float | None] = (None, None)
    #: throughput at the largest size over that of linear scaling, before and after; None: no timing
    efficiencies: tuple[float, float] | None = None


#: no title has it: NUL cannot stand in the repr of anything
_HOLE = "\0"


def size(value: str) -> float | None:
    """A parameter's value as a size: a positive number, quoted or not; None for anything else."""
    try:
        number = literal_eval(shown(value))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    return float(number) if isfinite(number) and number > 0 else None


def curves(coordinates: Iterable[Coordinate], parameters: Sequence[str]) -> tuple[Curve, ...]:
    """The curves among series, in the order of their first series.

    Args:
        coordinates: of the series, each once.
        parameters: names of parameters that scale, the first that makes a curve of a series wins.
    """
    left = list(coordinates)
    found: list[Curve] = []
    for name in parameters:
        groups: dict[Coordinate, dict[float, Coordinate]] = defaultdict(dict)
        for one in left:
            number = size(dict(one.parameters).get(name, ""))
            if number is not None:
                groups[_without(one, name)].setdefault(number, one)
        taken: set[Coordinate] = set()
        for shared, members in groups.items():
            if len(members) >= FEWEST:
                taken.update(members.values())
                points = (CurvePoint(size=at, series=members[at].series) for at in sorted(members))
                found.append(Curve(shared=shared, parameter=name, points=tuple(points)))
        left = [one for one in left if one not in taken]
    return tuple(found)


def _without(coordinate: Coordinate, name: str) -> Coordinate:
    rest = tuple(pair for pair in coordinate.parameters if pair[0] != name)
    return replace(coordinate, parameters=rest)
