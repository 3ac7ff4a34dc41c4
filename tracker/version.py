"""Which tracker this is: part of the provenance of every run."""

from __future__ import annotations

import subprocess
from importlib.metadata import version
from pathlib import Path

VERSION = version("commit-tracker")


def dirty() -> bool:
    """Whether the tracker itself runs from a checkout with changes that no version names."""
    checkout = Path(__file__).resolve().parent.parent
    if not (checkout / ".git").exists():
        return False
    status = subprocess.run(
        ["git", "-C", str(checkout), "status", "--porcelain", "--untracked-files=no"],
        check=False,
        capture_output=True,
    )
    return status.returncode != 0 or bool(status.stdout.strip())
