"""Everything that a reader of a summary sees, as one value. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import isfinite

from tracker.model.commits import Commit
from tracker.model.machines import Machine
from tracker.model.measurements import State
from tracker.model.suites import Direction
from tracker.publish.scaling.contents import Latency


class Sign(StrEnum):
    """What makes a figure worth a second look."""

    slow = "slow"
    noisy = "noisy"
    slow_warm_up = "slow warm-up"
    not_converged = "not steady"
    threads = "threads"
    early_stopped = "early stopped"
    subset = "subset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """A sign, with the figure that gave it."""

    sign: Sign
    #: ``0.072 s an item; the limit is 0.05 s``
    evidence: str
    #: what badges of one sign are sorted by, the worst largest
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """A metric in seconds of one benchmark."""

    #: benchmark with parameters, metric, and what tells it from its like
    name: str
    metric: str
    #: how many things one call handles; None where no parameter says so
    size: float | None
    #: percentiles of raw samples
    latency: Latency
    #: things, or calls, a second; None where the metric is no call of the benchmark
    throughput: float | None
    processes: int
    #: robust coefficient of variation of the samples of a process, median over the processes
    within: float
    #: the same of the values of the processes; None: there is one
    between: float | None
    badges: tuple[Badge, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A metric that is no time: memory, work, quality."""

    #: benchmark with parameters, and what tells it from its like
    name: str
    metric: str
    unit: str
    #: median over the processes
    value: float
    exact: bool
    direction: Direction
    badges: tuple[Badge, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaled:
    """What size to choose for a benchmark that was measured at several."""

    #: benchmark with its other parameters, and what tells it from its like
    name: str
    #: the scaling parameter
    parameter: str
    #: size from which on more no longer pays; None where throughput grows to the last size
    knee: float | None
    #: things a second at the knee
    at_knee: float | None
    #: size with the highest throughput, that throughput, and its share of linear scaling
    best: float
    at_best: float
    efficiency: float
    #: each size with its throughput, smallest size first
    points: tuple[tuple[float, float], ...]
    badges: tuple[Badge, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """What gave no values at the commit."""

    #: benchmark with parameters; empty where the commit does not build
    title: str
    state: State
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """A recommendation: all benchmarks that have one sign."""

    sign: Sign
    #: names, the worst first
    of: tuple[str, ...]
    #: of the worst
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Speedup:
    """How many times as fast as the reference; below 1: slower."""

    ratio: float
    #: 95 % interval; from 0 to infinity where there are too few processes to tell
    low: float
    high: float

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The ends of the interval; None where nothing is known of it."""
        return (self.low, self.high) if self.low > 0 and isfinite(self.high) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Speedups:
    """A table of speed-ups: a row a benchmark, a column for each that is held against one."""

    #: what everything is held against: a commit's name, or ``library=opencv``
    reference: str
    #: names of the columns
    columns: tuple[str, ...]
    #: name of the benchmark, and a speed-up or None in each column
    rows: tuple[tuple[str, tuple[Speedup | None, ...]], ...]
    #: geometric mean of each column, of times of calls where it has any; None where it is empty
    means: tuple[Speedup | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What is known of one commit.

    There is no score: what one axis is worth against another is for the reader to say.
    """

    project: str
    #: link to the commit; empty where there is none that a reader may safely follow
    url: str
    suite: str
    machine: Machine
    commit: Commit
    generated_at: datetime
    timings: tuple[Timing, ...]
    scaling: tuple[Scaled, ...]
    memory: tuple[Amount, ...]
    #: counts: FLOPs, parameters, instructions, kernels, ...
    work: tuple[Amount, ...]
    quality: tuple[Amount, ...]
    #: whatever else has a unit of its own
    others: tuple[Amount, ...]
    lost: tuple[Lost, ...]
    advice: tuple[Advice, ...]
    #: None where nothing was named to hold it against
    speedups: Speedups | None
