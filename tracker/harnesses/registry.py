"""The harnesses, by name."""

from __future__ import annotations

from collections.abc import Mapping

from tracker.config.hints import did_you_mean
from tracker.errors import Problem, SuiteError
from tracker.harnesses.asv import AsvHarness
from tracker.harnesses.base import Harness
from tracker.harnesses.command import CommandHarness
from tracker.harnesses.metrics_recorder import MetricsRecorderHarness
from tracker.harnesses.optimum_benchmark import OptimumBenchmarkHarness
from tracker.harnesses.pytest_benchmark import PytestBenchmarkHarness
from tracker.harnesses.python import PythonHarness
from tracker.worker.marks import benchmark
from tracker.worker.torch.workloads import workload

HARNESSES: Mapping[str, Harness] = {
    "python": PythonHarness(benchmark=benchmark),
    "torch": PythonHarness("share_start", benchmark=benchmark, workload=workload),
    "asv": AsvHarness(),
    "pytest-benchmark": PytestBenchmarkHarness(),
    "command": CommandHarness(),
    "metrics-recorder": MetricsRecorderHarness(),
    "optimum-benchmark": OptimumBenchmarkHarness(),
}


def harness(name: str) -> Harness:
    """The harness of a name.

    Raises:
        SuiteError: there is none.
    """
    if name not in HARNESSES:
        raise SuiteError(
            f"there is no harness {name!r}",
            code="suite.unknown-harness",
            problems=[
                Problem(
                    message="unknown harness",
                    where="suite.harness",
                    value=name,
                    hint=did_you_mean(name, HARNESSES),
                )
            ],
            hint=f"the harnesses are {', '.join(HARNESSES)}",
        )
    return HARNESSES[name]
