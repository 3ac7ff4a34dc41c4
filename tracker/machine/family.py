"""A process and everything that came from it: how much memory they hold, and how they end."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

import psutil

from tracker.errors import InfrastructureError

#: every process that inherits this variable belongs to the launch that set it
MARKER = "TRACKER_PROCESS"

_GRACE = 5.0


class Family:
    """All processes of one launch.

    Three nets, because each has a hole: the process group (left by ``setsid``),
    descendants by parent (left by a double fork), and a marker in the environment
    (left by a program that clears it). What was seen once is remembered.
    """

    def __init__(self, root: int, marker: str) -> None:
        self._root = root
        self._marker = f"{MARKER}={marker}".encode()
        self._seen: set[psutil.Process] = set()
        self._looks = 0

    def memory(self) -> int:
        """Bytes of resident memory that the living members hold together."""
        with contextlib.suppress(psutil.NoSuchProcess):
            root = psutil.Process(self._root)
            self._seen |= {root, *root.children(recursive=True)}
        if self._looks % 10 == 0:  # finding the ones that left reads all of /proc
            self._seen |= self._marked()
        self._looks += 1
        return sum(_resident(process) for process in self._seen)

    def shared_aside(self) -> int:
        """Bytes as ``memory`` counts them, but pages that forked processes share counted once."""
        return sum(_proportional(process) for process in self._seen)

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

    def _others(self) -> set[psutil.Process]:
        self._seen |= self._marked()
        return {process for process in self._seen if process.pid != self._root}

    def _marked(self) -> set[psutil.Process]:
        if not sys.platform.startswith("linux"):
            return set()
        return {process for pid in _pids() if (process := self._member(pid))}

    def _member(self, pid: int) -> psutil.Process | None:
        try:
            marked = self._marker in Path("/proc", str(pid), "environ").read_bytes().split(b"\0")
            return psutil.Process(pid) if marked else None
        except (OSError, psutil.Error):  # gone, or somebody else's
            return None


def _pids() -> list[int]:
    own = os.getpid()
    names = (path.name for path in Path("/proc").iterdir())
    return [int(name) for name in names if name.isdigit() and int(name) != own]


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _proportional(process: psutil.Process) -> int:
    try:
        full = process.memory_full_info()
    except psutil.Error:
        return 0
    return int(getattr(full, "pss", 0) or full.rss)
