"""Measurements on disk, while the database cannot take them: one file of JSON lines a run."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import psycopg

from tracker.errors import DiskFullError, InfrastructureError
from tracker.model.canonical import canonical_json
from tracker.model.measurements import Measurement
from tracker.store.codec import measurement_from_json, measurement_to_json

if TYPE_CHECKING:
    from tracker.store.store import Store

#: what follows the name of a file that could not be understood
ASIDE = ".unreadable"


def append(
    spool: Path, *, project_id: int, machine: str, run: str, measurements: Sequence[Measurement]
) -> Path:
    """Write measurements so that they survive a crash of this machine.

    Raises:
        DiskFullError: there is no space for them either.
        InfrastructureError: they cannot be written for another reason.
    """
    path = spool / f"{run}.jsonl"
    try:
        spool.mkdir(parents=True, exist_ok=True)
        with _locked(path) as file:
            _drop_cut_off_line(file)
            for measurement in measurements:
                line = {
                    "project_id": project_id,
                    "machine": machine,
                    "measurement": measurement_to_json(measurement),
                }
                file.write(canonical_json(line).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        kind = DiskFullError if error.errno == errno.ENOSPC else InfrastructureError
        raise kind(
            f"measurements can be written neither to the database nor to {path}: {error.strerror}",
            hint="the last of them is lost; the same command measures it again",
        ) from error
    return path


def replay(store: Store, spool: Path) -> tuple[str, ...]:
    """Move what is spooled into the database; notes on what could not be.

    A last line that a crash cut off is dropped. A file that cannot be understood, or that
    is about things this database does not know, is renamed and kept.

    Raises:
        StoreError, DiskFullError: the database cannot take it now; nothing is lost.
    """
    notes = []
    for path in sorted(spool.glob("*.jsonl")):
        with path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not _is_still(file, path):
                continue  # another command was faster
            try:
                batches, is_cut_off = _read(file)
                for (project_id, machine), measurements in batches.items():
                    store.ingest(project_id, machine, measurements)
            except (ValueError, TypeError, LookupError, psycopg.IntegrityError) as error:
                aside = path.with_suffix(path.suffix + ASIDE)
                path.rename(aside)
                notes.append(f"{aside} is kept, but could not be stored: {error}")
                continue
            if is_cut_off:
                notes.append(
                    f"{path.name}: the last measurement was not written to its end; dropped"
                )
            path.unlink()
    return tuple(notes)


Batches = dict[tuple[int, str], list[Measurement]]


def _read(file: IO[bytes]) -> tuple[Batches, bool]:
    """Measurements by project and machine; whether the last line was cut off.

    Raises:
        ValueError, TypeError, LookupError: something else is written there.
    """
    batches: Batches = {}
    *lines, rest = file.read().split(b"\n")
    for line in lines:
        entry = json.loads(line)
        batch = batches.setdefault((entry["project_id"], entry["machine"]), [])
        batch.append(measurement_from_json(entry["measurement"]))
    return batches, bool(rest)


@contextmanager
def _locked(path: Path) -> Iterator[IO[bytes]]:
    """The file, for this process alone. Who waited may have got one that was unlinked meanwhile."""
    while True:
        with path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if _is_still(file, path):
                yield file
                return


def _is_still(file: IO[bytes], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _drop_cut_off_line(file: IO[bytes]) -> None:
    """A full disk may have cut off the line before."""
    file.seek(0)
    content = file.read()
    file.truncate(content.rfind(b"\n") + 1)
