"""How a benchmark scales at one commit: what a report shows of a curve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tracker.model.measurements import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Percentiles of raw samples, seconds."""

    p50: float
    p95: float
    p99: float
    #: calls that each sample is a mean of, at most: of more than one, these are not those of calls
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One size of a curve."""

    #: value of the scaling parameter: how many things one call handles
    size: float
    #: of the timing; empty where it never gave a value
    series: str
    state: State
    #: why, where it is not measured
    reason: str
    #: None where the commit has no samples
    latency: Latency | None = None
    #: things a second with its interval; None, as below, where the commit has no value
    throughput: float | None = None
    low: float | None = None
    high: float | None = None
    #: throughput over what linear scaling from the smallest size would give
    efficiency: float | None = None
    #: bytes
    memory: float | None = None
    #: throughput at the reference
    before: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Where a curve ends because the next size does not work."""

    size: float
    state: State
    reason: str
    #: the largest size with values
    last_good: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingCurve:
    """Timings of one benchmark at one commit, by size."""

    #: benchmark with its other parameters, and what tells it from others of that title
    name: str
    parameter: str
    #: SHA of the newest commit where it has values
    commit: str
    #: SHA of the first commit where it has values; the same where there is no other
    reference: str
    #: smallest size first
    rungs: tuple[Rung, ...]
    #: metric that ``memory`` is; empty where none was measured
    memory_metric: str
    #: size from which on more no longer pays; None where throughput grows to the last size
    knee: float | None
    #: the same at the reference, over the sizes that have values now; None as well where that is
    #: the same commit
    knee_before: float | None
    end: End | None

    @property
    def measured(self) -> Iterator[Rung]:
        """The sizes that have values."""
        return (rung for rung in self.rungs if rung.throughput is not None)
