"""Curves: the series of one benchmark that differ in one number alone, such as the batch size."""

from __future__ import annotations

from ast import literal_eval
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from operator import attrgetter
from typing import TypeVar

from tracker.model.cells import Coordinate, Parameters, shown, title

#: values that a parameter has to have before its series are a curve
FEWEST = 3

#: metrics that are the time of a whole call, by the names that harnesses give them: how many
#: things a second follows from them, which it does not from a first token or the time to load
_CALLS = ("time", "forward", "generate", "prefill", "decode", "train")

_One = TypeVar("_One", bound=Hashable)
_Shared = TypeVar("_Shared", bound=Hashable)


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

    @property
    def is_timed(self) -> bool:
        """Has it a throughput, and so a shape: a knee, an efficiency?"""
        return times_calls(self.shared.metric, self.shared.unit) and not self.shared.exact

    def size_of(self, other: str) -> float | None:
        """The size in the title of a benchmark that is this one at some size; None: another one."""
        own = (*self.shared.parameters, (self.parameter, _HOLE))
        before, after = title(self.shared.benchmark, tuple(sorted(own))).split(_HOLE)
        if len(other) <= len(before) + len(after) or not other.startswith(before):
            return None
        return size(other[len(before) : -len(after)]) if other.endswith(after) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bend:
    """What became of the shape of a curve of timings; as it is where that cannot be told."""

    #: corrected p-value against "all sizes changed by one ratio"; None: nothing to test
    shape_q: float | None = None
    #: is that p-value small enough to say that sizes changed by different ratios?
    bent: bool = False
    #: size from which on more no longer pays, before and after; None where there is none
    knees: tuple[float | None, float | None] = (None, None)
    #: throughput at the largest size over that of linear scaling, before and after; None: no timing
    efficiencies: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveChange(Bend):
    """What a commit did to a curve as a whole.

    Which of its points changed, and by how much, the effects of the finding say.
    """

    #: benchmark with its other parameters
    title: str
    parameter: str
    metric: str
    #: those that have values at the commit, or lost them there; smallest size first
    points: tuple[CurvePoint, ...]


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


def times_calls(metric: str, unit: str) -> bool:
    """Is it the time of a call?"""
    return unit == "s" and metric in _CALLS


def curves(coordinates: Iterable[Coordinate], parameters: Sequence[str]) -> tuple[Curve, ...]:
    """The curves among series.

    Args:
        coordinates: of the series, each once.
        parameters: names of parameters that scale.
    """
    found = families(
        coordinates,
        parameters,
        of=attrgetter("parameters"),
        shared=lambda one, rest: replace(one, parameters=rest),
    )
    return tuple(
        Curve(
            shared=shared,
            parameter=name,
            points=tuple(CurvePoint(size=at, series=one.series) for at, one in members.items()),
        )
        for shared, name, members in found
    )


def families(
    ones: Iterable[_One],
    parameters: Sequence[str],
    *,
    of: Callable[[_One], Parameters],
    shared: Callable[[_One, Parameters], _Shared],
) -> Iterator[tuple[_Shared, str, Mapping[float, _One]]]:
    """What differs in the size of a scaling parameter alone, in the order of its first one.

    Args:
        ones: each once.
        parameters: names of parameters that scale, the first that makes a family of one wins.
        of: the parameters of one.
        shared: what the members of its family have in common, given its other parameters.

    Yields:
        what they share, the name of the parameter, and size -> member, smallest size first.
    """
    left = list(ones)
    for name in parameters:
        groups: dict[_Shared, dict[float, _One]] = defaultdict(dict)
        for one in left:
            number = size(dict(of(one)).get(name, ""))
            if number is not None:
                rest = tuple(pair for pair in of(one) if pair[0] != name)
                groups[shared(one, rest)].setdefault(number, one)
        taken: set[_One] = set()
        for common, members in groups.items():
            if len(members) >= FEWEST:
                taken.update(members.values())
                yield common, name, {at: members[at] for at in sorted(members)}
        left = [one for one in left if one not in taken]
