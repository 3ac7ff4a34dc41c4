"""The live table of a run: commits down, states across, one line that says how far it is."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from tracker.machine.fingerprint import load
from tracker.model.commits import Commit
from tracker.model.environments import Build, BuildFailure
from tracker.model.measurements import Measurement
from tracker.model.requests import Measure
from tracker.publish.board import Board, Row
from tracker.publish.progress import failure
from tracker.publish.wording import clean, quantity

#: commits in sight
_SHOWN = 12


def vitals() -> str:
    """``load 1.2 · 34 GB free``: of the machine, and of the disk that work goes to."""
    free = shutil.disk_usage(Path.home()).free
    return f"load {load():.1f} · {quantity(free, 'B', 2)} free"


class LiveProgress:
    """A table that is drawn again as the run goes on, and gone when it ends."""

    def __init__(self, console: Console, vitals: Callable[[], str] = vitals) -> None:
        self._console = console
        self._vitals = vitals
        self._board = Board()
        self._failures: set[tuple[str, str]] = set()
        self._spinner = Spinner("dots", Text("reading the history and the suite", "dim"))
        # The thread of the display reads the board; nothing is drawn from a thread that works.
        self._live = Live(
            get_renderable=self._picture, console=console, refresh_per_second=4, transient=True
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()
        if summary := self._board.summary():
            self._console.print(Text(summary, "dim"), highlight=False)

    def started(self, commits: Sequence[Commit]) -> None:
        self._board.started(commits)

    def building(self, commit: Commit) -> None:
        self._board.building(commit)

    def built(self, commit: Commit, outcome: Build | BuildFailure, seconds: float) -> None:
        self._board.built(commit, outcome, seconds)

    def counted(self, done: int, total: int) -> None:
        self._board.counted(done, total)

    def measuring(self, request: Measure) -> None:
        self._board.measuring(request)

    def measured(self, request: Measure, result: Measurement) -> None:
        self._board.measured(request, result)
        if text := failure(request, result, self._failures):
            self.note(text)

    def note(self, text: str) -> None:
        self._live.console.print(Text(clean(text), "dim"), highlight=False)

    # the picture ------------------------------------------------------------------------

    def _picture(self) -> RenderableType:
        return self._work()

    def _work(self) -> RenderableType:
        """Commits, and what runs now."""
        rows = self._board.rows(_SHOWN)
        if not rows:
            return self._spinner
        return Group(self._table(rows), self._foot())

    def _table(self, rows: Sequence[Row]) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), expand=True)
        table.add_column("commit", no_wrap=True)
        table.add_column("build", no_wrap=True)
        table.add_column("measured", justify="right", no_wrap=True)
        table.add_column("failed", justify="right", no_wrap=True)
        table.add_column("", ratio=1, no_wrap=True, overflow="ellipsis")
        current = self._board.current
        for row in rows:
            here = current is not None and current.commit.sha == row.commit.sha
            table.add_row(
                Text(f"{'▸' if here else ' '} {row.commit.label}"),
                _build(row),
                Text(str(row.measured or "")),
                Text(str(row.failed or ""), "red"),
                Text(clean(row.remark or row.commit.subject), "" if row.remark else "dim"),
                style="bold" if here else "",
            )
        return table

    def _foot(self) -> RenderableType:
        board = self._board
        foot = Table.grid(padding=(0, 2, 0, 0))
        if not board.total or board.current is None:
            decided, known = board.built_of()
            text = f"{decided} of {known} commits built · {self._vitals()}"
            foot.add_row(ProgressBar(total=known, completed=decided, width=30), Text(text, "dim"))
            return foot
        where = f"round {board.current.round + 1} · {board.progress()} · {self._vitals()}"
        foot.add_row(
            ProgressBar(total=board.total, completed=board.done, width=30), Text(where, "dim")
        )
        current = board.current
        self._spinner.update(text=Text(f"{current.cell.title} at {current.commit.label}"))
        return Group(foot, self._spinner)


def _build(row: Row) -> Text:
    match row.build:
        case "building":
            return Text("building", "yellow")
        case "built":
            return Text(f"✓ {row.build_seconds:.1f} s", "green")
        case "same":
            return Text("✓ same", "green")
        case "known":
            return Text("✓ known", "green")
        case "broken":
            return Text("✗ broken", "red")
        case _:
            return Text("waiting", "dim")
