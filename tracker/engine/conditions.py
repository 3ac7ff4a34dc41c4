"""What the conditions of a process say about its worth. Pure."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Literal

from tracker.config.settings import PolicySettings
from tracker.machine.program import Ended
from tracker.model.telemetry import Telemetry

#: what a machine does to a process, and no benchmark to itself
Fault = Literal["suspended", "killed"]

#: how a fault is told
WORDS: dict[Fault, str] = {
    "suspended": "the machine slept, or its clock was set, while a process ran",
    "killed": "a process was killed from outside",
}

#: channels with seconds in which the processor was slowed down, or taken away by a quota
_THROTTLED = ("throttled_time", "quota_time")


def fault(ended: Ended, policy: PolicySettings) -> Fault | None:
    """What the machine did to a process, so that it says nothing; None where it is a result."""
    if ended.how == "stopped":
        return None
    if ended.suspended_seconds > policy.suspended_seconds:
        return "suspended"
    if ended.how == "exited" and ended.exit_code == -signal.SIGKILL:
        return "killed"
    return None


def flags(telemetry: Telemetry, cores: int, policy: PolicySettings) -> tuple[str, ...]:
    """The flags of a process that ran under conditions which spoil numbers.

    Args:
        cores: logical cores of the machine.
    """
    found = {
        "loaded": cores_of_others(telemetry) / cores > policy.loaded_share,
        "throttled": max(_slowed(telemetry), default=0.0) > policy.throttled_share,
    }
    return tuple(name for name, holds in found.items() if holds)


def cores_of_others(telemetry: Telemetry) -> float:
    """How many cores others used, on average; what the hypervisor took is used by others too."""
    return sum(_rate(telemetry, name) for name in ("other_cpu_time", "stolen_time"))


def _slowed(telemetry: Telemetry) -> Iterator[float]:
    """Shares of the time in which something ran slower than it can."""
    yield from (_rate(telemetry, name) for name in _THROTTLED)
    for channel in telemetry.channels:
        if channel.name.endswith("_throttled"):  # of an accelerator: 1 while it is
            yield sum(channel.values) / len(channel.values)


def _rate(telemetry: Telemetry, name: str) -> float:
    """Growth of a channel a second; 0 where there is none, or too little of it."""
    channel = telemetry.channel(name)
    return channel.growth / channel.span if channel and channel.span > 0 else 0.0
