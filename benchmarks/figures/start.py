"""How long does ``tracker --help`` take?"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.figures.figure import Figure

REPETITIONS = 15


def measure(directory: Path) -> list[Figure]:
    """Median wall time of the help, beside that of an interpreter that does nothing."""
    script = Path(sys.executable).with_name("tracker")
    helped, idle = [], []
    for _ in range(REPETITIONS):
        helped.append(_seconds([str(script), "--help"], directory))
        idle.append(_seconds([sys.executable, "-c", "pass"], directory))
    return [
        Figure(
            name="tracker --help",
            value=statistics.median(helped),
            unit="s",
            target=0.150,
            parts={"an idle interpreter": statistics.median(idle)},
        )
    ]


def _seconds(command: list[str], directory: Path) -> float:
    start = time.perf_counter()
    subprocess.run(command, cwd=directory, check=True, capture_output=True)
    return time.perf_counter() - start
