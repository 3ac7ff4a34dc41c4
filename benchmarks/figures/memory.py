"""Does the orchestrator's memory stay flat over a long run?"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import psutil

from benchmarks.figures.desk import NO_BENCHMARKING, opened
from benchmarks.figures.figure import Figure
from tests.support.histories import sample_project, write_suite

COMMITS = 500
MIB = 2**20


def measure(directory: Path) -> list[Figure]:
    """Resident memory of the tracker's process over a run of 500 commits, all with changed code."""
    history = sample_project(directory / "history", commits=COMMITS)
    with opened(directory) as desk:
        desk.configure("memory", history.path, write_suite(directory / "suite.py"))
        run = subprocess.Popen(
            desk.command("run", "ALL", *NO_BENCHMARKING, "policy.batch_commits=50"),
            cwd=desk.directory,
            env=desk.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        resident = []
        process = psutil.Process(run.pid)
        while run.poll() is None:
            try:
                resident.append(process.memory_info().rss / MIB)
            except psutil.NoSuchProcess:
                break
            time.sleep(0.2)
        if run.wait() not in (0, 1):
            raise SystemExit(f"the run of {COMMITS} commits failed with {run.returncode}")
    early, late = resident[len(resident) // 5], resident[len(resident) * 9 // 10]
    parts = {"after a fifth": early, "near the end": late, "highest": max(resident)}
    return [
        Figure(
            name="memory of the orchestrator",
            value=max(resident),
            unit="MiB",
            target=150,
            parts=parts,
        ),
        Figure(name="its growth over the run", value=late / early, unit="×", target=1.2),
    ]
