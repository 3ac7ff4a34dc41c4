"""Files that ship with the program: Hydra groups, migrations, suites, dashboards."""

from __future__ import annotations

from pathlib import Path


def directory(name: str) -> Path:
    """The directory ``conf``, ``sql``, ``benchmarks`` or ``grafana``, in a checkout or a wheel.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    package = Path(__file__).resolve().parent
    for candidate in (package / "_resources" / name, package.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"this installation of the tracker lacks its directory {name!r}")
