"""Work, counted: what one call does, the same number in every process.

It runs after the timing, which it would slow down some 10 to 140 times: in a process of its own
with a fixed hash seed, or, where that would have to import what takes seconds, in the same one.
"""

from __future__ import annotations

import gc
import os
import sys

from .channel import out_of_the_way
from .protocol import extra_reading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from .task import Task

#: counting takes at least so many times the time of the call: what cannot fit is not started
_SLOWER = 10
#: and at most: what surely fits need not be a process that can be ended
_SLOWEST = 140

_KILL_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)
_SIGKILL = 9


class NotCounted(Exception):  # noqa: N818 - a reason, which becomes a flag
    """There is no count; the measurement is none the worse."""


def counted_apart(
    job_path: str,
    environment: dict[str, str],
    call_seconds: float,
    limit: float,
    prefix: tuple[str, ...] = (),
    mode: tuple[str, ...] = ("count",),
) -> list[dict[str, Any]]:
    """Count in a child of this process, and return its readings.

    ``prefix`` is put before the command, ``mode`` is what the child is told to do.

    Raises:
        NotCounted: it would take, or took, too long, or it ended without a count.
    """
    if call_seconds * _SLOWER > limit:
        raise NotCounted("one call takes %.3g s, too long to count its work" % call_seconds)
    import json  # noqa: PLC0415 - the timing is over, nothing is spoilt
    import subprocess  # noqa: PLC0415

    main = os.path.join(os.path.dirname(os.path.abspath(__file__)), "__main__.py")
    # not where standard output was before the benchmark closed it
    reading, writing = map(out_of_the_way, os.pipe())
    with open(reading, "rb") as results:
        try:
            child = subprocess.run(
                [*prefix, sys.executable, "-s", main, job_path, *mode],
                env={**environment, "PYTHONHASHSEED": "0", "TRACKER_RESULTS_FD": str(writing)},
                pass_fds=[writing],
                # the benchmark may have closed ours, and has printed already
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=limit,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise NotCounted("counting took longer than %.3g s" % limit) from None
        finally:
            os.close(writing)
        os.set_blocking(results.fileno(), False)  # a grandchild may hold the other end
        lines = [json.loads(line) for line in (results.read() or b"").splitlines()]
    end = lines[-1] if lines else {}
    if end.get("state") != "measured":
        raise NotCounted(end.get("reason") or "ended with exit code %s" % child.returncode)
    return [
        {key: value for key, value in line.items() if key != "event"}
        for line in lines
        if line["event"] == "reading"
    ]


def of_call(task: Task, wanted: list[str]) -> list[str]:
    """What of this is counted by calling a task, and not by others or not at all."""
    return [name for name in wanted if name in COUNTERS and name not in task.uncounted]


def counted_here(
    task: Task, wanted: list[str], call_seconds: float, limit: float
) -> list[dict[str, Any]] | None:
    """Count in this process what has been measured in it; None where that is not to be."""
    again = task.callable_again()
    if again is None or call_seconds * _SLOWEST > limit:
        return None
    with again:
        return [reading for name in wanted for reading in COUNTERS[name](_call(task))]


def count_work(task: Task, wanted: list[str]) -> list[dict[str, Any]]:
    """Count what is wanted of one call that is not the first."""
    end_with_parent()
    once, each = (None, task) if task.setup_each_sample else (task, None)
    readings = []
    with _Prepared(once):
        with _Prepared(each):
            _call(task)()  # fills caches and imports what is imported late
        for name in wanted:
            with _Prepared(each):
                readings += COUNTERS[name](_call(task))
    return readings


def only_call(task: Task, times: int) -> None:
    """Call so many times after the first, and count nothing: somebody outside does."""
    once, each = (None, task) if task.setup_each_sample else (task, None)
    with _Prepared(once):
        for _ in range(1 + times):
            with _Prepared(each):
                _call(task)()


def _call(task: Task) -> Callable[[], Any]:
    assert task.call is not None  # only timed tasks are counted
    return task.call


def instructions(call: Callable[[], Any]) -> int:
    """Bytecode instructions that a call executes, those of counting itself taken off."""
    count = _monitored if hasattr(sys, "monitoring") else _traced
    gc.collect()
    gc.disable()  # finalizers would run at any time
    try:
        # what is not written in Python executes none, not even to return
        return max(0, count(call) - count(_nothing))
    finally:
        gc.enable()


def _nothing() -> None:
    pass


def _monitored(call: Callable[[], Any]) -> int:
    monitoring = sys.monitoring  # type: ignore[attr-defined, unused-ignore] # from 3.12
    count = 0

    def step(code: object, offset: int) -> None:  # noqa: ARG001 - as it is called
        nonlocal count
        count += 1

    tool = next(i for i in (4, 3, 5, 2, 1, 0) if monitoring.get_tool(i) is None)
    monitoring.use_tool_id(tool, "commit-tracker")
    monitoring.register_callback(tool, monitoring.events.INSTRUCTION, step)
    try:
        monitoring.set_events(tool, monitoring.events.INSTRUCTION)
        call()
    finally:
        monitoring.set_events(tool, 0)
        monitoring.free_tool_id(tool)
    return count


def _traced(call: Callable[[], Any]) -> int:
    count = 0

    def step(frame: Any, event: str, argument: object) -> Any:  # noqa: ARG001
        nonlocal count
        if event == "opcode":
            count += 1
        elif event == "call":
            frame.f_trace_opcodes = True
            frame.f_trace_lines = False
        return step

    before = sys.gettrace()
    sys.settrace(step)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


def _peak_allocation(call: Callable[[], Any]) -> int:
    import tracemalloc  # noqa: PLC0415

    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        call()
        return max(0, tracemalloc.get_traced_memory()[1] - before)
    finally:
        tracemalloc.stop()


class _Prepared:
    """A task's setup and teardown as a block; of None: nothing."""

    def __init__(self, task: Task | None) -> None:
        self._task = task

    def __enter__(self) -> None:
        if self._task is not None:
            self._task.setup()

    def __exit__(self, *error: object) -> None:
        if self._task is not None:
            self._task.teardown()


def end_with_parent() -> None:
    """A killed worker takes this process along (Linux)."""
    if sys.platform.startswith("linux"):
        import ctypes  # noqa: PLC0415

        ctypes.CDLL(None).prctl(_KILL_WITH_PARENT, _SIGKILL)


def _instructions(call: Callable[[], Any]) -> list[dict[str, Any]]:
    return [extra_reading("instructions", "instructions", instructions(call), exact=True)]


def _allocations(call: Callable[[], Any]) -> list[dict[str, Any]]:
    return [extra_reading("allocated_memory", "bytes", _peak_allocation(call), exact=True)]


def _machine_instructions(call: Callable[[], Any]) -> list[dict[str, Any]]:
    from .machine_counts import counted_by_machine  # noqa: PLC0415 - most machines have none

    number = counted_by_machine(call)
    if number is None:
        return []
    return [extra_reading("machine_instructions", "instructions", number)]


#: what can be counted inside of the process; empty where the machine cannot
COUNTERS: dict[str, Callable[[Callable[[], Any]], list[dict[str, Any]]]] = {
    "instructions": _instructions,
    "allocations": _allocations,
    "machine_instructions": _machine_instructions,
}
