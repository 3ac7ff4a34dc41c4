"""Harness ``torch``: a ``python`` suite that may also have workloads.

A process has one device, whose tensors it makes by default, and the threads that were asked
for. On the CPU the memory that it may take is a limit of the process too, so that what does
not fit fails as it does on other devices.
"""

from __future__ import annotations

from ..python_suite import PythonSuite, read_functions
from .process import check_age, made_ready

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..task import Task


def open_suite(job: dict[str, Any]) -> TorchSuite:
    """Make torch as the job says, and execute the suite; raises what ``made_ready`` does."""
    device = made_ready(job)
    return TorchSuite(read_functions(job), device)


class TorchSuite(PythonSuite):
    """Workloads, and plain benchmarks beside them."""

    def __init__(self, functions: dict[str, Any], device: str) -> None:
        super().__init__(functions)
        self._device = device

    def task(self, benchmark: str, parameters: dict[str, str]) -> Task:
        from ..marks import ATTRIBUTE  # noqa: PLC0415
        from .tasks import PlainTask, WorkloadTask  # noqa: PLC0415 - after torch

        function, values = self.chosen(benchmark, parameters)
        if "do" not in getattr(function, ATTRIBUTE):
            return PlainTask(function, values, self._device)
        check_age()
        return WorkloadTask(function, values, self._device)
