"""Whose fault a failure is: the commit's is a result, the machine's is an error."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tracker.errors import BuildError, DiskFullError, InfrastructureError
from tracker.model.environments import BuildFailure

_FULL = ("No space left on device", "Disk quota exceeded", "os error 28")
#: bytes that no build gets along with
_TOO_LITTLE = 1 << 20
_LOG_CHARACTERS = 4000
_REASON_CHARACTERS = 300


class Unbuildable(BuildError):  # noqa: N818 - a result that travels as an exception
    """The commit cannot become an environment, on whatever machine."""

    def __init__(self, reason: str, *, log: str = "") -> None:
        super().__init__(" ".join(reason.split())[:_REASON_CHARACTERS])
        self.log = log[-_LOG_CHARACTERS:]

    @property
    def failure(self) -> BuildFailure:
        return BuildFailure(reason=self.message, log=self.log)


def disk_full(what: str) -> DiskFullError:
    return DiskFullError(
        f"{what}: no space left on the device",
        hint="free some space, lower environment.cache_bytes, or set TRACKER_HOME",
    )


def refuse_full_disk(what: str, printed: str, place: Path) -> None:
    """Tell a full disk from a failure of the program that met it.

    Raises:
        DiskFullError: what the program printed says so, or there is no room left at the place:
            not every program says why it could not write.
    """
    if any(sign in printed for sign in _FULL) or _is_full(place):
        raise disk_full(what)


def _is_full(place: Path) -> bool:
    left = os.statvfs(place)
    no_names = left.f_files > 0 and left.f_favail == 0
    return left.f_bavail * left.f_frsize < _TOO_LITTLE or no_names


@contextmanager
def machine_faults(what: str) -> Iterator[None]:
    """Turn what the operating system refuses into errors of the machine.

    Raises:
        DiskFullError: no space left, or the quota is used up.
        InfrastructureError: anything else that the system refuses.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise disk_full(what) from error
        raise InfrastructureError(f"{what}: {error}") from error
