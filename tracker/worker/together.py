"""Several measurements that pay for the start of their process once.

The process imports what the suite needs, and then forks for one member after the other. So each
member still has a process of its own, with nothing of the others in it; what they share is what
was drawn when the process started: the layout of memory and the hash seed.
"""

from __future__ import annotations

import os
import signal
from time import perf_counter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from .channel import Channel

#: seconds between two looks where the system cannot tell of an end
_BEAT = 0.05


def measure_each(
    members: list[dict[str, Any]], channel: Channel, measure: Callable[[int, dict[str, Any]], None]
) -> None:
    """Fork for each member and wait for its end.

    Around the lines of a member stand ``{"event": "began", "member": NUMBER, "at": SECONDS}`` and
    ``{"event": "left", ..., "exit_code": CODE, "timed_out": BOOLEAN}``, seconds since this was
    called. Its own lines have its number too.

    Args:
        members: their jobs, each with its ``timeout`` in seconds; 0: none.
        channel: the way out.
        measure: does the job of a number and leaves; called in the child.
    """
    started = perf_counter()
    for number, job in enumerate(members):
        channel.send("began", member=number, at=perf_counter() - started)
        child = os.fork()
        if not child:
            channel.adopt(number)
            measure(number, job)
            os._exit(1)  # whoever measures leaves by itself
        in_time = _ended_within(child, float(job.get("timeout", 0)))
        if not in_time:
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        channel.send(
            "left",
            member=number,
            at=perf_counter() - started,
            exit_code=-os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status),
            timed_out=not in_time,
        )


def _ended_within(child: int, seconds: float) -> bool:
    """Whether a child ends in time; it is not reaped."""
    import select  # noqa: PLC0415

    if hasattr(os, "pidfd_open"):
        descriptor = os.pidfd_open(child)
        try:
            return bool(select.select([descriptor], [], [], seconds or None)[0])
        finally:
            os.close(descriptor)
    until = perf_counter() + seconds
    while os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        if seconds and perf_counter() > until:
            return False
        select.select([], [], [], _BEAT)
    return True
