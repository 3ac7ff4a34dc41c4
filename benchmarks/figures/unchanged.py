"""What does a commit cost that installs the same as the one before?"""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.figures.desk import NO_BENCHMARKING, opened
from benchmarks.figures.figure import Figure
from tests.support.histories import sample_project, write_suite

COMMITS = 100


def measure(directory: Path) -> list[Figure]:
    """Seconds a commit over a hundred commits that change documentation alone."""
    history = sample_project(
        directory / "history", commits=COMMITS + 1, docs_only=range(1, COMMITS + 1)
    )
    with opened(directory) as desk:
        desk.configure("unchanged", history.path, write_suite(directory / "suite.py"))
        desk.tracker("run", history.commits[0], *NO_BENCHMARKING)
        start = time.perf_counter()
        desk.tracker("run", "ALL", *NO_BENCHMARKING)
        seconds = (time.perf_counter() - start) / COMMITS
    return [Figure(name="a commit with unchanged content", value=seconds, unit="s", target=0.1)]
