"""What the torch harness costs beside torch itself, and whether its counts are right.

Everything runs in the environment that ``ci/ml`` makes; what is compared is measured in turns.
"""

from __future__ import annotations

import json
import math
import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import tracker.worker
from benchmarks.figures.desk import NO_BENCHMARKING, opened
from benchmarks.figures.figure import CHECKOUT, Figure
from tests.support.histories import sample_project
from tracker.engine.members import each
from tracker.machine.launch import launch
from tracker.machine.program import Ended, Limits, Program

PYTHON = CHECKOUT / ".venv-ml" / "bin" / "python"
WORKER = Path(tracker.worker.__file__).with_name("__main__.py")
#: one call, and nothing else that takes time
ONE_CALL = {"samples": 1, "sample_seconds": 0.0, "warmup_iterations": 0}
#: as the policy has it by default
TIMED = {"samples": 10, "sample_seconds": 0.01}
THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
PAIRS = 15
ROUNDS = 16
BATCHES = (1, 2, 4, 8, 16, 32)

SUITE = """
import torch
from tracker import workload

@workload(do="call")
def nothing():
    return torch.add, (torch.ones(1), torch.ones(1))

@workload(params={"batch": [1]}, items="batch")
def perceptron(batch):
    layers = torch.nn.Linear(256, 1024), torch.nn.ReLU(), torch.nn.Linear(1024, 256)
    return torch.nn.Sequential(*layers), torch.randn(batch, 256)

@workload()
def linear():
    return torch.nn.Linear(64, 32), torch.randn(8, 64)

@workload()
def convolution():
    return torch.nn.Conv2d(3, 8, 3, bias=False), torch.randn(2, 3, 10, 10)

@workload(do="call")
def attention():
    query = torch.randn(2, 4, 16, 8)
    return torch.nn.functional.scaled_dot_product_attention, (query, query, query)
"""

#: FLOPs, a multiply-add being two, and bytes of what a call makes, all computed by hand
BY_HAND: Mapping[str, tuple[int, int]] = {
    "linear": (2 * 8 * 64 * 32, 4 * 8 * 32),
    "convolution": (2 * (2 * 8 * 8 * 8) * (3 * 3 * 3), 4 * 2 * 8 * 8 * 8),
    # two products a pair of query and key; the output, and a log-sum-exp a query
    "attention": (2 * 2 * (2 * 4 * 16 * 16) * 8, 4 * (2 * 4 * 16 * 8 + 2 * 4 * 16)),
}


def measure(directory: Path) -> list[Figure]:
    """Overhead beside the import of torch, shared starts, environments, and counts."""
    subprocess.run(["ci/ml"], cwd=CHECKOUT, check=True)
    suite = directory / "suite.py"
    suite.write_text(SUITE)
    return [_overhead(suite), *_sharing(suite), _environment(directory), _counts(suite)]


def _overhead(suite: Path) -> Figure:
    harness, imports = [], []
    for _ in range(PAIRS):
        harness.append(_run(_job(suite, "nothing", protocol=ONE_CALL)).seconds)
        imports.append(_launched([str(PYTHON), "-c", "import torch, os; os._exit(0)"]).seconds)
    extra = [ours - floor for ours, floor in zip(harness, imports, strict=True)]
    return Figure(
        name="a cell of the torch harness beyond importing torch",
        value=statistics.median(extra),
        unit="s",
        target=0.3,
        parts={"cell": statistics.median(harness), "import torch": statistics.median(imports)},
    )


def _sharing(suite: Path) -> list[Figure]:
    """Six cells with a start each, and forked from one, in a new order each round."""
    alone, together = [], []
    ratios: list[float] = []
    shuffle = Random(1).shuffle
    order = list(BATCHES)
    for _ in range(ROUNDS):
        shuffle(order)
        jobs = [
            _job(suite, "perceptron", protocol=TIMED, parameters={"batch": str(batch)})
            for batch in order
        ]
        start = time.perf_counter()
        apart = [_time(_run(job)) for job in jobs]
        alone.append(time.perf_counter() - start)
        start = time.perf_counter()
        ended = _run({**jobs[0], "mode": "together", "benchmark": "", "members": jobs})
        together.append(time.perf_counter() - start)
        forked = [_time(one) for one in each(ended, len(jobs)) if one is not None]
        ratios.append(statistics.geometric_mean(f / a for f, a in zip(forked, apart, strict=True)))
    logs = list(map(math.log, ratios))
    mean, error = statistics.fmean(logs), statistics.stdev(logs) / math.sqrt(ROUNDS)
    return [
        Figure(
            name="six cells that share a start / with a start each",
            value=statistics.median(together) / statistics.median(alone),
            unit="×",
            target=0.5,
            parts={
                "seconds shared": statistics.median(together),
                "seconds each": statistics.median(alone),
            },
        ),
        Figure(
            name="what they measure, shared against each, mean of the cells",
            value=100 * abs(math.expm1(mean)),
            unit="%",
            target=2.0,
            parts={
                "ratio": math.exp(mean),
                "low": math.exp(mean - 2 * error),
                "high": math.exp(mean + 2 * error),
            },
        ),
    ]


def _environment(directory: Path) -> Figure:
    """What a second commit with the same lock waits for its environment with torch."""
    history = sample_project(directory / "history", commits=4)
    suite = directory / "empty.py"
    suite.write_text("from tracker import benchmark\n@benchmark\ndef nothing(): pass\n")
    with opened(directory / "desk") as desk:
        desk.directory.mkdir(exist_ok=True)
        desk.configure("torch", history.path, suite)
        asked = ("environment.requires=['torch==2.13.0',numpy]", "executor.build_jobs=1")
        said = desk.call("run", "ALL", "--plain", *NO_BENCHMARKING, *asked)
    seconds = [float(text) for text in re.findall(r"built, ([\d.]+) s", said.stderr + said.stdout)]
    if len(seconds) < 4:
        raise SystemExit(f"the commits were not built:\n{said.stderr}")
    return Figure(
        name="environment of a second commit with the same lock, torch in it",
        value=max(seconds[1:]),
        unit="s",
        target=2.0,
        parts={"first commit": seconds[0]},
    )


def _counts(suite: Path) -> Figure:
    wrong = 0
    for benchmark, (flops, memory) in BY_HAND.items():
        ended = _run(_job(suite, benchmark, protocol=ONE_CALL, counts=["work"]))
        found = {
            line["metric"]: line["samples"][0] for line in ended.lines if line["event"] == "reading"
        }
        wrong += found["flops"] != flops
        wrong += found["tensor_memory"] != memory
    return Figure(
        name="FLOPs and bytes that differ from those computed by hand",
        value=float(wrong),
        unit="of 6",
        target=0.0,
    )


def _job(suite: Path, benchmark: str, **fields: Any) -> dict[str, Any]:
    return {
        "mode": "measure",
        "harness": "torch",
        "suite": str(suite),
        "options": {},
        "benchmark": benchmark,
        "parameters": {},
        "package": "",
        "threads": 1,
        "device": "cpu",
        "counts": [],
        **fields,
    }


def _run(job: Mapping[str, Any]) -> Ended:
    ended = _launched([str(PYTHON), "-s", str(WORKER)], job)
    end = ended.lines[-1] if ended.lines else {}
    if end.get("state") != "measured":
        raise SystemExit(f"{json.dumps(end)}\n{ended.output}")
    return ended


def _launched(argv: Sequence[str], job: Mapping[str, Any] | None = None) -> Ended:
    with tempfile.TemporaryDirectory() as home:
        return launch(
            Program(
                argv=argv, job=job, home=Path(home), limits=Limits(timeout=600), environment=THREADS
            )
        )


def _time(ended: Ended) -> float:
    samples = next(line["samples"] for line in ended.lines if line.get("metric") == "time")
    return float(statistics.median(samples))
