"""Directories that are made once, used by many, and thrown away when room is needed."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker.environments.faults import machine_faults
from tracker.environments.locking import Taken, discard, hold

_MARKER = ".tracker.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Something on a shelf, complete."""

    path: Path
    #: what its maker wrote down about it
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What throwing an entry away would bring."""

    key: str
    bytes: int
    #: seconds since the epoch
    used: float


class Shelf:
    """A directory of entries by key. Safe among threads and among processes.

    An entry is complete when it has its marker, which is written last: what a crash
    left half made is never used, and made again from nothing. The marker's time is
    the entry's last use. Entries are locked beside their directory, shared while in
    use and alone while made or thrown away.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        #: told the bytes of every entry that was made, while that entry is held
        self.when_grown: Callable[[int], None] = lambda _: None

    def path(self, key: str) -> Path:
        """Where an entry is, or would be."""
        return self._directory / key

    @contextmanager
    def holding(self, key: str, make: Callable[[Path], Mapping[str, Any]]) -> Iterator[Kept]:
        """Use an entry, which stays on the shelf as long as it is held.

        Args:
            key: a name for a file.
            make: fills the directory it is given (which does not exist yet) and returns facts:
                JSON values, with ``bytes`` that the entry takes.

        Raises:
            DiskFullError, InfrastructureError: the machine refused.
            Whatever ``make`` raises; nothing is kept then.
        """
        with self.held(key) as kept:
            if kept is not None:
                yield kept
                return
        while True:
            self._make(key, make)
            # Between making and holding it somebody short of room may throw it away.
            with self.held(key) as kept:
                if kept is not None:
                    self.when_grown(int(kept.facts["bytes"]))
                    yield kept
                    return

    @contextmanager
    def held(self, key: str) -> Iterator[Kept | None]:
        """Use an entry if it is there."""
        if not self._marker(key).exists():
            yield None
            return
        with hold(self._lock(key), shared=True):
            yield self._kept(key)

    def weights(self) -> tuple[Weight, ...]:
        """All complete entries."""
        found = []
        for marker in self._directory.glob(f"*/{_MARKER}"):
            key = marker.parent.name
            if facts := self._facts(key):
                used = self._used(key)
                found.append(Weight(key=key, bytes=int(facts.get("bytes", 0)), used=used))
        return tuple(found)

    def throw_away(self, key: str) -> bool:
        """Remove an entry unless it is in use; whether it is gone."""
        try:
            with hold(self._lock(key), wait=False):
                self._remove(key)
                discard(self._lock(key))
        except Taken:
            return False
        return True

    def sweep(self) -> None:
        """Remove what a crash left half made."""
        if not self._directory.is_dir():
            return
        for path in list(self._directory.iterdir()):
            key = path.name.removesuffix(".lock")
            if not self._marker(key).exists():
                self.throw_away(key)

    def _make(self, key: str, make: Callable[[Path], Mapping[str, Any]]) -> None:
        path = self._directory / key
        with hold(self._lock(key)), machine_faults(f"cannot make {path}"):
            if self._facts(key) is not None:
                return
            self._remove(key)
            try:
                facts = make(path)
            except BaseException:
                self._remove(key)
                raise
            fresh = path / f"{_MARKER}.new"
            fresh.write_text(json.dumps(facts), encoding="utf-8")
            fresh.rename(self._marker(key))

    def _kept(self, key: str) -> Kept | None:
        facts = self._facts(key)
        if facts is None:
            return None
        os.utime(self._marker(key))
        return Kept(path=self._directory / key, facts=facts)

    def _facts(self, key: str) -> Mapping[str, Any] | None:
        try:
            facts: Mapping[str, Any] = json.loads(self._marker(key).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):  # never there, or cut short by a full disk
            return None
        return facts

    def _used(self, key: str) -> float:
        try:
            return self._marker(key).stat().st_mtime
        except FileNotFoundError:
            return 0.0

    def _remove(self, key: str) -> None:
        # The marker goes first, so that a removal cut short leaves nothing that looks complete.
        self._marker(key).unlink(missing_ok=True)
        path = self._directory / key
        if path.exists():
            for directory, _, _ in os.walk(path):
                os.chmod(directory, 0o700)  # noqa: PTH101 - shelves may hold read-only directories
            shutil.rmtree(path)

    def _marker(self, key: str) -> Path:
        return self._directory / key / _MARKER

    def _lock(self, key: str) -> Path:
        return self._directory / f"{key}.lock"
