"""Private homes of builds and measurements, gone when these are."""

from __future__ import annotations

import contextlib
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tracker.environments.locking import Taken, discard, hold


@contextmanager
def private_home(directory: Path) -> Iterator[Path]:
    """A new, empty directory while the context lasts."""
    home = directory / uuid.uuid4().hex
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
        with contextlib.suppress(Taken), hold(_lock(home), wait=False):
            shutil.rmtree(home, ignore_errors=True)
            discard(_lock(home))


def _lock(home: Path) -> Path:
    return home.with_name(f"{home.name}.lock")
