"""What of the system makes timings louder than they need be, as pyperf's ``system`` command knows.

Reading changes nothing. What is applied is named one by one, and can be put back.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_CPUS = "sys/devices/system/cpu"
#: interrupts of the sampling profiler a second; at one it is out of the way
_FEWEST_SAMPLES = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Knob:
    """One setting of the system."""

    name: str
    #: as the system says it; "" where it has no such thing
    now: str
    #: what is best for measuring
    wanted: str
    #: what it does to numbers
    why: str
    #: files to write ``wanted`` to; empty where only the system's start can change it
    files: tuple[Path, ...] = ()
    #: how, where writing a file does not do it
    advice: str = ""

    @property
    def is_there(self) -> bool:
        return bool(self.now)

    @property
    def is_set(self) -> bool:
        return self.now == self.wanted

    @property
    def is_allowed(self) -> bool:
        """May this process change it?"""
        return bool(self.files) and all(os.access(file, os.W_OK) for file in self.files)


def knobs(root: Path = Path("/")) -> tuple[Knob, ...]:
    """All settings that are looked at. ``root`` is where ``proc`` and ``sys`` are."""
    return tuple(_knobs(root))


def turned(knob: Knob) -> Iterator[tuple[Path, str]]:
    """Write what is wanted; each file that was written, with what it said before.

    Raises:
        OSError: the system refuses after all.
    """
    for file in knob.files:
        before = _text(file)
        file.write_text(knob.wanted, "ascii")
        yield file, before


def isolated(root: Path = Path("/")) -> tuple[int, ...]:
    """Processors that the scheduler leaves alone."""
    return tuple(_numbers(_text(root / _CPUS / "isolated")))


def _knobs(root: Path) -> Iterator[Knob]:
    governors = sorted((root / _CPUS).glob("cpu[0-9]*/cpufreq/scaling_governor"))
    said = {_text(file) for file in governors}
    yield Knob(
        name="CPU governor",
        now=", ".join(sorted(said)),
        wanted="performance",
        why="others change the clock's speed with the load",
        files=tuple(governors),
    )
    yield _turbo(root)
    randomize = root / "proc/sys/kernel/randomize_va_space"
    yield Knob(
        name="address randomization",
        now=_text(randomize),
        wanted="2",
        why="each process draws its own layout; without it all share one, lucky or not",
        files=_existing(randomize),
    )
    rate = root / "proc/sys/kernel/perf_event_max_sample_rate"
    yield Knob(
        name="perf sampling rate",
        now=_text(rate),
        wanted=_FEWEST_SAMPLES,
        why="interrupts of a profiler that nobody uses",
        files=_existing(rate),
    )
    yield Knob(
        name="isolated processors",
        now=_text(root / _CPUS / "isolated") or ("none" if (root / _CPUS).is_dir() else ""),
        wanted=_last_core(root),
        why="nothing else is scheduled where measuring is pinned (policy.affinity)",
        advice=f"boot with isolcpus={_last_core(root)} rcu_nocbs={_last_core(root)}",
    )
    yield Knob(
        name="processors without ticks",
        now=_text(root / _CPUS / "nohz_full").strip("()") or "none",
        wanted=_last_core(root),
        why="the clock interrupts every processor 100 to 1000 times a second",
        advice=f"boot with nohz_full={_last_core(root)}",
    )


def _turbo(root: Path) -> Knob:
    why = "the clock's speed depends on temperature and on what other cores do"
    intel, boost = root / _CPUS / "intel_pstate/no_turbo", root / _CPUS / "cpufreq/boost"
    if intel.exists():
        return Knob(name="turbo off", now=_text(intel), wanted="1", why=why, files=(intel,))
    return Knob(name="turbo boost", now=_text(boost), wanted="0", why=why, files=_existing(boost))


def _last_core(root: Path) -> str:
    """The processor that is furthest from where systems put their own work."""
    online = _numbers(_text(root / _CPUS / "online"))
    return str(max(online, default=0))


def _numbers(text: str) -> Sequence[int]:
    """``0-2,5`` as the kernel writes it."""
    found: list[int] = []
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        with contextlib.suppress(ValueError):
            found += range(int(first), int(last or first) + 1)
    return found


def _existing(file: Path) -> tuple[Path, ...]:
    return (file,) if file.exists() else ()


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
