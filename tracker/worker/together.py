"""Several measurements that pay for the start of their process once.

The process imports what the suite needs, and then forks for one member after the other. So each
member still has a process of its own, with nothing of the others in it; what they share is what
was drawn when the process started: the layout of memory and the hash seed.
"""

from __future__ import annotations

import os
import signal
from time import perf_counter

from .channel import flush, out_of_the_way
from .counts import end_with_parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from .channel import Channel
    from .task import SuiteOfTasks

#: seconds between two looks where the system cannot tell of an end
_BEAT = 0.05
#: bytes that are kept of the end of what a member prints
_KEPT = 4000


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
    ``{"event": "left", ..., "exit_code": CODE, "timed_out": BOOLEAN, "printed": ITS END}``, seconds
    since this process started. Its own lines have its number too.

    Args:
        members: their jobs, each with its ``timeout`` in seconds; 0: none.
        channel: the way out.
        measure: does the job of a number and leaves; called in the child.
        started: when this process did, by ``perf_counter``.
    """
    for number, job in enumerate(members):
        channel.send("began", member=number, at=perf_counter() - started)
        flush()  # what is still to be written would be written by each child
        # the suite may have closed what it found, and these are not to take its place
        reading, writing = map(out_of_the_way, os.pipe())
        child = os.fork()
        if not child:
            end_with_parent()
            os.setpgid(0, 0)
            for stream in (1, 2):
                os.dup2(writing, stream)
            channel.adopt(number)
            measure(number, job)
            os._exit(1)  # whoever measures leaves by itself
        os.close(writing)
        printed = _Printed(reading)
        in_time = _ended_within(child, float(job.get("timeout", 0)), printed)
        _end_group(child)
        _, status = os.waitpid(child, 0)
        channel.send(
            "left",
            member=number,
            at=perf_counter() - started,
            exit_code=-os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status),
            timed_out=not in_time,
            printed=printed.rest(),
        )


def _end_group(leader: int) -> None:
    """End a child that is not reaped, and what it started: the next one is to be alone."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except OSError:  # it was ended before it could make a group of its own, or has none any more
        os.kill(leader, signal.SIGKILL)


def _ended_within(child: int, seconds: float, printed: _Printed) -> bool:
    """Whether a child ends in time, 0 being any; it is not reaped, and what it prints is taken."""
    import select  # noqa: PLC0415

    notice = _exit_notice(child)
    until = perf_counter() + seconds
    try:
        while os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            left = until - perf_counter()
            if seconds and left <= 0:
                return False
            pause = left if seconds else None
            if not notice:
                pause = min(_BEAT, pause or _BEAT)
            ready = select.select([*notice, *printed.open], [], [], pause)[0]
            if any(one in printed.open for one in ready):
                printed.take()
        return True
    finally:
        for descriptor in notice:
            os.close(descriptor)


def _exit_notice(child: int) -> list[int]:
    """What becomes readable when a child ends; nothing on old systems and Pythons."""
    try:
        return [os.pidfd_open(child)]
    except (AttributeError, OSError):
        return []


class _Printed:
    """What a member prints: passed on as it comes, and its end kept."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._end = b""
        #: the descriptor, as long as there may be more
        self.open = [descriptor]

    def take(self) -> bool:
        """Take what is there; whether that was anything."""
        piece = os.read(self._descriptor, 1 << 16)
        if not piece:
            self.open.clear()
            return False
        self._end = (self._end + piece)[-_KEPT:]
        try:  # noqa: SIM105 - contextlib would have to be imported
            os.write(2, piece)
        except OSError:
            pass  # the suite closed it: who is killed from outside has no output then
        return True

    def rest(self) -> str:
        """Take what is left, and close; the end of all as text."""
        os.set_blocking(self._descriptor, False)  # what left the group may hold the other end
        try:
            while self.take():
                pass
        except BlockingIOError:
            pass
        os.close(self._descriptor)
        return self._end.decode("utf-8", "replace")
