"""A comparison while it goes on: a live table for people, plain lines for logs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from tracker.model.comparisons import Compared
from tracker.model.findings import Outcome
from tracker.publish.comparing.entries import single
from tracker.publish.comparing.terminal import table
from tracker.publish.live import LiveProgress
from tracker.publish.naming import names
from tracker.publish.progress import PlainProgress, Progress
from tracker.publish.wording import counted, duration

#: rows in sight
_SHOWN = 18


class ComparingProgress(Progress, Protocol):
    """Whoever shows how a comparison goes on."""

    def standing(self, rows: Sequence[Compared], decided: int, cells: int) -> None:
        """Tell the main row of each cell, and how many are decided."""


def open_comparing(
    console: Console, *, plain: bool, most: int, budget: float | None
) -> ComparingProgress:
    """What shows a comparison on this console.

    Args:
        console: where to print.
        plain: lines that stay.
        most: rounds, at most.
        budget: seconds of measuring, at most.
    """
    if plain:
        return PlainComparing(console)
    return LiveComparing(console, most=most, budget=budget)


class PlainComparing(PlainProgress):
    """One line a round."""

    def standing(self, rows: Sequence[Compared], decided: int, cells: int) -> None:
        if rounds := max((row.rounds for row in rows), default=0):
            self.note(f"after {counted(rounds, 'round')}: {decided} of {cells} cells decided")


class LiveComparing(LiveProgress):
    """The table of cells, drawn again after every round; those that are open come first."""

    def __init__(self, console: Console, *, most: int, budget: float | None) -> None:
        self._most = most
        self._budget = budget
        self._rows: Sequence[Compared] = ()
        self._standing = (0, 0)
        self._since: float | None = None
        super().__init__(console)  # draws a first picture

    def standing(self, rows: Sequence[Compared], decided: int, cells: int) -> None:
        self._rows = sorted(rows, key=_is_decided)
        self._standing = (decided, cells)
        if self._since is None and cells:
            self._since = time.monotonic()

    def _picture(self) -> RenderableType:
        if not any(row.verdict for row in self._rows):
            return self._work()
        called = names(row.cell for row in self._rows)
        shown = table(
            [single(row, called) for row in self._rows[:_SHOWN]],
            width=self._console.width,
            undecided="measuring",
        )
        hidden = len(self._rows) - _SHOWN
        more = [Text(f"and {hidden} more", "dim")] if hidden > 0 else []
        return Group(self._head(), Text(), shown, *more)

    def _head(self) -> RenderableType:
        decided, cells = self._standing
        rounds = max((row.rounds for row in self._rows), default=0)
        took = duration(time.monotonic() - (self._since or time.monotonic()))
        limit = f" / ≤{duration(self._budget)}" if self._budget else ""
        head = Table.grid(padding=(0, 2, 0, 0))
        head.add_row(
            Text(f"round {rounds}/≤{self._most}"),
            ProgressBar(total=max(cells, 1), completed=decided, width=24),
            Text(f"{took}{limit}   {decided} of {cells} cells decided", "dim"),
        )
        return head


def _is_decided(row: Compared) -> bool:
    return row.verdict is None or row.verdict.outcome is not Outcome.unknown
