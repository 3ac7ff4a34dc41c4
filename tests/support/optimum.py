"""Cells of optimum-benchmark in processes of their own, for tests that measure real models."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tracker.worker
from tracker.config.settings import SuiteSettings
from tracker.harnesses.registry import harness
from tracker.machine.launch import launch
from tracker.machine.program import Limits, Program

WORKER = Path(tracker.worker.__file__).with_name("__main__.py")


def work(
    suite: Path, benchmark: str, parameters: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The job of one cell."""
    settings = SuiteSettings(
        name="models",
        harness="optimum-benchmark",
        path=str(suite),
        revision="",
        version="",
        gold=False,
    )
    return {
        **harness("optimum-benchmark").job(settings, suite),
        "mode": "measure",
        "benchmark": benchmark,
        "parameters": dict(parameters or {}),
        "protocol": {"samples": 3},
        "package": "transformers",
        "threads": 1,
    }


def measured(
    python: Path,
    home: Path,
    job: Mapping[str, Any],
    *,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """The readings of a process by metric, and its last line."""
    ended = launch(
        Program(
            argv=[str(python), "-s", str(WORKER)],
            job=job,
            limits=Limits(timeout=300),
            environment={"OMP_NUM_THREADS": "1", **(environment or {})},
            home=home,
            directory=directory,
        )
    )
    readings = [line for line in ended.lines if line["event"] == "reading"]
    return {line["metric"]: line for line in readings}, ended.lines[-1]
