"""A series along the history: what detection judges and reports draw."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.model.cells import Coordinate
from tracker.model.commits import Commit
from tracker.model.measurements import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One commit of a series."""

    commit: Commit
    build: str
    #: one value a process, in the unit of the series; empty where the commit failed
    values: tuple[float, ...]
    #: the round (block) of each value
    rounds: tuple[int, ...]
    #: number of the batch of each value: between two batches the machine may have changed
    batches: tuple[int, ...] = ()
    state: State = State.measured
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The points of one series in the order of the graph."""

    series: str
    coordinate: Coordinate
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One way that attempts ended without values."""

    #: benchmark with parameters; empty where the commits do not build
    title: str
    state: State
    reason: str
    #: SHAs, in no order
    commits: tuple[str, ...]
