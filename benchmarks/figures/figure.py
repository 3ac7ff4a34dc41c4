"""A promised number and what was measured."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

CHECKOUT = Path(__file__).resolve().parents[2]
RESULTS = CHECKOUT / "benchmarks" / "results"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table."""

    name: str
    value: float
    unit: str
    #: the most (or for ``at_least`` the least) that keeps the promise
    target: float
    at_least: bool = False
    #: the numbers behind the value
    parts: Mapping[str, float] = field(default_factory=dict)

    @property
    def kept(self) -> bool:
        return self.value >= self.target if self.at_least else self.value <= self.target


def store(name: str, figures: Sequence[Figure]) -> Path:
    """Write the figures of one benchmark with what a reader needs to judge them."""
    document = {
        "benchmark": name,
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _git("rev-parse", "HEAD"),
        # the results are written anew while figures are measured, and decide nothing
        "dirty": bool(
            _git(
                "status",
                "--porcelain",
                "--untracked-files=no",
                "--",
                ":/",
                ":(top,exclude)benchmarks/results",
            )
        ),
        "machine": {
            "cores": os.cpu_count(),
            "system": platform.system(),
            "architecture": platform.machine(),
            "python": platform.python_version(),
            "load": os.getloadavg(),
        },
        "figures": [asdict(figure) | {"kept": figure.kept} for figure in figures],
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(document, indent=2) + "\n")
    return path


def show(figures: Sequence[Figure]) -> None:
    """Print the table."""
    table = Table("figure", "measured", "target", "", "made of", box=None)
    for figure in figures:
        bound = "≥" if figure.at_least else "≤"
        parts = ", ".join(f"{name} {value:.3g}" for name, value in figure.parts.items())
        table.add_row(
            figure.name,
            f"{figure.value:.3g} {figure.unit}",
            f"{bound} {figure.target:.3g} {figure.unit}",
            "[green]kept[/]" if figure.kept else "[red]missed[/]",
            parts,
        )
    Console().print(table)


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=CHECKOUT, check=True, capture_output=True, text=True
    ).stdout.strip()
