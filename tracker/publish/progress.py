"""A run while it goes on: a live table for people, plain lines for logs."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console

from tracker.model.commits import Commit
from tracker.model.environments import Build, BuildFailure
from tracker.model.measurements import Measurement
from tracker.model.requests import Measure
from tracker.publish.board import Board
from tracker.publish.terminal import say
from tracker.publish.wording import clean

#: seconds between two plain lines about the same round
QUIET_SECONDS = 5.0


class Progress(Protocol):
    """Whoever shows how a run goes on; used as a context manager, from any thread.

    It is what the engine tells as its watcher; ``counted`` is told how many processes are done.
    """

    def started(self, commits: Sequence[Commit]) -> None:
        """Name all commits of the run, oldest first; again where they become others."""

    def building(self, commit: Commit) -> None: ...

    def built(self, commit: Commit, outcome: Build | BuildFailure, seconds: float) -> None: ...

    def counted(self, done: int, total: int) -> None: ...

    def measuring(self, request: Measure) -> None: ...

    def measured(self, request: Measure, result: Measurement) -> None: ...

    def note(self, text: str) -> None:
        """Say something that stays."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def open_progress(console: Console, *, plain: bool) -> Progress:
    """What shows a run on this console.

    Args:
        console: where to print.
        plain: lines that stay, for logs and for terminals that cannot redraw.
    """
    if plain:
        return PlainProgress(console)
    from tracker.publish.live import LiveProgress  # noqa: PLC0415  most of rich, for people only

    return LiveProgress(console)


class PlainProgress:
    """One line a built commit and a failure, and every few seconds one about the round."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._board = Board(clock)
        self._said: float | None = None
        self._round: int | None = None
        self._failures: set[tuple[str, str]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if summary := self._board.summary():
            self.note(summary)

    def started(self, commits: Sequence[Commit]) -> None:
        self._board.started(commits)

    def building(self, commit: Commit) -> None:
        self._board.building(commit)

    def built(self, commit: Commit, outcome: Build | BuildFailure, seconds: float) -> None:
        with self._board.lock:
            row = self._board.built(commit, outcome, seconds)
            decided, known = self._board.built_of()
            what = f"does not build: {row.remark}" if row.build == "broken" else "built"
            same = f" ({row.remark})" if row.build == "same" else ""
            self.note(f"{decided}/{known} {commit.label} {what}{same}, {seconds:.1f} s")

    def counted(self, done: int, total: int) -> None:
        self._board.counted(done, total)

    def measuring(self, request: Measure) -> None:
        self._board.measuring(request)

    def measured(self, request: Measure, result: Measurement) -> None:
        with self._board.lock:
            self._board.measured(request, result)
            if text := failure(request, result, self._failures):
                self.note(text)
            # A new round may say so, but not faster than a log can be read.
            pause = QUIET_SECONDS / 5 if request.round != self._round else QUIET_SECONDS
            if self._said is None or self._clock() - self._said >= pause:
                self._said, self._round = self._clock(), request.round
                self.note(f"round {request.round + 1}: {self._board.progress()}")

    def note(self, text: str) -> None:
        with self._board.lock:
            say(self._console, clean(text))


def failure(request: Measure, result: Measurement, told: set[tuple[str, str]]) -> str:
    """What to say about a process without values: once a commit and cell, else nothing."""
    unit = (request.commit.sha, request.cell.key)
    if result.state.has_values or unit in told:
        return ""
    told.add(unit)
    return f"{request.commit.label} {request.cell.title} {result.state.words}: {result.reason}"
