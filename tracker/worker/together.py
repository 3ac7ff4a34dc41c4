"""Several measurements that pay for the start of their process once.

The process imports what the suite needs, and then forks for one member after the other. So each
member still has a process of its own, with nothing of the others in it; what they share is what
was drawn when the process started: the layout of memory and the hash seed.
"""

from __future__ import annotations

import os
import signal
from time import perf_counter

from .counts import end_with_parent
from .telling import flush

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from .channel import Channel
    from .task import SuiteOfTasks

#: seconds between two looks where the system cannot tell of an end
_BEAT = 0.05


def opened(members: list[dict[str, Any]], open_suite: Callable[[], SuiteOfTasks]) -> SuiteOfTasks:
    """Open the suite; the process leaves where that takes longer than any of them may.

    What hangs would otherwise hang for as long as all of them may take. One by itself is watched
    from outside, which knows better what to call its end.
    """
    import faulthandler  # noqa: PLC0415

    timeouts = [float(job.get("timeout", 0)) for job in members]
    if len(timeouts) < 2 or not all(timeouts):
        return open_suite()
    faulthandler.dump_traceback_later(max(timeouts), exit=True)
    try:
        return open_suite()
    finally:
        faulthandler.cancel_dump_traceback_later()


def measure_each(
    members: list[dict[str, Any]],
    channel: Channel,
    measure: Callable[[int, dict[str, Any]], None],
    started: float,
) -> None:
    """Fork for each member, wait for its end, and end what it left running.

    Around the lines of a member stand ``{"event": "began", "member": NUMBER, "at": SECONDS}`` and
    ``{"event": "left", ..., "exit_code": CODE, "timed_out": BOOLEAN}``, seconds since this process
    started. Its own lines have its number too.

    Args:
        members: their jobs, each with its ``timeout`` in seconds; 0: none.
        channel: the way out.
        measure: does the job of a number and leaves; called in the child.
        started: when this process did, by ``perf_counter``.
    """
    for number, job in enumerate(members):
        channel.send("began", member=number, at=perf_counter() - started)
        flush()  # what is still to be written would be written by each child
        child = os.fork()
        if not child:
            end_with_parent()
            os.setpgid(0, 0)
            channel.adopt(number)
            measure(number, job)
            os._exit(1)  # whoever measures leaves by itself
        in_time = _ended_within(child, float(job.get("timeout", 0)))
        _end_group(child)
        _, status = os.waitpid(child, 0)
        channel.send(
            "left",
            member=number,
            at=perf_counter() - started,
            exit_code=-os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status),
            timed_out=not in_time,
        )


def _end_group(leader: int) -> None:
    """End a child that is not reaped, and what it started: the next one is to be alone."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except OSError:  # it was ended before it could make a group of its own, or has none any more
        os.kill(leader, signal.SIGKILL)


def _ended_within(child: int, seconds: float) -> bool:
    """Whether a child ends in time; it is not reaped."""
    import select  # noqa: PLC0415

    try:
        descriptor = os.pidfd_open(child)
    except (AttributeError, OSError):  # neither has every Python one, nor every kernel
        return _seen_to_end(child, seconds)
    try:
        return bool(select.select([descriptor], [], [], seconds or None)[0])
    finally:
        os.close(descriptor)


def _seen_to_end(child: int, seconds: float) -> bool:
    """As ``_ended_within``, by looking again and again."""
    import select  # noqa: PLC0415

    until = perf_counter() + seconds
    while os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        if seconds and perf_counter() > until:
            return False
        select.select([], [], [], _BEAT)
    return True
