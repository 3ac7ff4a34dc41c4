"""What was seen of a process, and of its machine, from outside while it ran."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Readings of one thing over time; seconds of processor time and of throttling only grow."""

    name: str
    unit: str
    #: seconds since the process was started; as many as ``values``, never none
    offsets: tuple[float, ...]
    values: tuple[float, ...]

    @property
    def growth(self) -> float:
        """How much was added between the first reading and the last."""
        return self.values[-1] - self.values[0]

    @property
    def span(self) -> float:
        """Seconds between the first reading and the last."""
        return self.offsets[-1] - self.offsets[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Telemetry:
    """All that was read while a process ran."""

    #: only what the machine has: a sensor that is missing is no channel
    channels: tuple[Channel, ...]
    #: processor seconds that the reading itself took
    overhead: float

    def channel(self, name: str) -> Channel | None:
        """The channel of a name; None where the machine has no such sensor."""
        return next((one for one in self.channels if one.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """How a process was kept within its limits."""

    #: the limit that ended it: "memory", "device-memory" or "wall-time"; "" where none did
    limit: str
    #: "cgroup": by the kernel and by looks; "looks": at its resident memory, now and then
    watched_by: str
    #: most memory that all its processes held together as far as it was seen, bytes; pages that
    #: they share count for each of them
    peak_bytes: int
    #: most that the memory of accelerators grew by, bytes; 0 where there are none
    peak_device_bytes: int
