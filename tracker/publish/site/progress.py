"""How far the writing of a site is: a bar for people, plain lines for logs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from rich.console import Console

from tracker.publish.progress import QUIET_SECONDS
from tracker.publish.terminal import say
from tracker.publish.wording import duration

One = TypeVar("One")


def watched(
    files: Iterator[One],
    total: int,
    console: Console,
    *,
    plain: bool,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[One]:
    """The files, while a reader of the console sees how many there are to go, and how long.

    Args:
        total: how many there are.
        plain: lines that stay, one every few seconds.
    """
    if not plain:
        yield from _bar(files, total, console)
        return
    began = said = clock()
    for done, one in enumerate(files):
        yield one
        if done and clock() - said >= QUIET_SECONDS:
            said = clock()
            left = (said - began) / (done + 1) * (total - done - 1)
            say(console, f"{done + 1:,} of {total:,} files · {duration(left)} to go")


def _bar(files: Iterator[One], total: int, console: Console) -> Iterator[One]:
    from rich.progress import (  # noqa: PLC0415  for people only
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("writing the site"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield from progress.track(files, total=total)
