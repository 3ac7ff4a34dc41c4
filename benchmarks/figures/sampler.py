"""What does a benchmark feel of being watched, and what does the watching cost?

One process calls a function that takes a millisecond, and writes down when each call ended: a loop
of Python, or one that launches work on a device and waits for it. Where there is no device, a clock
stands for it: each piece of work ends a set time after the later of its launch and the end of the
one before, and the waiting spins, as CUDA's does unless told otherwise.
Meanwhile there are short windows: at the beginning of every other one the sampler looks at it.
Which of two neighbours that is, is left to chance, so that what the machine does besides hits both
kinds alike. What a look costs the benchmark within its window is then spread over an interval: in
windows as long as the interval the noise of most machines would drown it.
"""

from __future__ import annotations

import math
import secrets
import statistics
import subprocess
import sys
import time
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import psutil
from scipy.stats import mstats

from benchmarks.figures.figure import Figure
from tracker.machine.cgroup import limited
from tracker.machine.family import MARKER, Family
from tracker.machine.telemetry import Sampler

#: seconds between two looks, as in conf/policy/default.yaml
INTERVAL = 0.2
#: seconds; a look takes a hundredth of it
WINDOW = 0.05
PAIRS = 1000
MEMORY = 4 << 30
#: share of the pairs on either side that does not count: somebody else was at work
TRIMMED = (0.1, 0.1)

#: once told to end, writes when each call ended: doubles, seconds of the monotonic clock
BENCHMARK = """
import array, signal, sys, time
ends, is_over = array.array("d"), []
signal.signal(signal.SIGTERM, lambda *_: is_over.append(True))
{call}
while not is_over:
    call()
    ends.append(time.monotonic())
ends.tofile(sys.stdout.buffer)
"""
LOOP = """
def work(n):
    total = 0
    for i in range(n): total += i * i
    return total
def seconds(n):
    start = time.monotonic(); work(n)
    return time.monotonic() - start
n = 1000
while min(seconds(n) for _ in range(9)) < 0.001: n += n // 10
call = lambda: work(n)
"""
#: twenty launches of some 10 microseconds each, for work of 50 microseconds each
LAUNCHES = """
def call():
    free = time.monotonic()
    for _ in range(20):
        total = 0
        for i in range(200): total += i * i
        free = max(free, time.monotonic()) + 50e-6
    while time.monotonic() < free: pass
"""
#: what a call does, in a few words
CALLS = {"a loop of Python": LOOP, "a loop that launches and waits": LAUNCHES}


@dataclass(frozen=True, kw_only=True)
class Window:
    """A stretch of time in which the benchmark was watched, or was not."""

    watched: bool
    start: float
    end: float


def measure(directory: Path) -> list[Figure]:
    """The slowdown of watched benchmarks, in a control group and without, and its cost."""
    del directory
    return [
        figure
        for loop in CALLS
        for in_group in (True, False)
        for figure in _figures(loop, in_group=in_group)
    ]


def _figures(loop: str, *, in_group: bool) -> Iterator[Figure]:
    with _started(CALLS[loop]) as (child, marker):
        group = limited(MEMORY, child.pid) if in_group else None
        if in_group and group is None:
            print("this user can make no control group: left out")
            return
        sampler = Sampler([Family(child.pid, marker, strangers=psutil.pids(), group=group)])
        time.sleep(1)
        before = sampler.telemetry().overhead
        windows = list(_windows(sampler))
        cost = sampler.telemetry().overhead - before
        child.terminate()
        assert child.stdout is not None  # noqa: S101  it was started so
        ends = array("d", child.stdout.read())
        child.wait()
    if group:
        group.remove()
    how = "in a control group" if group else "without a group"
    slower = np.array(_slowdowns(windows, ends)) * WINDOW / INTERVAL
    yield Figure(
        name=f"{loop} is slower where it is watched, {how}",
        value=100 * float(mstats.trimmed_mean(slower, TRIMMED)),
        unit="%",
        target=1.0,
        parts={
            "standard error": 100 * float(mstats.trimmed_stde(slower, TRIMMED)),
            "milliseconds a call": 1e3 * statistics.median(b - a for a, b in pairwise(ends)),
            "pairs": PAIRS,
        },
    )
    yield Figure(
        name=f"the sampler's share of one core beside {loop}, {how}",
        value=100 * cost / PAIRS / INTERVAL,
        unit="%",
        target=1.0,
        parts={"milliseconds a look": 1e3 * cost / PAIRS},
    )


@contextmanager
def _started(call: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    marker = secrets.token_hex(16)
    with subprocess.Popen(
        [sys.executable, "-c", BENCHMARK.format(call=call)],
        stdout=subprocess.PIPE,
        env={MARKER: marker},
    ) as child:
        try:
            yield child, marker
        finally:
            child.kill()


def _windows(sampler: Sampler) -> Iterator[Window]:
    dice = Random(1)
    for _ in range(PAIRS):
        both = [True, False]
        dice.shuffle(both)
        for watched in both:
            start = time.monotonic()
            if watched:
                sampler.tick()
            time.sleep(max(0.0, start + WINDOW - time.monotonic()))
            yield Window(watched=watched, start=start, end=time.monotonic())


def _slowdowns(windows: Sequence[Window], ends: Sequence[float]) -> list[float]:
    """Of each pair of windows: logarithm of the mean time of a call, watched over not watched."""
    seconds = [_mean_call(window, ends) for window in windows]
    return [
        math.log(one / other) * (1 if window.watched else -1)
        for window, one, other in zip(windows[::2], seconds[::2], seconds[1::2], strict=True)
    ]


def _mean_call(window: Window, ends: Sequence[float]) -> float:
    """Seconds, from the last end before the window to the last one in it."""
    first, last = bisect_left(ends, window.start) - 1, bisect_left(ends, window.end) - 1
    return (ends[last] - ends[first]) / (last - first)
