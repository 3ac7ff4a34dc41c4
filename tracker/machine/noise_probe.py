"""How loud is this machine, and would a setting of one process make it quieter? Tried out."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log, sqrt

import numpy as np

from tracker.errors import InfrastructureError
from tracker.statistics.robust import huber_scale

#: standard errors between two levels of noise that differ
_CLEAR = 2.0
#: a little of everything that Python programs do; prints the median second of eleven runs
_PROGRAM = """
from time import perf_counter
def work():
    table = {str(i): [i] * 8 for i in range(4000)}
    return sum(len(key) + row[-1] for key, row in sorted(table.items()))
def timed():
    start = perf_counter(); work(); return perf_counter() - start
work()
print(sorted(timed() for _ in range(11))[5])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A way to start a process."""

    name: str
    prefix: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Loudness:
    """What a setting does to the same work."""

    setting: Setting
    #: median over the processes, seconds
    seconds: float
    #: robust standard deviation between processes, relative
    between: float
    processes: int

    def louder_than(self, other: Loudness) -> float:
        """How many times the noise of another setting this one has; 1 where it cannot be told.

        The logarithm of a standard deviation of n normal values varies by ``1 / (2 n - 2)``
        around its own (Bartlett and Kendall, Supplement to JRSS 1946); two errors of the ratio
        have to lie between.
        """
        if not (self.between and other.between):
            return 1.0
        ratio = self.between / other.between
        error = sqrt(sum(1 / (2 * one.processes - 2) for one in (self, other)))
        return ratio if abs(log(ratio)) > _CLEAR * error else 1.0


def settings(cores: Sequence[int]) -> tuple[Setting, ...]:
    """What one process can ask for by itself, as far as this system has the programs for it.

    Args:
        cores: processors to pin to, isolated ones where there are any.
    """
    found = [Setting(name="as it is")]
    setarch, taskset = shutil.which("setarch"), shutil.which("taskset")
    if setarch:
        found.append(Setting(name="one address layout", prefix=(setarch, "-R")))
    if taskset and cores:
        pinned = ",".join(map(str, cores))
        found.append(Setting(name=f"pinned to {pinned}", prefix=(taskset, "-c", pinned)))
    return tuple(found)


def loudness(
    tried: Sequence[Setting], *, rounds: int, progress: Callable[[int, int], None]
) -> tuple[Loudness, ...]:
    """Run the same work under each setting, in rounds of random order, one process a time.

    Args:
        tried: settings to hold against each other.
        rounds: processes of each.
        progress: told after each process how many are done, of how many.

    Raises:
        InfrastructureError: a process does not run under a setting.
    """
    dice = random.Random(1)  # noqa: S311  order, not secrecy
    seconds: dict[str, list[float]] = {setting.name: [] for setting in tried}
    for done in range(rounds):
        for place, setting in enumerate(dice.sample(list(tried), len(tried))):
            seconds[setting.name].append(_seconds(setting))
            progress(done * len(tried) + place + 1, rounds * len(tried))
    return tuple(_summed(setting, seconds[setting.name]) for setting in tried)


def _seconds(setting: Setting) -> float:
    ended = subprocess.run(
        [*setting.prefix, sys.executable, "-S", "-c", _PROGRAM],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ.get("PATH", os.defpath)},
    )
    if ended.returncode:
        said = ended.stderr.strip().splitlines() or [f"exit code {ended.returncode}"]
        raise InfrastructureError(f"no process runs with {setting.name}: {said[-1]}")
    return float(ended.stdout)


def _summed(setting: Setting, seconds: Sequence[float]) -> Loudness:
    logs = np.log(np.array(seconds))
    middle = float(np.median(logs))
    return Loudness(
        setting=setting,
        seconds=float(np.exp(middle)),
        between=huber_scale(logs - middle),
        processes=len(seconds),
    )
