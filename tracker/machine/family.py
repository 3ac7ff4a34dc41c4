"""A process and everything that came from it: what they take, and how they end."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import psutil

from tracker.errors import InfrastructureError
from tracker.machine.cgroup import Group

#: every process that inherits this variable belongs to the launch that set it
MARKER = "TRACKER_PROCESS"

_GRACE = 5.0


class Usage(NamedTuple):
    """What a family takes."""

    #: processor time since its start, of its members and of those they have waited for
    cpu_seconds: float
    #: resident; pages that members share count for each of them
    memory_bytes: int
    #: number of the core that its busiest member was on; None where the system does not tell
    core: int | None


class Family:
    """All processes of one launch.

    A control group knows them all. Without one there are three nets, because each has a hole:
    the process group (left by ``setsid``), descendants by parent (left by a double fork), and a
    marker in the environment (left by a program that clears it). A process is examined once, when
    it is new, as whose child it was born and with what; what was seen once is remembered.
    """

    def __init__(
        self, root: int, marker: str, *, strangers: Iterable[int], group: Group | None
    ) -> None:
        """``strangers`` are the processes that there were before."""
        self._root = root
        self._marker = f"{MARKER}={marker}".encode()
        self._group = group
        self._examined = set(strangers) - {root}
        self._seen: dict[int, psutil.Process] = {}
        self._add([root])
        #: processor time as of the last look
        self.cpu_seconds = 0.0

    def look(self) -> Usage:
        """Read what the members take. One that left no trace may be missing from the time."""
        self._add(self._group.members() if self._group else self._born())
        taken = {pid: usage for pid, one in self._seen.items() if (usage := _usage(one))}
        self._seen = {pid: self._seen[pid] for pid in taken}
        counted = self._group.cpu_seconds() if self._group else None
        summed = sum(one.cpu_seconds for one in taken.values()) if counted is None else counted
        self.cpu_seconds = max(self.cpu_seconds, summed)
        busiest = max(taken.values(), default=None)
        return Usage(
            cpu_seconds=self.cpu_seconds,
            memory_bytes=sum(one.memory_bytes for one in taken.values()),
            core=busiest.core if busiest else None,
        )

    def shared_aside(self) -> int:
        """Bytes as ``look`` counts them, but pages that forked processes share counted once."""
        return sum(_proportional(process) for process in self._seen.values())

    def kill(self) -> None:
        """End every member, again and again until none is left.

        Raises:
            InfrastructureError: one of them cannot be killed.
        """
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._root, signal.SIGKILL)
        deadline = time.monotonic() + _GRACE
        while living := [process for process in self._others() if _alive(process)]:
            if time.monotonic() > deadline:
                pids = ", ".join(str(process.pid) for process in living)
                raise InfrastructureError(
                    f"processes of a measurement cannot be killed: {pids}",
                    hint="they may wait for a device or a network file system; see `ps`",
                )
            for process in living:
                with contextlib.suppress(psutil.Error):
                    process.kill()
            time.sleep(0.002)

    def _others(self) -> Iterator[psutil.Process]:
        self._add(self._group.members() if self._group else filter(self._is_marked, _pids()))
        return (process for pid, process in self._seen.items() if pid != self._root)

    def _born(self) -> Iterator[int]:
        """Members among the processes that are new since the last time; parents come first."""
        living = _pids()
        for pid in sorted(living - self._examined):
            if _parent(pid) in self._seen or self._is_marked(pid):
                yield pid
        self._examined = living

    def _add(self, pids: Iterable[int]) -> None:
        for pid in pids:
            if pid not in self._seen:
                with contextlib.suppress(psutil.NoSuchProcess):
                    self._seen[pid] = psutil.Process(pid)

    def _is_marked(self, pid: int) -> bool:
        try:
            return self._marker in Path("/proc", str(pid), "environ").read_bytes().split(b"\0")
        except OSError:  # gone, or somebody else's, or another system
            return False


def _pids() -> set[int]:
    return set(psutil.pids()) - {os.getpid()}


def _parent(pid: int) -> int | None:
    try:
        return psutil.Process(pid).ppid()
    except psutil.Error:
        return None


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _usage(process: psutil.Process) -> Usage | None:
    """What one process takes; None for one that is gone."""
    try:
        with process.oneshot():
            times = process.cpu_times()
            return Usage(
                cpu_seconds=sum(times[:4]),  # its own and that of children it has waited for
                memory_bytes=int(process.memory_info().rss),
                core=process.cpu_num() if hasattr(process, "cpu_num") else None,
            )
    except psutil.Error:
        return None


def _proportional(process: psutil.Process) -> int:
    try:
        full = process.memory_full_info()
    except psutil.Error:
        return 0
    return int(getattr(full, "pss", 0) or full.rss)
