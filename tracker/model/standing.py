"""What a commit gave in each series, process by process, with the raw samples."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.model.cells import Coordinate
from tracker.model.measurements import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What one process gave in one series."""

    #: raw, each a mean over ``loops`` calls, in the unit of the series
    samples: tuple[float, ...]
    loops: int
    #: batches before the samples, those of the calibration included
    warmup: int
    #: the one value that stands for the process
    value: float
    state: State
    #: why, where the state is not ``measured``
    reason: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One series at one commit."""

    coordinate: Coordinate
    #: threads that the cell asked for; 0 left the library its default; None: nobody knows any more
    threads: int | None
    #: in the order of time
    processes: tuple[Given, ...]

    @property
    def samples(self) -> tuple[float, ...]:
        """Of all processes."""
        return tuple(sample for one in self.processes for sample in one.samples)

    @property
    def values(self) -> tuple[float, ...]:
        """One a process."""
        return tuple(one.value for one in self.processes)

    @property
    def loops(self) -> int:
        """Calls behind a sample, at most."""
        return max(one.loops for one in self.processes)
