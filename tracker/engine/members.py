"""What one process left for several members, told apart. Pure."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tracker.machine.program import Ended
from tracker.model.telemetry import Channel, Telemetry

Line = Mapping[str, Any]
_FRAME = ("began", "left")


def begun(ended: Ended) -> bool:
    """Whether the start that they share came to its end."""
    return any(line.get("event") == "began" for line in ended.lines)


def each(ended: Ended, count: int) -> tuple[Ended | None, ...]:
    """How each member ended; None for one that was not begun, or was cut short by ``stop``.

    A member that the limits of all ended is the one that ran at the time.
    """
    members = [_member(ended, number) for number in range(count)]
    # the kernel may end the one that takes too much, and the others a look later
    over = next((n for n, one in enumerate(members) if one and one.how == "memory"), count)
    return tuple(one if number <= over else None for number, one in enumerate(members))


def _member(ended: Ended, number: int) -> Ended | None:
    own = [line for line in ended.lines if line.get("member") == number]
    began = next((line for line in own if line["event"] == "began"), None)
    left = next((line for line in own if line["event"] == "left"), None)
    if began is None or (left is None and ended.how == "stopped"):
        return None
    start, end = began["at"], ended.seconds if left is None else left["at"]
    telemetry = _between(ended.telemetry, start, end, ended.seconds)
    own_lines = tuple(_bare(line) for line in own if line["event"] not in _FRAME)
    if left is None or _is_over_limit(ended, left):
        ended = replace(ended, lines=own_lines, seconds=end - start, telemetry=telemetry)
        return ended if left is None else replace(ended, output=left["printed"])
    peak = _peak(telemetry.channel("memory"), end - start)
    return replace(
        ended,
        how="timed-out" if left["timed_out"] else "exited",
        exit_code=int(left["exit_code"]),
        seconds=end - start,
        lines=own_lines,
        output=left["printed"],
        guarded=replace(
            ended.guarded, peak_bytes=peak or ended.guarded.peak_bytes, limit=_limit(left)
        ),
        telemetry=telemetry,
    )


def _peak(memory: Channel | None, seconds: float) -> int:
    """The most that was read while a member ran: looks beside it may have seen its neighbours."""
    if memory is None:
        return 0
    looks = list(zip(memory.offsets, memory.values, strict=True))
    own = [value for offset, value in looks if 0 <= offset <= seconds]
    return int(max(own or memory.values))


def _is_over_limit(ended: Ended, left: Line) -> bool:
    """Whether the kernel ended this one, for the limit on the memory of all."""
    killed = left["exit_code"] == -signal.SIGKILL and not left["timed_out"]
    return killed and ended.how == "memory"


def _limit(left: Line) -> str:
    return "wall-time" if left["timed_out"] else ""


def _bare(line: Line) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name != "member"}


def _between(telemetry: Telemetry, start: float, end: float, whole: float) -> Telemetry:
    """What was read from the last look before a member began to the first after it had left."""
    channels = []
    for channel in telemetry.channels:
        taken = list(_window(channel.offsets, start, end))
        channels.append(
            Channel(
                name=channel.name,
                unit=channel.unit,
                offsets=tuple(channel.offsets[i] - start for i in taken),
                values=tuple(channel.values[i] for i in taken),
            )
        )
    share = (end - start) / whole if whole else 0.0
    return Telemetry(channels=tuple(channels), overhead=telemetry.overhead * share)


def _window(offsets: Sequence[float], start: float, end: float) -> Iterator[int]:
    """Places of the readings within, and of one on either side; never none."""
    last = len(offsets) - 1
    for place, offset in enumerate(offsets):
        follows = place < last and offsets[place + 1] > start
        leads = place == 0 or offsets[place - 1] < end
        if (offset >= start or follows or place == last) and (offset <= end or leads):
            yield place
