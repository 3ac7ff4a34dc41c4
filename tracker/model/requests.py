"""What a strategy asks of the engine, and what it knows when it asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tracker.model.cells import Cell, EnvironmentRequest
from tracker.model.commits import Commit
from tracker.model.measurements import Process, State, unit_key
from tracker.model.purposes import HISTORY, Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepare:
    """Make it known what these commits install: builds, or failures to build."""

    environment: EnvironmentRequest
    commits: tuple[Commit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Run one process for one cell at one build."""

    commit: Commit
    build: str
    cell: Cell
    round: int
    #: place in the shuffled order of the round
    position: int
    purpose: Purpose = HISTORY
    #: within a run, processes of one batch and round are interleaved
    batch: str = ""
    #: samples of the process, or turns where it takes turns, at most; 0: as many as the policy says
    samples: int = 0
    #: a sample lasts at least so long; 0: as long as the policy says
    sample_seconds: float = 0.0
    #: count work too, which otherwise the first processes do
    counting: bool = False

    @property
    def unit(self) -> str:
        """Identity of the unit of work, to claim it."""
        return unit_key(self.build, self.cell.key, self.round, self.purpose)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurePair:
    """Run two processes that take their samples in turns, where their benchmark allows it."""

    #: started first, and first in odd turns
    first: Measure
    second: Measure

    @property
    def both(self) -> tuple[Measure, Measure]:
        return self.first, self.second


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureTogether:
    """Run one process that forks for each of several cells at one build, one after the other."""

    members: tuple[Measure, ...]


Request = Prepare | Measure | MeasurePair | MeasureTogether


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an attempt ended that gave no values."""

    state: State
    #: one line; may be empty
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store holds about the commits, cells and purpose of a question."""

    #: (commit, environment) -> build keys, one an environment class; empty: it does not build
    builds: Mapping[tuple[str, EnvironmentRequest], tuple[str, ...]] = field(default_factory=dict)
    #: (build, cell key) -> rounds that ended with values
    measured: Mapping[tuple[str, str], frozenset[int]] = field(default_factory=dict)
    #: (build, cell key) -> how the last attempt ended, where it gave no values
    failed: Mapping[tuple[str, str], Ending] = field(default_factory=dict)
    #: (build, cell key) -> how many of ``measured`` were too noisy to stand for the others
    noisy: Mapping[tuple[str, str], int] = field(default_factory=dict)
    #: build -> hash of its environment class
    classes: Mapping[str, str] = field(default_factory=dict)
    #: (build, cell key) -> what its processes gave, in the order of rounds; only for those who
    #: compare them, never for a history
    processes: Mapping[tuple[str, str], tuple[Process, ...]] = field(default_factory=dict)
