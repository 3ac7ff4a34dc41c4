"""One run of the worker, from the job to its last line."""

from __future__ import annotations

import os
import sys
from time import perf_counter

from . import surroundings
from .baton import Baton
from .channel import Channel, flush, read_job, write_job
from .protocol import DEFAULTS, carry_out, extra_reading
from .task import Failed, Incompatible, OutOfMemory, Unsupported
from .telling import Telling, what_computed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from .task import SuiteOfTasks, Task

#: harness -> module of the worker that opens its suites
ADAPTERS = {
    "python": "python_suite",
    "torch": "torch.suite",
    "asv": "asv.suite",
    "pytest-benchmark": "pytest_suite",
    "command": "command",
    "metrics-recorder": "recorder.suite",
    "optimum-benchmark": "optimum.suite",
    "package": "package",
}


#: the count that a program outside of the process makes
CACHEGRIND = "cachegrind"
#: what the harness itself can tell of a call
WORK = "work"


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
    modes: dict[str, Callable[[], dict[str, Any]]] = {
        "discover": session.discover,
        "measure": session.measure,
        "count": session.count,
        "call": session.call,
        "together": session.together,
    }
    _do_and_leave(lambda: modes[mode](), channel)  # noqa: PLW0108 - an unknown one is an end too


def _do_and_leave(do: Callable[[], dict[str, Any]], channel: Channel) -> None:
    try:
        ending = do()
    except BaseException as error:  # what a benchmark raises, SystemExit too, ends only itself
        ending = _ended_by(error)
    channel.send("end", **ending)
    flush()
    os._exit(0)


def _ended_by(error: BaseException) -> dict[str, Any]:
    if isinstance(error, Unsupported):
        state = "unsupported"
    elif isinstance(error, Incompatible):
        state = "harness-incompatible"
    elif isinstance(error, OutOfMemory):
        state = "out-of-memory"
    else:
        state = "benchmark-failed"
        if not isinstance(error, Failed):
            _print_traceback(error)
    return {"state": state, "reason": one_line(error)}


def _print_traceback(error: BaseException) -> None:
    try:  # noqa: SIM105
        sys.__excepthook__(type(error), error, error.__traceback__)
    except Exception:
        pass  # nowhere to print it; the reason is in the last line


def one_line(error: BaseException) -> str:
    """``ValueError: text``, the text's first line; an answer of the suite needs no name."""
    try:
        text = (str(error).strip().splitlines() or [""])[0]
    except Exception:
        text = "(its text cannot be had)"
    if isinstance(error, (Failed, Unsupported, Incompatible, OutOfMemory)) and text:
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
        return self.measure_in(self._open())

    def measure_in(self, suite: SuiteOfTasks) -> dict[str, Any]:
        """Measure the job's benchmark in a suite that is open already."""
        task = self._task(suite)
        task.teller = Telling(self._channel, task)
        try:
            outcome = carry_out(task, self._job.get("protocol", {}), self._baton)
        except Exception as error:
            raise task.told(error) from error
        for reading in outcome.readings:
            self._channel.send("reading", **reading)
        for name, reason in outcome.flags:
            self._channel.send("flag", name=name, reason=reason)
        if outcome.readings and task.call is not None:
            self._read_extra("peak_memory", "bytes", surroundings.peak_memory())
        if outcome.call_seconds:
            self._count(task, outcome.call_seconds)
        return {
            "state": outcome.state,
            "reason": outcome.reason,
            **self._what_computed(task),
            "threads": self._threads(),
        }

    def count(self) -> dict[str, Any]:
        from .counts import count_work, of_call  # noqa: PLC0415

        task = self._task(self._open())
        for reading in count_work(task, of_call(task, self._job["counts"])):
            self._channel.send("reading", **reading)
        return {"state": "measured", "reason": ""}

    def call(self) -> dict[str, Any]:
        """Call so often as the command line says, for whoever counts from outside."""
        from .counts import only_call  # noqa: PLC0415

        only_call(self._task(self._open()), int(self._arguments[0]))
        return {"state": "measured", "reason": ""}

    def together(self) -> dict[str, Any]:
        """Open the suite once, and measure each member in a process that is forked from this."""
        from .together import measure_each, opened  # noqa: PLC0415 - few suites ask for it

        started, members = perf_counter(), self._job["members"]
        suite = opened(members, self._open)
        imported_from = origin(self._job.get("package", ""))

        def measure(number: int, job: dict[str, Any]) -> None:
            self._channel.send("hello", imported_from=imported_from, **surroundings.facts())
            path = "%s.%d" % (self._job_path, number)
            write_job(path, job)  # for what counts in a process of its own
            session = _Session(job, [path], self._channel, None, self._environment)
            _do_and_leave(lambda: session.measure_in(suite), self._channel)

        measure_each(members, self._channel, measure, started)
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

    def _what_computed(self, task: Task) -> dict[str, Any]:
        """What goes into the coordinate, and a flag where another device was asked for."""
        asked = self._job.get("device", task.device)
        if task.device != asked:
            reason = "%s computed, %s was asked for" % (task.device, asked)
            self._channel.send("flag", name="device-not-as-asked", reason=reason)
        return what_computed(task)

    def _threads(self) -> int:
        """The threads that were used, and a flag where others were asked for."""
        used, asked = surroundings.threads(), int(self._job.get("threads", 0))
        if asked and used != asked:
            reason = "%d threads are used, %d were asked for" % (used, asked)
            self._channel.send("flag", name="threads-not-as-asked", reason=reason)
        return used

    def _count(self, task: Task, call_seconds: float) -> None:
        """Count what the job wants; where that fails, a flag says so, and times are no worse."""
        wanted = self._job.get("counts", ())
        if not wanted:
            return
        from .counts import counted_apart, counted_here, of_call  # noqa: PLC0415 - not always
        from .machine_counts import counted_by_cachegrind  # noqa: PLC0415

        inside = of_call(task, wanted)
        limit = {**DEFAULTS, **self._job.get("protocol", {})}["count_seconds"]
        apart = (self._job_path, self._environment, call_seconds, limit)

        def count_inside() -> list[dict[str, Any]]:
            here = counted_here(task, inside, call_seconds, limit)
            return counted_apart(*apart) if here is None else here

        if WORK in wanted:
            self._read_counts(task.counted)
        if inside:
            self._read_counts(count_inside)
        if CACHEGRIND in wanted:
            self._read_counts(lambda: counted_by_cachegrind(*apart))

    def _read_counts(self, count: Callable[[], list[dict[str, Any]]]) -> None:
        from .counts import NotCounted  # noqa: PLC0415

        try:
            readings = count()
        except Exception as error:
            reason = str(error) if isinstance(error, NotCounted) else one_line(error)
            self._channel.send("flag", name="not-counted", reason=reason)
            return
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
