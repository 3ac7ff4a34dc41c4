"""Model values with everything filled in, for tests that care about a few fields of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tracker.model.cells import Cell, EnvironmentRequest
from tracker.model.commits import Commit
from tracker.model.environments import Build, Environment, EnvironmentClass
from tracker.model.machines import Machine
from tracker.model.suites import Kind

PINNED = EnvironmentRequest(recipe="pinned", python="3.11")
START = datetime(2024, 1, 1, 12, tzinfo=UTC)


def commit(number: int = 0, **fields: Any) -> Commit:
    """The commit at a position of a linear history, one a day."""
    values: dict[str, Any] = {
        "sha": f"{number + 1:040x}",
        "tree": f"{number + 1:040d}",
        "parents": (f"{number:040x}",) if number else (),
        "author": "A. Author",
        "authored_at": START + timedelta(days=number),
        "committed_at": START + timedelta(days=number),
        "subject": f"Change {number}",
        "position": number,
    }
    return Commit(**(values | fields))


def cell(benchmark: str = "parse", **fields: Any) -> Cell:
    """A cell of a ``python`` suite on one CPU thread."""
    values: dict[str, Any] = {
        "suite": "sample",
        "suite_hash": "5" * 64,
        "harness": "python",
        "benchmark": benchmark,
        "parameters": (),
        "kind": Kind.performance,
        "environment": PINNED,
        "device": "cpu",
        "threads": 1,
        "profile": "nightly",
    }
    return Cell(**(values | fields))


def build(key: str = "b" * 64) -> Build:
    """A build in a pinned environment."""
    environment_class = EnvironmentClass(recipe="pinned", python="3.11", lock="left==1\n")
    environment = Environment(
        hash="e" * 64,
        environment_class=environment_class,
        python="cpython-3.11.7",
        platform="linux-x86_64",
        lock=environment_class.lock,
        packages=(("left", "1"), ("sample", "1.0")),
    )
    return Build(key=key, content="c" * 64, environment=environment, installed_bytes=1234)


def machine(**facts: str) -> Machine:
    return Machine(name="bench-1", machine_class="test-2", facts={"cpu": "test"} | facts)
