"""What one process produced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from tracker.model.canonical import digest
from tracker.model.cells import Coordinate
from tracker.model.purposes import HISTORY, Purpose
from tracker.model.telemetry import Guarded, Telemetry


class State(StrEnum):
    """How an attempt ended."""

    measured = "measured"
    #: stopped by the policy with a reason; what was measured is kept
    early_stopped = "early-stopped"
    #: the benchmark itself said that it does not apply here
    unsupported = "unsupported"
    build_failed = "build-failed"
    #: raised, crashed, left early, or returned what is no number
    benchmark_failed = "benchmark-failed"
    timed_out = "timed-out"
    #: killed by the guard
    resource_exceeded = "resource-exceeded"
    #: what was asked for does not fit into the memory of its device; the reason says what does
    out_of_memory = "out-of-memory"
    #: the harness cannot work with this commit; says nothing about its speed
    harness_incompatible = "harness-incompatible"
    quarantined = "quarantined"

    @property
    def words(self) -> str:
        """As people read it: ``timed out``."""
        return self.value.replace("-", " ")

    @property
    def has_values(self) -> bool:
        return self in (State.measured, State.early_stopped)

    @property
    def may_have_samples(self) -> bool:
        """Is what was measured before the end kept? Without ``has_values`` nothing judges it."""
        return self.has_values or self in (
            State.benchmark_failed,
            State.timed_out,
            State.resource_exceeded,
            State.out_of_memory,
        )


#: flags of a process whose numbers are worth less than those of others
NOISY_FLAGS = ("loaded", "noisy", "throttled", "unsteady")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The samples of one series in one process. The unit is the coordinate's."""

    coordinate: Coordinate
    #: raw, after warm-up, each already divided by ``loops``; finite, never empty
    samples: tuple[float, ...]
    #: calls behind each sample
    loops: int = 1
    #: the curve before the samples
    warmup: tuple[float, ...] = ()
    #: the one value that stands for the process (see the policy)
    value: float
    #: sample of a data set -> what came out for it, as text; empty where that is not kept
    answers: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What else a reader needs to trust a measurement, read back from the process, not assumed."""

    backend: str
    precision: str
    dataset: str
    #: the device actually used
    device: str
    #: the number of threads actually used
    threads: int
    #: implementation and full version
    python: str
    #: file that the project's package was imported from; empty when the suite imports none
    imported_from: str
    #: load average over one minute before and after
    load_before: float
    load_after: float
    #: anything a harness adds; JSON values
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One process that was asked to measure one cell at one build, and how it ended."""

    #: identifier of the run that paid for it
    run: str
    #: the commit that was checked out for it; others may share the build. Empty for what is no
    #: commit: a work tree with changes, a wheel
    commit: str
    build: str
    cell: str
    #: which of the processes of (build, cell) this is, from 0: the block of paired tests
    round: int
    purpose: Purpose = HISTORY
    #: within a run, processes of one batch and round were interleaved
    batch: str = ""
    #: place in the shuffled order of the round
    position: int
    state: State
    #: why, where the state is not ``measured``; one line
    reason: str = ""
    #: last lines the process printed, for failures
    output: str = ""
    #: aware, UTC
    started_at: datetime
    #: wall time of the whole process, seconds
    seconds: float
    exit_code: int | None
    readings: tuple[Reading, ...] = ()
    #: "noisy", "not-converged", "loaded", ...; "suspended" and "killed" are about attempts before
    flags: tuple[str, ...] = ()
    #: None where the process ended before it could tell
    provenance: Provenance | None = None
    #: None where nobody watched
    guarded: Guarded | None = None
    telemetry: Telemetry | None = None

    @property
    def key(self) -> str:
        """Identity of the unit of work: a second result of the same unit is not stored twice."""
        return unit_key(self.build, self.cell, self.round, self.purpose)


def unit_key(build: str, cell: str, number: int, purpose: Purpose = HISTORY) -> str:
    """Identity of the work of one process, round ``number``, before and after it was done."""
    return digest([build, cell, number, *purpose.identity])


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """How a process ran, as far as those look at it who wonder about its numbers."""

    #: key of the cell, and its benchmark with parameters
    cell: str
    title: str
    state: State
    #: wall time of the whole process, seconds
    seconds: float
    flags: tuple[str, ...]
    #: None where nobody watched
    guarded: Guarded | None
    telemetry: Telemetry | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """What a process gave, as far as those who compare processes look at it."""

    round: int
    #: number of the batch; processes of one batch and round were interleaved
    batch: int
    readings: tuple[Reading, ...]
    flags: tuple[str, ...] = ()
    #: wall time of the whole process, seconds
    seconds: float = 0.0
