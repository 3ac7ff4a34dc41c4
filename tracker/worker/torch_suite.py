"""Harness ``torch``: a ``python`` suite that may also have workloads.

A process has one device, whose tensors it makes by default, and the threads that were asked
for. On the CPU the memory that it may take is a limit of the process too, so that what does
not fit fails as it does on other devices.
"""

from __future__ import annotations

from .python_suite import PythonSuite, read_functions
from .task import Failed, Incompatible, Unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from .task import Task


def open_suite(job: dict[str, Any]) -> TorchSuite:
    """Import torch, make it as the job says, and execute the suite.

    Raises:
        Incompatible: there is no torch here, or it cannot be imported.
        Unsupported: the device is absent, and such cells are skipped.
        Failed: it is absent, and such cells fail.
    """
    try:
        import torch  # noqa: PLC0415
    except ImportError as error:
        raise Incompatible("torch cannot be imported: %s" % error) from error
    device = _device(torch, job.get("device", "cpu"), job.get("device_absent", "fail"))
    threads = int(job.get("threads", 0))
    if threads:
        torch.set_num_threads(threads)
        torch.set_num_interop_threads(threads)
    if device == "cpu" and job.get("memory_bytes"):
        _limit_memory(int(job["memory_bytes"]))
    return TorchSuite(read_functions(job), device)


def _device(torch: ModuleType, asked: str, absent: str) -> str:
    if _is_there(torch, asked):
        return asked
    message = "%s was asked for and is not there" % asked
    if absent == "skip":
        raise Unsupported(message)
    if absent == "fallback":
        return "cpu"
    raise Failed(message)


def _is_there(torch: ModuleType, device: str) -> bool:
    kind, _, number = device.partition(":")
    if kind == "cpu":
        return True
    module = getattr(torch, kind, None) or getattr(torch.backends, kind, None)
    if module is None or not module.is_available():
        return False
    return not number or int(number) < module.device_count()


def _limit_memory(number: int) -> None:
    """Let allocations fail beyond so many bytes; what watches from outside would kill instead."""
    import resource  # noqa: PLC0415

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard == resource.RLIM_INFINITY or number < hard:
        resource.setrlimit(resource.RLIMIT_DATA, (number, hard))


class TorchSuite(PythonSuite):
    """Workloads, and plain benchmarks beside them."""

    def __init__(self, functions: dict[str, Any], device: str) -> None:
        super().__init__(functions)
        self._device = device

    def task(self, benchmark: str, parameters: dict[str, str]) -> Task:
        from .marks import ATTRIBUTE  # noqa: PLC0415
        from .torch_tasks import PlainTask, WorkloadTask  # noqa: PLC0415 - after torch

        function, values = self.chosen(benchmark, parameters)
        kind = WorkloadTask if "do" in getattr(function, ATTRIBUTE) else PlainTask
        return kind(function, values, self._device)
