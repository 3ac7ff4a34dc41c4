"""One run of the worker, from the job to its last line."""

from __future__ import annotations

import os
import sys

from . import surroundings
from .baton import Baton
from .channel import Channel, read_job
from .protocol import DEFAULTS, carry_out, extra_reading
from .task import Incompatible, Unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from .task import SuiteOfTasks, Task

#: harness -> module of the worker that opens its suites
ADAPTERS = {
    "python": "python_suite",
    "asv": "asv_suite",
    "pytest-benchmark": "pytest_suite",
    "command": "command",
    "optimum-benchmark": "optimum_suite",
    "package": "package",
}


#: the count that a program outside of the process makes
CACHEGRIND = "cachegrind"


def main(arguments: list[str]) -> None:
    """Do the job, say how it ended, and leave.

    Leaving is immediate: threads that never end and handlers that crash at exit are
    not part of the measurement.
    """
    channel = Channel.inherited()
    baton = Baton.inherited()
    job = read_job(arguments[0])
    mode = arguments[1] if len(arguments) > 1 else job["mode"]
    session = _Session(job, arguments, channel, baton, dict(os.environ))
    try:
        modes: dict[str, Callable[[], dict[str, Any]]] = {
            "discover": session.discover,
            "measure": session.measure,
            "count": session.count,
            "call": session.call,
        }
        ending = modes[mode]()
    except BaseException as error:  # what a benchmark raises, SystemExit too, ends only itself
        ending = _ended_by(error)
    channel.send("end", **ending)
    for stream in (sys.stdout, sys.stderr):
        try:  # noqa: SIM105 - contextlib would have to be imported
            stream.flush()
        except (OSError, ValueError, AttributeError):
            pass  # the benchmark closed it
    os._exit(0)


def _ended_by(error: BaseException) -> dict[str, Any]:
    if isinstance(error, Unsupported):
        state = "unsupported"
    elif isinstance(error, Incompatible):
        state = "harness-incompatible"
    else:
        state = "benchmark-failed"
        try:  # noqa: SIM105
            sys.__excepthook__(type(error), error, error.__traceback__)
        except Exception:
            pass  # nowhere to print it; the reason is in the last line
    return {"state": state, "reason": one_line(error)}


def one_line(error: BaseException) -> str:
    """``ValueError: text``, the text's first line; an Unsupported needs no name."""
    try:
        text = (str(error).strip().splitlines() or [""])[0]
    except Exception:
        text = "(its text cannot be had)"
    if isinstance(error, (Unsupported, Incompatible)) and text:
        return text
    name = type(error).__name__
    return "%s: %s" % (name, text) if text else name


class _Session:
    def __init__(
        self,
        job: dict[str, Any],
        arguments: list[str],
        channel: Channel,
        baton: Baton | None,
        environment: dict[str, str],
    ) -> None:
        self._job = job
        self._job_path = arguments[0]
        #: of the mode
        self._arguments = arguments[2:]
        self._channel = channel
        self._baton = baton
        #: as it was before the benchmark could change it
        self._environment = environment

    def discover(self) -> dict[str, Any]:
        for description in self._open().describe():
            self._channel.send("benchmark", **description)
        return {"state": "measured", "reason": ""}

    def measure(self) -> dict[str, Any]:
        task = self._task(self._open())
        outcome = carry_out(task, self._job.get("protocol", {}), self._baton)
        for reading in outcome.readings:
            self._channel.send("reading", **reading)
        for name, reason in outcome.flags:
            self._channel.send("flag", name=name, reason=reason)
        if outcome.readings and task.call is not None:
            self._read_extra("peak_memory", "bytes", surroundings.peak_memory())
        if self._job.get("counts") and outcome.call_seconds:
            self._count_apart(outcome.call_seconds)
        return {
            "state": outcome.state,
            "reason": outcome.reason,
            **_what_computed(task),
            "threads": self._threads(),
        }

    def count(self) -> dict[str, Any]:
        from .counts import count_work  # noqa: PLC0415

        wanted = [name for name in self._job["counts"] if name != CACHEGRIND]
        for reading in count_work(self._task(self._open()), wanted):
            self._channel.send("reading", **reading)
        return {"state": "measured", "reason": ""}

    def call(self) -> dict[str, Any]:
        """Call so often as the command line says, for whoever counts from outside."""
        from .counts import only_call  # noqa: PLC0415

        only_call(self._task(self._open()), int(self._arguments[0]))
        return {"state": "measured", "reason": ""}

    def _open(self) -> SuiteOfTasks:
        job = self._job
        imported_from = ""
        try:
            suite: SuiteOfTasks = _own_module(ADAPTERS[job["harness"]]).open_suite(job)
            imported_from = origin(job.get("package", ""))
        finally:
            self._channel.send("hello", imported_from=imported_from, **surroundings.facts())
        return suite

    def _task(self, suite: SuiteOfTasks) -> Task:
        return suite.task(self._job["benchmark"], self._job.get("parameters", {}))

    def _read_extra(self, metric: str, unit: str, value: float) -> None:
        self._channel.send("reading", **extra_reading(metric, unit, value))

    def _threads(self) -> int:
        """The threads that were used, and a flag where others were asked for."""
        used, asked = surroundings.threads(), int(self._job.get("threads", 0))
        if asked and used != asked:
            reason = "%d threads are used, %d were asked for" % (used, asked)
            self._channel.send("flag", name="threads-not-as-asked", reason=reason)
        return used

    def _count_apart(self, call_seconds: float) -> None:
        from .counts import NotCounted, counted_apart  # noqa: PLC0415 - rarely asked for
        from .machine_counts import counted_by_cachegrind  # noqa: PLC0415

        rules = {**DEFAULTS, **self._job.get("protocol", {})}
        wanted = self._job["counts"]
        ways: list[Callable[[str, dict[str, str], float, float], list[dict[str, Any]]]] = []
        ways += [counted_apart] if set(wanted) - {CACHEGRIND} else []
        ways += [counted_by_cachegrind] if CACHEGRIND in wanted else []
        for count in ways:
            try:
                readings = count(
                    self._job_path, self._environment, call_seconds, rules["count_seconds"]
                )
            except NotCounted as error:
                self._channel.send("flag", name="not-counted", reason=str(error))
                continue
            for reading in readings:
                self._channel.send("reading", **reading)


def _own_module(name: str) -> Any:
    """Import a module of the worker, kept compiled as in ``__main__``."""
    asked, sys.dont_write_bytecode = sys.dont_write_bytecode, False
    try:
        return __import__("%s.%s" % (__package__, name), fromlist=["open_suite"])
    finally:
        sys.dont_write_bytecode = asked


def origin(package: str) -> str:
    """Import a package, if one is named, and return the file it came from."""
    if not package:
        return ""
    __import__(package)
    module = sys.modules[package]
    file = getattr(module, "__file__", None)
    if file:
        return str(os.path.abspath(file))
    return str(next(iter(getattr(module, "__path__", [])), ""))


def _what_computed(task: Task) -> dict[str, Any]:
    return {
        "backend": task.backend,
        "precision": task.precision,
        "dataset": task.dataset,
        "device": task.device,
    }
