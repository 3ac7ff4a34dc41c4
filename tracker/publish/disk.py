"""Files that somebody asked for, and what the file system has against them."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tracker.errors import DiskFullError, InfrastructureError


def write(path: Path, text: str) -> None:
    """Write a file, in a directory that may have to be made.

    Raises:
        DiskFullError: no space left.
        InfrastructureError: ``infrastructure.file``: it cannot be written.
    """
    with faults(f"{path} cannot be written"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@contextmanager
def faults(message: str) -> Iterator[None]:
    """Errors of the file system as errors that people read.

    Args:
        message: what cannot be done; the file is named where it does not name it.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFullError(
                f"{message}: no space left", hint="free some space; the same command goes on"
            ) from error
        file = str(error.filename or "")
        place = "" if file in message else f" ({file})"
        raise InfrastructureError(
            f"{message}: {error.strerror or error}{place}", code="infrastructure.file"
        ) from error
