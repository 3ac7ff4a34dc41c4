"""The package itself: how long its import takes in a fresh process, and what it takes on disk."""

from __future__ import annotations

from time import perf_counter

from .protocol import extra_reading
from .task import SuiteOfTasks, Task, Unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def open_suite(job: dict[str, Any]) -> PackageSuite:
    """Import the package before anything else can, and time it."""
    name = job.get("package", "")
    start = perf_counter()
    if name:
        __import__(name)
    seconds = perf_counter() - start
    return PackageSuite(seconds if name else None, job.get("installed_bytes", 0))


class PackageSuite(SuiteOfTasks):
    """The one benchmark that every package has."""

    def __init__(self, seconds: float | None, installed_bytes: int) -> None:
        self._seconds = seconds
        self._installed_bytes = installed_bytes

    def describe(self) -> list[dict[str, Any]]:
        return []

    def task(self, benchmark: str, parameters: dict[str, str]) -> Task:  # noqa: ARG002
        if self._seconds is None:
            raise Unsupported("it is not known which package to import: set project.package")
        return PackageTask(self._seconds, self._installed_bytes)


class PackageTask(Task):
    """What the package costs whoever uses any of it."""

    metric = "import_time"

    def __init__(self, seconds: float, installed_bytes: int) -> None:
        self._seconds = seconds
        self._installed_bytes = installed_bytes

    def readings(self) -> list[dict[str, Any]]:
        on_disk = extra_reading("installed_bytes", "bytes", self._installed_bytes, exact=True)
        return [{"samples": [self._seconds]}, on_disk]
