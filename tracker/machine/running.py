"""A process while it runs: its pipes are drained, its limits watched, its end collected."""

from __future__ import annotations

import contextlib
import os
import secrets
import selectors
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Self

import psutil

from tracker.machine.cgroup import Group, limited
from tracker.machine.family import MARKER, Family
from tracker.machine.guard import Guard
from tracker.machine.intake import Lines, Pipe, Tail
from tracker.machine.program import RESULTS_FD, TURNS_FD, Ended, How, Program, started
from tracker.machine.turns import Turns

#: seconds between two looks at ``stop``
_BEAT = 0.05


class Running:
    """A started program: leader of a group of its own, with pipes for results and output.

    Whatever descends from it is killed at its end. It does not outlive this process, nor the
    calling thread (Linux).
    """

    def __init__(
        self, program: Program, *, in_turns: bool = False, beside: Running | None = None
    ) -> None:
        """Start it.

        Args:
            program: what to start.
            in_turns: let it take turns with another, see ``Turns``.
            beside: what runs at the same time, and is no load of others to it.

        Raises:
            ConfigurationError: there is a limit that nothing on this machine can watch.
            InfrastructureError: it cannot be started.
            DiskFullError: there is no room for its files.
        """
        self._program = program
        self._results, self._printed = Pipe(), Pipe()
        self.turns = Turns() if in_turns else None
        self._lines, self._tail = Lines(), Tail()
        self._sinks = {self._results: self._lines.feed, self._printed: self._tail.feed}
        #: how it ended; None while it runs
        self.how: How | None = None
        marker, strangers = secrets.token_hex(16), psutil.pids()
        self._child = self._begun(marker)
        self._started = time.monotonic()
        self._group: Group | None = None
        #: of all that runs at the same time
        self._families: list[Family] = beside._families if beside else []  # noqa: SLF001  of its own kind
        try:
            self._group = self._confined()
            self._family = Family(self._child.pid, marker, strangers=strangers, group=self._group)
            self._families.append(self._family)
            self._guard = Guard(
                program.limits,
                interval=program.interval,
                families=self._families,
                group=self._group,
            )
        except BaseException:
            self._child.kill()
            self._child.wait()
            self._leave()
            self.close()
            raise

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
            self.how = "exited" if self._is_gone() else self._ending(stop)

    @contextlib.contextmanager
    def exit_notice(self) -> Iterator[int | None]:
        """A descriptor that becomes readable when it ends, where the system has it."""
        with _exit_notice(self._child.pid) as notice:
            yield notice

    def ended(self) -> Ended:
        """End what is left of it, and collect what it gave."""
        assert self.how is not None  # noqa: S101  whoever asks has waited
        seconds = time.monotonic() - self._started
        watched = self._guard.finish(self.how)
        self._family.kill()
        code = self._child.wait()
        self._leave()
        for pipe in self._sinks:
            while self._drain(pipe):
                pass
        ended = Ended(
            exit_code=code,
            seconds=seconds,
            lines=self._lines.parsed(),
            output=self._tail.text(),
            **watched._asdict(),
        )
        sandbox = self._program.sandbox
        return replace(ended, exit_code=sandbox.exit_code(code)) if sandbox else ended

    def abandon(self) -> None:
        """Leave nothing behind when the waiting itself was interrupted."""
        self._family.kill()
        self._child.wait()
        self._leave()

    def _begun(self, marker: str) -> subprocess.Popen[bytes]:
        try:
            descriptors = {RESULTS_FD: self._results.writing}
            if self.turns:
                descriptors[TURNS_FD] = self.turns.theirs
            return started(
                self._program,
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

    def _confined(self) -> Group | None:
        """A control group with its limit on memory, where it has one and there can be one."""
        limit = self._program.limits.memory_bytes
        return limited(limit, self._child.pid) if limit else None

    def _leave(self) -> None:
        if self._group:
            self._group.remove()

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

    def _ending(self, stop: threading.Event) -> How | None:
        return "stopped" if stop.is_set() else self._guard.look()


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
