"""Waiting for what other threads and processes do, however long a loud machine takes for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: seconds after which what a test waits for will never happen
_PATIENCE = 120.0


def wait_until(condition: Callable[[], object]) -> None:
    """Look until something is so.

    Raises:
        AssertionError: it never was.
    """
    end = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < end, "what the test waits for did not happen"
        time.sleep(0.02)


@contextmanager
def set_once(condition: Callable[[], object]) -> Iterator[threading.Event]:
    """An event that is set when something is so, while the context lasts."""
    event, over = threading.Event(), threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            if condition():
                event.set()
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield event
    finally:
        over.set()
        watcher.join()
