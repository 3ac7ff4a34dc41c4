"""Keeps a running program within its limits, and writes down what it takes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

from tracker.errors import ConfigurationError, Problem
from tracker.machine import nvidia
from tracker.machine.cgroup import Group
from tracker.machine.family import Family
from tracker.machine.program import How, Limits
from tracker.machine.telemetry import Clocks, Sampler
from tracker.model.telemetry import Guarded, Telemetry

#: looking takes one part in so many of the time, however many processes there are
_LOOK_SHARE = 50
#: but memory is never left unwatched for longer, seconds, unless the policy says so
_UNWATCHED = 0.5
#: the first look comes early: many processes live shorter than an interval
_EARLY = 0.2

#: what the limits are called where it is told which of them ended a process
_LIMITS: dict[How, str] = {
    "memory": "memory",
    "device-memory": "device-memory",
    "timed-out": "wall-time",
}


class Watched(NamedTuple):
    """All that was seen of a program from outside; the fields are those of ``Ended``."""

    #: why it is over: the kernel may have ended it
    how: How
    guarded: Guarded
    telemetry: Telemetry
    suspended_seconds: float


class Guard:
    """Looks at a program on an interval: once for its limits and for what is recorded."""

    def __init__(
        self,
        limits: Limits,
        *,
        interval: float,
        families: Sequence[Family],
        group: Group | None,
    ) -> None:
        """Begin to watch the last of ``families``, see ``Sampler``.

        Args:
            limits: what it may take.
            interval: seconds between two looks.
            families: all that the tracker measures at the same time, the watched one the last.
            group: the control group of the watched one, where it has one.

        Raises:
            ConfigurationError: there is a limit that nothing on this machine can watch.
        """
        if limits.device_memory_bytes and nvidia.library() is None:
            raise ConfigurationError("a limit cannot be watched", problems=[_UNWATCHABLE])
        self._limits = limits
        self._interval = interval
        self._family = families[-1]
        self._group = group
        self._clocks = Clocks()
        self._sampler = Sampler(families)
        self._started = time.monotonic()
        self._next_look = self._started + _EARLY * interval
        self._peak = self._device_peak = 0

    def look(self) -> How | None:
        """The limit that is exceeded, if any."""
        now = time.monotonic()
        if self._limits.timeout and now - self._started > self._limits.timeout:
            return "timed-out"
        if now < self._next_look:
            return None
        breach = self._breach(last=False)
        pause = min(_LOOK_SHARE * (time.monotonic() - now), _UNWATCHED)
        self._next_look = now + max(pause, self._interval)
        return breach

    def finish(self, how: How) -> Watched:
        """Look a last time, at what has ended but is not gone.

        Args:
            how: why it is over, as far as that was seen.
        """
        self._breach(last=True)
        if self._group:
            self._peak = max(self._peak, self._group.peak_bytes())
            how = "memory" if self._group.exceeded() else how
        return Watched(
            how=how,
            guarded=Guarded(
                limit=_LIMITS.get(how, ""),
                watched_by="cgroup" if self._group else "looks",
                peak_bytes=self._peak,
                peak_device_bytes=self._device_peak,
            ),
            telemetry=self._sampler.telemetry(),
            suspended_seconds=self._clocks.apart(),
        )

    def _breach(self, *, last: bool) -> How | None:
        tick = self._sampler.tick(last=last)
        limits, on_device = self._limits, tick.device_bytes - self._sampler.device_bytes_before
        self._peak = max(self._peak, tick.memory_bytes)
        self._device_peak = max(self._device_peak, on_device)
        if limits.device_memory_bytes and on_device > limits.device_memory_bytes:
            return "device-memory"
        if self._group and self._group.exceeded():
            return "memory"
        if limits.memory_bytes and tick.memory_bytes > limits.memory_bytes:
            return "memory" if self._family.shared_aside() > limits.memory_bytes else None
        return None


_UNWATCHABLE = Problem(
    message="there is no NVIDIA device here that can be asked",
    where="policy.device_memory_bytes",
    hint="install the extra, commit-tracker[nvidia], or set policy.device_memory_bytes=0",
)
