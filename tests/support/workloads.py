"""A suite of the torch harness, run by a real torch as the tracker runs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any

import tracker.worker
from tracker.engine.members import each
from tracker.machine.launch import launch
from tracker.machine.program import Ended, Limits, Program

WORKER = Path(tracker.worker.__file__).with_name("__main__.py")
PROTOCOL = {"samples": 3, "sample_seconds": 0.001, "warmup_iterations": 12, "warmup_seconds": 0.2}


class Bench:
    """A suite, and a way to run the worker on it."""

    def __init__(self, root: Path, python: Path) -> None:
        self._home = root / "home"
        self._home.mkdir()
        self._suite = root / "suite.py"
        self._python = python

    def run(self, text: str, **job: Any) -> Ended:
        self._suite.write_text(
            f"import torch\nfrom tracker import benchmark, workload\n{dedent(text)}"
        )
        return launch(
            Program(
                argv=[str(self._python), "-s", str(WORKER)],
                job=self._job(**job),
                limits=Limits(timeout=120),
                environment={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
                home=self._home,
            )
        )

    def run_each(self, text: str, jobs: Sequence[Mapping[str, Any]]) -> tuple[Ended, ...]:
        """As ``run`` for each of these, forked from one start."""
        members = [self._job(**job) for job in jobs]
        ended = each(self.run(text, mode="together", members=members), len(members))
        assert all(ended), ended
        return tuple(one for one in ended if one)

    def _job(self, **fields: Any) -> dict[str, Any]:
        return {
            "mode": "measure",
            "harness": "torch",
            "suite": str(self._suite),
            "options": {},
            "benchmark": "work",
            "parameters": {},
            "protocol": PROTOCOL,
            "package": "",
            "threads": 1,
            **fields,
        }


def end(ended: Ended) -> Mapping[str, Any]:
    assert ended.lines[-1]["event"] == "end", ended
    return ended.lines[-1]


def samples(ended: Ended) -> dict[str, list[float]]:
    return {line["metric"]: line["samples"] for line in ended.lines if line["event"] == "reading"}


def flags(ended: Ended) -> set[str]:
    return {line["name"] for line in ended.lines if line["event"] == "flag"}


LINEAR = """
    @workload(params={"batch": [8], "dtype": ["bfloat16"]}, items="batch")
    def work(batch):
        return torch.nn.Linear(64, 32), torch.randn(batch, 64)
"""
