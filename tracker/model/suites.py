"""Suites and the benchmarks in them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    """Which way is better."""

    # not called like their values: str has a method of that name
    less = "lower"
    more = "higher"
    #: neither: a change is worth knowing, not good or bad
    none = "none"


class Kind(StrEnum):
    """What a benchmark judges."""

    performance = "performance"
    quality = "quality"


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One parameter of a benchmark and the values it takes.

    Values are the ``repr`` of Python objects: the one form that every harness
    can print, compare and look up again.
    """

    name: str
    values: tuple[str, ...]
    #: may the configuration name a value that the suite does not list?
    open: bool = False
    #: the least whole number that it may name; None: it need not be one
    least: int | None = None
    #: all that it may name; empty: anything
    choices: tuple[str, ...] = ()

    def may_be(self, value: object) -> bool:
        """May the configuration name this value, whether or not the suite lists it?"""
        if self.least is not None and (type(value) is not int or value < self.least):
            return False
        return self.open and (not self.choices or repr(value) in self.choices)


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """One thing measured."""

    name: str
    axes: tuple[Axis, ...] = ()
    kind: Kind = Kind.performance
    #: the metric that the benchmark exists for: time, value, peak_memory, ...
    metric: str = "time"
    unit: str = "s"
    direction: Direction = Direction.less
    #: seconds after which one process is given up; None: the policy's
    timeout: float | None = None
    #: does its process never share a start, whatever the suite says?
    own_start: bool = False
    #: ``file:line``, for messages
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A versioned, hashed set of benchmarks. The suite is fixed while the commit varies."""

    name: str
    harness: str
    #: SHA-256 over the files and settings that decide what is run
    hash: str
    benchmarks: tuple[Benchmark, ...]
    version: str = ""
    gold: bool = False
    #: False where there may be benchmarks that only running the suite shows
    complete: bool = True
    #: may the processes of several benchmarks be forked from one that has imported the suite?
    shares_start: bool = False
