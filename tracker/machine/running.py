"""A process while it runs: its pipes are drained, its limits watched, its end collected."""

from __future__ import annotations

import contextlib
import os
import secrets
import selectors
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Self

from tracker.machine.family import MARKER, Family
from tracker.machine.intake import Lines, Pipe, Tail
from tracker.machine.program import RESULTS_FD, TURNS_FD, Ended, How, Program, started
from tracker.machine.turns import Turns

#: seconds between two looks at ``stop``
_BEAT = 0.05
#: seconds between two looks at memory, at least
_LOOK = 0.1
#: looking takes one part in so many of the time, however many processes the machine has
_LOOK_SHARE = 50
#: but memory is never left unwatched for longer, seconds
_UNWATCHED = 0.5


class Running:
    """A started program: leader of a group of its own, with pipes for results and output.

    Whatever descends from it is killed at its end. It does not outlive this process, nor the
    calling thread (Linux).
    """

    def __init__(self, program: Program, *, in_turns: bool = False) -> None:
        """Start it.

        Args:
            program: what to start.
            in_turns: let it take turns with another, see ``Turns``.

        Raises:
            InfrastructureError: it cannot be started.
            DiskFullError: there is no room for its files.
        """
        self._program = program
        self._results, self._printed = Pipe(), Pipe()
        self.turns = Turns() if in_turns else None
        marker = secrets.token_hex(16)
        try:
            descriptors = {RESULTS_FD: self._results.writing}
            if self.turns:
                descriptors[TURNS_FD] = self.turns.theirs
            self._child = started(
                program,
                output=self._printed.writing,
                descriptors=descriptors,
                variables={MARKER: marker},
            )
        except BaseException:
            self.close()
            raise
        finally:
            for pipe in (self._results, self._printed):
                pipe.close_writing()
            if self.turns:
                self.turns.close_theirs()
        self._family = Family(self._child.pid, marker)
        self._lines, self._tail = Lines(), Tail()
        self._sinks = {self._results: self._lines.feed, self._printed: self._tail.feed}
        self._started = time.monotonic()
        self._next_look = self._started + _LOOK / 5
        self._peak = 0
        #: how it ended; None while it runs
        self.how: How | None = None

    def close(self) -> None:
        """Give back what the operating system lent."""
        self._results.close()
        self._printed.close()
        if self.turns:
            self.turns.close()

    def register(self, selector: selectors.BaseSelector) -> None:
        """Let a selector wake up when there is something to read, or the end."""
        for pipe in self._sinks:
            if not pipe.ended:
                selector.register(pipe.reading, selectors.EVENT_READ, self._drainer(pipe, selector))
        if self.turns:
            selector.register(self.turns, selectors.EVENT_READ, self.turns.hear)

    def look(self, stop: threading.Event) -> None:
        """Find out whether it is over: by itself, by a limit, or because it was told to stop."""
        if self.how is None:
            self.how = "exited" if self._is_gone() else self._breach(stop)

    @contextlib.contextmanager
    def exit_notice(self) -> Iterator[int | None]:
        """A descriptor that becomes readable when it ends, where the system has it."""
        with _exit_notice(self._child.pid) as notice:
            yield notice

    def ended(self) -> Ended:
        """End what is left of it, and collect what it gave."""
        assert self.how is not None  # noqa: S101  whoever asks has waited
        seconds = time.monotonic() - self._started
        self._family.kill()
        code = self._child.wait()
        for pipe in self._sinks:
            while self._drain(pipe):
                pass
        ended = Ended(
            how=self.how,
            exit_code=code,
            seconds=seconds,
            lines=self._lines.parsed(),
            output=self._tail.text(),
            peak_bytes=self._peak,
        )
        sandbox = self._program.sandbox
        return replace(ended, exit_code=sandbox.exit_code(code)) if sandbox else ended

    def abandon(self) -> None:
        """Leave nothing behind when the waiting itself was interrupted."""
        self._family.kill()
        self._child.wait()

    def _drainer(self, pipe: Pipe, selector: selectors.BaseSelector) -> Callable[[], None]:
        def drain() -> None:
            self._drain(pipe)
            if pipe.ended:
                selector.unregister(pipe.reading)

        return drain

    def _drain(self, pipe: Pipe) -> bool:
        piece = pipe.take()
        self._sinks[pipe](piece)
        return bool(piece)

    def _is_gone(self) -> bool:
        # not reaped yet, so its number still names its group and nothing else
        if not hasattr(os, "waitid"):
            return self._child.poll() is not None
        return (
            os.waitid(os.P_PID, self._child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        )

    def _breach(self, stop: threading.Event) -> How | None:
        limits, now = self._program.limits, time.monotonic()
        if stop.is_set():
            return "stopped"
        if limits.timeout and now - self._started > limits.timeout:
            return "timed-out"
        if now >= self._next_look:
            held = self._family.memory()
            self._peak = max(self._peak, held)
            cost = time.monotonic() - now
            self._next_look = now + min(max(_LOOK, _LOOK_SHARE * cost), _UNWATCHED)
            if limits.memory_bytes and held > limits.memory_bytes:
                return "memory" if self._family.shared_aside() > limits.memory_bytes else None
        return None


class Watch:
    """Looks after running programs; used as a context manager."""

    def __init__(self, *runs: Running, stop: threading.Event) -> None:
        self._runs = runs
        self._stop = stop
        self._closing = contextlib.ExitStack()
        self._selector = self._closing.enter_context(selectors.DefaultSelector())

    def __enter__(self) -> Self:
        for run in self._runs:
            run.register(self._selector)
            notice = self._closing.enter_context(run.exit_notice())
            if notice is not None:
                self._selector.register(notice, selectors.EVENT_READ, _nothing)
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def until(self, over: Callable[[], bool]) -> None:
        """Wait until ``over`` says so, or one of them has ended."""
        while True:
            for run in self._runs:
                run.look(self._stop)
            if over() or any(run.how for run in self._runs):
                return
            for key, _ in self._selector.select(_BEAT):
                key.data()

    def until_one_ends(self) -> None:
        self.until(_never)


def _nothing() -> None:
    """A notice needs no answer: the next look sees what it is about."""


def _never() -> bool:
    return False


@contextlib.contextmanager
def _exit_notice(pid: int) -> Iterator[int | None]:
    """A descriptor that becomes readable when the process ends, where the system has it."""
    try:
        descriptor = os.pidfd_open(pid)
    except (AttributeError, OSError):
        yield None
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)
