"""Where a run stands: told by events, read by whoever shows it. Knows nothing of terminals."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tracker.model.commits import Commit
from tracker.model.environments import Build, BuildFailure
from tracker.model.measurements import Measurement
from tracker.model.requests import Measure
from tracker.publish.wording import counted, duration


@dataclass(slots=True, kw_only=True)
class Row:
    """One commit of the run."""

    commit: Commit
    #: "", "building", "built", "broken", "known" from before, or "same", where an earlier commit
    #: installs the same
    build: str = ""
    build_seconds: float = 0.0
    #: why it does not build, or the commit that it is the same as
    remark: str = ""
    measured: int = 0
    failed: int = 0
    #: when something last happened to it, to keep it in sight
    touched: float = 0.0


class Board:
    """The state of a run. Safe to use from several threads, and from a signal handler.

    Only writers lock. A reader that did could wait for a writer that a signal has interrupted,
    while the handler waits for what the reader holds; so readers copy, which is atomic.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        # a signal may interrupt the very thread that holds it
        self.lock = threading.RLock()
        self._clock = clock
        self._began = clock()
        self._measuring_since: float | None = None
        self._finished_here = 0
        self._rows: dict[str, Row] = {}
        self._builds: dict[str, Commit] = {}
        self.current: Measure | None = None
        self.done = 0
        self.total = 0

    def started(self, commits: Sequence[Commit]) -> None:
        with self.lock:
            before = self._rows
            self._rows = {one.sha: before.get(one.sha) or Row(commit=one) for one in commits}

    def counted(self, done: int, total: int) -> None:
        with self.lock:
            self.done, self.total = done, total

    def building(self, commit: Commit) -> None:
        with self.lock:
            self._touch(commit).build = "building"

    def built(self, commit: Commit, outcome: Build | BuildFailure, seconds: float) -> Row:
        with self.lock:
            row = self._touch(commit)
            row.build_seconds = seconds
            if isinstance(outcome, BuildFailure):
                row.build, row.remark = "broken", outcome.reason
            else:
                first = self._builds.setdefault(outcome.key, commit)
                row.build = "built" if first.sha == commit.sha else "same"
                row.remark = "" if row.build == "built" else f"same as {first.label}"
            return row

    def measuring(self, request: Measure) -> None:
        with self.lock:
            row = self._touch(request.commit)
            row.build = row.build or "known"
            self.current = request
            if self._measuring_since is None:
                self._measuring_since = self._clock()

    def measured(self, request: Measure, result: Measurement) -> None:
        with self.lock:
            row = self._touch(request.commit)
            row.measured += result.state.has_values
            row.failed += not result.state.has_values
            self._finished_here += 1
            self.done = min(self.done + 1, self.total) if self.total else self.done + 1

    def _touch(self, commit: Commit) -> Row:
        row = self._rows.setdefault(commit.sha, Row(commit=commit))
        row.touched = self._clock()
        return row

    def rows(self, most: int) -> list[Row]:
        """The commits where something happened last, and the next ones, in the order of history."""
        recent = sorted(self._rows.values(), key=lambda row: -row.touched)[:most]
        return sorted(recent, key=lambda row: row.commit.position)

    def built_of(self) -> tuple[int, int]:
        """Commits whose build is decided, and all commits that are known of."""
        rows = list(self._rows.values())
        return sum(row.build not in ("", "building") for row in rows), len(rows)

    def remaining(self) -> float | None:
        """Seconds to go at the pace so far; None while there is no pace."""
        if self._measuring_since is None or not self._finished_here or not self.total:
            return None
        pace = (self._clock() - self._measuring_since) / self._finished_here
        return pace * (self.total - self.done)

    def progress(self) -> str:
        """``34 of 225 processes · 2:10 to go``."""
        if not self.total:  # nobody knows how many it takes
            return counted(self._finished_here, "process", "processes")
        text = f"{self.done:,} of {self.total:,} processes"
        left = self.remaining()
        return text if left is None else f"{text} · {duration(left)} to go"

    def summary(self) -> str:
        """What this run did, in one line; empty when it did nothing."""
        rows = list(self._rows.values())
        built = sum(row.build in ("built", "same") for row in rows)
        broken = sum(row.build == "broken" for row in rows)
        measured = sum(row.measured for row in rows)
        failed = sum(row.failed for row in rows)
        parts = [
            built and f"{counted(built, 'commit')} built",
            broken and f"{broken} not buildable",
            measured and f"{counted(measured, 'process', 'processes')} measured",
            failed and f"{failed} failed",
        ]
        told = [part for part in parts if part]
        return " · ".join([*told, duration(self._clock() - self._began)]) if told else ""
