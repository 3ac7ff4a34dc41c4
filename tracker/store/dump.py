"""Everything that is stored, as SQL."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tracker.errors import StoreError
from tracker.store import binaries
from tracker.store.address import Address


def dump(address: Address, file: Path) -> None:
    """Write a database to a file that appears only when it is complete.

    Raises:
        StoreError: pg_dump fails; with what it said.
    """
    unfinished = file.with_name(f"{file.name}.part")
    done = subprocess.run(
        [
            binaries.programs() / "pg_dump",
            "--no-owner",
            "--no-privileges",
            f"--file={unfinished.absolute()}",
            f"--dbname={address}",
        ],
        # the command line of a process is everybody's to read, its environment is not
        env={"PATH": os.defpath, "PGPASSWORD": address.parameters.get("password", "")},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        unfinished.unlink(missing_ok=True)
        said = done.stderr.strip().splitlines() or ["no reason given"]
        raise StoreError(f"the database cannot be dumped: {said[-1]}", code="store.not-dumped")
    unfinished.replace(file)
