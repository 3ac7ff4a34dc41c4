"""Files that ship with the program: Hydra groups, migrations, suites."""

from __future__ import annotations

from pathlib import Path


def directory(name: str) -> Path:
    """The directory ``conf``, ``sql`` or ``benchmarks``, in a checkout or in an installed wheel.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    package = Path(__file__).resolve().parent
    for candidate in (package / "_resources" / name, package.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"this installation of the tracker lacks its directory {name!r}")
