"""What is read of a process and its machine while it runs, in bounded memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from tracker.machine import nvidia
from tracker.machine.family import Family
from tracker.machine.sensed import Sensed
from tracker.machine.sensors import busy, sensors
from tracker.model.telemetry import Channel, Telemetry

#: readings of a channel that are kept at most: a picture has no more columns, and a measurement of
#: hours takes no more room than one of minutes
MOST_READINGS = 240


class Recording:
    """Channels that grow with each tick, and are thinned by half whenever they are full.

    What is kept are readings as they were, the first and the last among them: channels that count
    lose nothing by it.
    """

    def __init__(self) -> None:
        self._points: dict[str, tuple[str, list[tuple[float, float]]]] = {}
        self._ticks = 0
        self._stride = 1

    def add(self, offset: float, sensed: Iterable[Sensed], *, last: bool = False) -> None:
        """Keep what was read ``offset`` seconds after the start, or every so many-th of it."""
        if last or self._ticks % self._stride == 0:
            for one in sensed:
                _, points = self._points.setdefault(one.channel, (one.unit, []))
                points.append((offset, one.value))
            if any(len(points) >= MOST_READINGS for _, points in self._points.values()):
                self._thin()
        self._ticks += 1

    def channels(self) -> tuple[Channel, ...]:
        """All of them, by name."""
        return tuple(
            Channel(
                name=name,
                unit=unit,
                offsets=tuple(offset for offset, _ in points),
                values=tuple(value for _, value in points),
            )
            for name, (unit, points) in sorted(self._points.items())
        )

    def _thin(self) -> None:
        self._stride *= 2
        for _, points in self._points.values():
            del points[1:-1:2]


class Tick(NamedTuple):
    """What matters at once."""

    #: resident memory of the whole family
    memory_bytes: int
    #: memory in use on all accelerators, by anybody
    device_bytes: int


class Sampler:
    """Reads a process and its machine from outside, and knows what that costs."""

    def __init__(self, families: Sequence[Family]) -> None:
        """Take the first readings.

        Args:
            families: all that the tracker measures at the same time, what is read the last of them;
                others may come later.
        """
        self._started = time.monotonic()
        self._families = families
        self._family = families[-1]
        self._recording = Recording()
        self._busy = busy()
        self._ours = self._our_seconds()
        self._others = 0.0
        self._overhead = 0.0
        self.device_bytes_before = self._counted(self._sense_machine, last=False).device_bytes

    def tick(self, *, last: bool = False) -> Tick:
        """Read everything; ``last`` says that there will be no further tick."""
        return self._counted(self._sense_all, last=last)

    def telemetry(self) -> Telemetry:
        """All that was read so far."""
        return Telemetry(channels=self._recording.channels(), overhead=self._overhead)

    def _counted(self, sense: Callable[[], list[Sensed]], *, last: bool) -> Tick:
        cost = time.thread_time()
        sensed = sense()
        self._recording.add(time.monotonic() - self._started, sensed, last=last)
        self._overhead += time.thread_time() - cost
        memory = next((one.value for one in sensed if one.channel == "memory"), 0)
        return Tick(int(memory), nvidia.memory_bytes(sensed))

    def _sense_all(self) -> list[Sensed]:
        usage = self._family.look()
        sensed = self._sense_machine(usage.core)
        if usage.memory_bytes:  # what has ended holds none
            sensed.append(Sensed("memory", "bytes", usage.memory_bytes))
        return sensed

    def _sense_machine(self, core: int | None = None) -> list[Sensed]:
        now = busy()
        ours = self._our_seconds() - self._ours
        # one clock counts ticks, the other time: their difference may go back a little
        self._others = max(self._others, now.seconds - self._busy.seconds - ours)
        sensed = [
            Sensed("cpu_time", "s", self._family.cpu_seconds),
            Sensed("other_cpu_time", "s", self._others),
            *sensors().read(core),
        ]
        if now.stolen is not None and self._busy.stolen is not None:
            sensed.append(Sensed("stolen_time", "s", now.stolen - self._busy.stolen))
        return sensed

    def _our_seconds(self) -> float:
        return sum(family.cpu_seconds for family in self._families)


class Clocks:
    """Tells that the machine slept, or that its clock was set.

    The monotonic clock stands still while Linux and macOS sleep, CLOCK_BOOTTIME (Linux) and the
    clock on the wall go on; when somebody sets the clock, that one jumps alone.
    """

    def __init__(self, read: Callable[[], tuple[float, ...]] | None = None) -> None:
        self._read = read or _clocks
        self._started = self._read()

    def apart(self) -> float:
        """Seconds by which the clocks have come apart since."""
        gone = [now - then for now, then in zip(self._read(), self._started, strict=True)]
        return max(gone) - min(gone)


def _clocks() -> tuple[float, ...]:
    boot = (time.clock_gettime(time.CLOCK_BOOTTIME),) if hasattr(time, "CLOCK_BOOTTIME") else ()
    return (time.monotonic(), time.time(), *boot)
