"""Private homes of builds, gone when the build is."""

from __future__ import annotations

import contextlib
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tracker.environments.locking import Taken, discard, hold

_PREFIX = "build-"
#: homes that others made carry no lock: nothing runs for so many seconds
_FORGOTTEN = 2 * 24 * 3600


@contextmanager
def private_home(directory: Path) -> Iterator[Path]:
    """A new, empty directory while the context lasts."""
    home = directory / f"{_PREFIX}{uuid.uuid4().hex}"
    with hold(_lock(home)):
        home.mkdir()
        try:
            yield home
        finally:
            shutil.rmtree(home, ignore_errors=True)
            discard(_lock(home))


def sweep(directory: Path) -> None:
    """Remove the homes of processes that are gone."""
    if not directory.is_dir():
        return
    names = {path.name.removesuffix(".lock") for path in directory.iterdir()}
    for home in sorted(directory / name for name in names):
        if home.name.startswith(_PREFIX):
            with contextlib.suppress(Taken), hold(_lock(home), wait=False):
                shutil.rmtree(home, ignore_errors=True)
                discard(_lock(home))
        elif home.is_dir() and time.time() - home.stat().st_mtime > _FORGOTTEN:
            shutil.rmtree(home, ignore_errors=True)


def _lock(home: Path) -> Path:
    return home.with_name(f"{home.name}.lock")
