"""A place to call the tracker in, with a home, a server and caches of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.figures.figure import CHECKOUT
from tracker.config.places import Places

#: nothing but one call of each benchmark: what is left is the tracker's own time
NO_BENCHMARKING = (
    "policy.processes=1",
    "policy.samples=1",
    "policy.sample_seconds=0",
    "policy.warmup_iterations=0",
    "policy.count_processes=0",
    "policy.batch_commits=1000",
    "policy.reference=none",
    "policy.package=false",
    "policy.noisy_processes=0",
)


class Desk:
    """A directory with a configuration."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.configuration = directory / "tracker.yaml"
        self.home = directory / "home"
        self.places = Places(cache=self.home / "cache", state=self.home / "state")
        self.environment = os.environ | {
            "TRACKER_HOME": str(self.home),
            "PYTHONPATH": str(CHECKOUT),
            "CI": "true",
        }
        # an installed program is compiled once
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def configure(self, name: str, repository: Path, suite: Path) -> None:
        self.configuration.write_text(
            "defaults: [tracker, _self_]\n"
            f"project: {{name: {name}, package: sample, repository: "
            f"{json.dumps(str(repository))}}}\n"
            f"suite: {{name: sample, path: {json.dumps(str(suite))}}}\n"
        )

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "tracker", *arguments]

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command, however it ends."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def tracker(self, *arguments: str) -> str:
        """Run a command; its failure ends the benchmark with what it said."""
        done = self.call(*arguments)
        if done.returncode not in (0, 1):
            raise SystemExit(f"tracker {' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}")
        return done.stdout


@contextmanager
def opened(directory: Path) -> Iterator[Desk]:
    """A desk whose server is stopped at the end."""
    desk = Desk(directory)
    try:
        yield desk
    finally:
        desk.tracker("db", "stop")
