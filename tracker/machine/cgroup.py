"""A control group for the processes of one launch, where this user may make one (Linux).

In it the kernel itself keeps the limit on memory and counts every page, and nothing leaves it.
Of version 2 of the interface (Documentation/admin-guide/cgroup-v2.rst of the kernel), else of
version 1 (Documentation/admin-guide/cgroup-v1/memory.rst). No other group is changed.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil

from tracker.errors import InfrastructureError

_PREFIX = "tracker"
#: seconds until the kernel has let go of the last process, and of gigabytes that it held
_GRACE = 10.0

_numbers = itertools.count()


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """What the files of a version are called."""

    limit: str
    #: takes the 0 that keeps what is over the limit from going to the swap
    swap: str
    peak: str
    #: has a line ``oom_kill``, and a number of processes
    kills: str
    #: file that counts how often the limit was in the way, and its key; "" for a number alone
    hits: tuple[str, str]
    #: has a line ``usage_usec``
    cpu: str = ""
    #: kills all of a group at once
    together: str = ""


V2 = Interface(
    limit="memory.max",
    swap="memory.swap.max",
    peak="memory.peak",
    kills="memory.events",
    hits=("memory.events", "oom"),
    cpu="cpu.stat",
    together="memory.oom.group",
)
V1 = Interface(
    limit="memory.limit_in_bytes",
    swap="memory.swappiness",
    peak="memory.max_usage_in_bytes",
    kills="memory.oom_control",
    hits=("memory.failcnt", ""),
)


class Group:
    """A group that exists."""

    def __init__(self, path: Path, interface: Interface) -> None:
        self._path = path
        self._interface = interface

    def limit(self, memory_bytes: int) -> None:
        """Let the kernel end what takes more memory, files that it has cached included."""
        (self._path / self._interface.limit).write_text(str(memory_bytes))
        for name, text in ((self._interface.swap, "0"), (self._interface.together, "1")):
            if name and (file := self._path / name).exists():
                file.write_text(text)

    def adopt(self, pid: int) -> None:
        """Take a process in, with the descendants that it has by then.

        Raises:
            OSError: the kernel does not let it in.
        """
        tried: set[int] = set()
        outside = {pid}
        while outside:
            for each in outside:
                with contextlib.suppress(ProcessLookupError):
                    (self._path / "cgroup.procs").write_text(str(each))
            tried |= outside
            outside = _descendants(pid) - tried - set(self.members())

    def members(self) -> list[int]:
        """Process numbers."""
        return [int(pid) for pid in self._text("cgroup.procs").split() if pid != "0"]

    def peak_bytes(self) -> int:
        """Most memory that it ever held; 0 where the kernel does not tell (2 before Linux 5.19)."""
        return int(self._text(self._interface.peak) or 0)

    def cpu_seconds(self) -> float | None:
        """Processor time of all its processes; None where this version does not tell."""
        text = self._text(self._interface.cpu) if self._interface.cpu else ""
        return _counter(text, "usage_usec") / 1e6 if text else None

    def exceeded(self) -> bool:
        """Did the kernel end a process of it because of its limit, not for want of memory?"""
        if not _counter(self._text(self._interface.kills), "oom_kill"):
            return False
        file, key = self._interface.hits
        return _counter(self._text(file), key) > 0

    def remove(self) -> None:
        """Give it back, once its processes have ended.

        Raises:
            InfrastructureError: the kernel does not let go of it.
        """
        deadline = time.monotonic() + _GRACE
        while True:
            try:
                self._path.rmdir()
            except FileNotFoundError:
                return
            except OSError as error:
                if time.monotonic() > deadline:
                    raise InfrastructureError(
                        f"the control group {self._path} cannot be removed: {error.strerror}"
                    ) from error
                time.sleep(0.002)
            else:
                return

    def _text(self, name: str) -> str:
        try:
            return (self._path / name).read_text()
        except FileNotFoundError:
            return ""


def limited(memory_bytes: int, pid: int) -> Group | None:
    """A new group with a limit and a process in it; None where this user can make none that works.

    Raises:
        InfrastructureError: it could be made before, and now it cannot.
    """
    if (place := _place()) is None:
        return None
    try:
        return _made(*place, memory_bytes, pid)
    except OSError as error:
        raise InfrastructureError(f"no control group can be made: {error}") from error


def candidates(root: Path = Path("/")) -> Iterator[tuple[Path, Interface]]:
    """Groups that a new one could be made in, with a controller for memory: the best first."""
    lines = [line.split(":", 2) for line in _lines(root / "proc/self/cgroup")]
    own = {controllers: Path(path) for _, controllers, path in lines}
    mounts = list(_mounts(root))
    for kind, mount, _, inside in mounts:
        if kind == "cgroup2" and "" in own:
            group = _below(root, mount, inside, own[""])
            # where it holds processes itself, only its parent may have a controller to hand on
            for place in (group, group.parent):
                if "memory" in _words(place / "cgroup.subtree_control"):
                    yield place, V2
    for kind, mount, options, inside in mounts:
        if kind == "cgroup" and "memory" in options and "memory" in own:
            yield _below(root, mount, inside, own["memory"]), V1


@cache
def _place() -> tuple[Path, Interface] | None:
    """Where groups are made, tried out once with a real process."""
    for parent, interface in candidates():
        try:
            _remove_leftovers(parent)
            if _works(parent, interface):
                return parent, interface
        except (OSError, InfrastructureError):
            continue
    return None


def _works(parent: Path, interface: Interface) -> bool:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as trial:
        group = _made(parent, interface, 1 << 30, trial.pid)
        lets_in = group.members() == [trial.pid]
    group.remove()
    return lets_in


def _made(parent: Path, interface: Interface, memory_bytes: int, pid: int) -> Group:
    path = parent / f"{_PREFIX}-{os.getpid()}-{next(_numbers)}"
    path.mkdir()
    group = Group(path, interface)
    try:
        group.limit(memory_bytes)
        group.adopt(pid)
    except BaseException:
        group.remove()
        raise
    return group


def _remove_leftovers(parent: Path) -> None:
    """Groups of trackers that were killed."""
    for path in parent.glob(f"{_PREFIX}-*-*"):
        if not psutil.pid_exists(int(path.name.split("-")[1])):
            with contextlib.suppress(OSError):  # another tracker was faster
                path.rmdir()


def _mounts(root: Path) -> Iterator[tuple[str, Path, list[str], Path]]:
    """Kind, mount point, options and the group that is mounted there."""
    for line in _lines(root / "proc/self/mountinfo"):
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        _, _, _, inside, mount, *_ = before.split(" ")
        yield kind, Path(mount), options.split(","), Path(inside)


def _below(root: Path, mount: Path, inside: Path, group: Path) -> Path:
    relative = group.relative_to(inside) if group.is_relative_to(inside) else group.relative_to("/")
    return root / mount.relative_to("/") / relative


def _descendants(pid: int) -> set[int]:
    try:
        return {one.pid for one in psutil.Process(pid).children(recursive=True)}
    except psutil.NoSuchProcess:
        return set()


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text().splitlines()
    except OSError:  # another system
        return []


def _words(file: Path) -> list[str]:
    return [word for line in _lines(file) for word in line.split()]


def _counter(text: str, key: str) -> int:
    """The number behind a key in lines of both; behind "" in a text that is one number."""
    lines = (["", *line.split()][-2:] for line in text.splitlines())
    return next((int(number) for name, number in lines if name == key), 0)
