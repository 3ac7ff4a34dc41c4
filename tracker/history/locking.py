"""One writer at a time, also between programs."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

#: told in a sentence what takes its time
Progress = Callable[[str], None]


def silent(_: str) -> None:
    """Progress that nobody watches."""


@contextmanager
def locked(file: Path, progress: Progress = silent) -> Iterator[None]:
    """Hold the lock ``file``, waiting for whoever has it. A killed holder leaves nothing behind."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("waiting for another tracker that is at the same repository")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
