"""Locks that die with the process that holds them, so that a crash leaves none behind."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class Taken(Exception):  # noqa: N818 - an answer, not a fault
    """Somebody else holds the lock."""


@contextmanager
def hold(path: Path, *, shared: bool = False, wait: bool = True) -> Iterator[None]:
    """Hold the lock at ``path``, among threads as well as among processes.

    Args:
        path: the lock's file, made when missing.
        shared: any number may hold it together, while nobody holds it alone.
        wait: False asks once.

    Raises:
        Taken: ``wait`` is False and somebody else holds it.
    """
    descriptor = _take(path, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX), wait=wait)
    try:
        yield
    finally:
        os.close(descriptor)


def discard(path: Path) -> None:
    """Remove the file of a lock that is held alone; who waits for it starts anew."""
    path.unlink(missing_ok=True)


def _take(path: Path, operation: int, *, wait: bool) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, operation | (0 if wait else fcntl.LOCK_NB))
        except BaseException as error:
            os.close(descriptor)
            if isinstance(error, BlockingIOError):
                raise Taken(str(path)) from None
            raise
        # Whoever held it before may have discarded the file: then this locks nothing any more.
        with suppress(FileNotFoundError):
            if os.fstat(descriptor).st_ino == path.stat().st_ino:
                return descriptor
        os.close(descriptor)
