"""Ctrl-C: once to finish what runs, twice to end it at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class Stopped(Exception):  # noqa: N818  a wish of the person, not an error
    """The person asked to stop; everything measured so far is stored."""


class Interruption:
    """What the person asked for so far."""

    def __init__(self) -> None:
        #: finish the process that runs, then stop
        self.asked = threading.Event()
        #: kill the process that runs
        self.now = threading.Event()

    def check(self) -> None:
        """Raise ``Stopped`` when the person asked to stop."""
        if self.asked.is_set():
            raise Stopped

    @contextmanager
    def on_signals(self, say: Callable[[str], None]) -> Iterator[None]:
        """Turn SIGINT and SIGTERM into wishes while the context lasts."""

        def interrupted(_signal: int, _frame: FrameType | None) -> None:
            if self.asked.is_set():
                self.now.set()
                say("stopping at once")
            else:
                self.asked.set()
                say("finishing what runs; once more to stop at once")

        before = {
            number: signal.signal(number, interrupted) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
