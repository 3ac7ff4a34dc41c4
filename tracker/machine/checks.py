"""Is this machine fit to measure? Each check says what it saw and what to do about it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from tracker.config.places import Places
from tracker.machine import nvidia
from tracker.machine.fingerprint import load

#: bytes below which a run is likely to fill the disk
LITTLE_DISK = 2 * 2**30
#: one-minute load per core that measurements begin to feel
MUCH_LOAD = 0.5
#: older gits lack `worktree add --detach` behaviour and safe.directory
OLDEST_GIT = (2, 31)


class Level(StrEnum):
    ok = "ok"
    #: measuring works, the numbers suffer
    warning = "warning"
    #: measuring does not work
    failure = "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at."""

    name: str
    level: Level
    #: what was seen
    found: str
    #: what to do, where something is wrong
    advice: str = ""


def machine_checks(places: Places) -> Iterator[Check]:
    """All checks of the machine itself; the rooms that use a tool check that tool."""
    yield _git()
    yield _python()
    yield _disk("disk for environments", places.cache)
    yield _disk("disk for results", places.state)
    yield _clock()
    yield _governor()
    yield _load()
    yield _sandbox()
    if nvidia.present():
        yield _accelerators()


def _git() -> Check:
    program = shutil.which("git")
    if program is None:
        return Check(
            name="git",
            level=Level.failure,
            found="not found",
            advice="install git and see that it is on PATH",
        )
    words = subprocess.run([program, "--version"], check=True, capture_output=True, text=True)
    version = words.stdout.split()[2]
    numbers = tuple(int(x) for x in version.split(".")[:2])
    if numbers < OLDEST_GIT:
        return Check(
            name="git",
            level=Level.failure,
            found=version,
            advice=f"git {'.'.join(map(str, OLDEST_GIT))} or later is needed",
        )
    return Check(name="git", level=Level.ok, found=version)


def _python() -> Check:
    return Check(name="python", level=Level.ok, found=f"{sys.version.split()[0]} {sys.executable}")


def _disk(name: str, path: Path) -> Check:
    existing = next(p for p in (path, *path.parents) if p.exists())
    free = shutil.disk_usage(existing).free
    found = f"{free / 2**30:.1f} GiB free at {path}"
    if not os.access(existing, os.W_OK):
        return Check(
            name=name,
            level=Level.failure,
            found=f"{existing} cannot be written",
            advice="set TRACKER_HOME to a directory of your own",
        )
    if free < LITTLE_DISK:
        return Check(
            name=name,
            level=Level.warning,
            found=found,
            advice="free some space, lower environment.cache_bytes, or set TRACKER_HOME elsewhere",
        )
    return Check(name=name, level=Level.ok, found=found)


def _clock() -> Check:
    now = datetime.now(UTC)
    # A machine without a clock starts in the past; the program's own files are newer.
    newest = datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)
    if now < newest:
        return Check(
            name="clock",
            level=Level.failure,
            found=f"{now:%Y-%m-%d %H:%M} UTC is before the tracker was installed",
            advice="set the clock; an NTP service keeps it right",
        )
    return Check(name="clock", level=Level.ok, found=f"{now:%Y-%m-%d %H:%M} UTC")


def _governor() -> Check:
    path = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    if not path.exists():
        return Check(
            name="cpu governor", level=Level.ok, found="not set by this system (virtual machine?)"
        )
    governor = path.read_text().strip()
    if governor != "performance":
        return Check(
            name="cpu governor",
            level=Level.warning,
            found=governor,
            advice="sudo cpupower frequency-set -g performance",
        )
    return Check(name="cpu governor", level=Level.ok, found=governor)


def _load() -> Check:
    per_core = load() / (os.cpu_count() or 1)
    found = f"{load():.2f} over one minute on {os.cpu_count()} cores"
    if per_core > MUCH_LOAD:
        return Check(
            name="load",
            level=Level.warning,
            found=found,
            advice="other programs are busy: timings will be noisier; counts are not affected",
        )
    return Check(name="load", level=Level.ok, found=found)


def _sandbox() -> Check:
    if shutil.which("bwrap") is None:
        return Check(
            name="sandbox",
            level=Level.ok,
            found="bubblewrap is not installed (only needed for executor.sandbox=true)",
        )
    return Check(name="sandbox", level=Level.ok, found="bubblewrap is available")


def _accelerators() -> Check:
    name = "accelerators"
    if nvidia.library() is None:
        return Check(
            name=name,
            level=Level.warning,
            found="there are NVIDIA devices, and they cannot be read",
            advice='pip install "commit-tracker[nvidia]", and see that nvidia-smi works',
        )
    channels = {sensed.channel for probe in nvidia.probes() for sensed in probe()}
    return Check(name=name, level=Level.ok, found=f"read: {', '.join(sorted(channels))}")
