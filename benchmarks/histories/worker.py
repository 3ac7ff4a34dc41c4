"""Judges series handed in, in whichever environment has the judge: pickles in, pickles out."""

from __future__ import annotations

import os

# One judge, one core: before numpy is there.
for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"

import pickle  # noqa: E402
import resource  # noqa: E402
import sys  # noqa: E402
import warnings  # noqa: E402
from dataclasses import dataclass  # noqa: E402
from math import log  # noqa: E402
from time import process_time  # noqa: E402

import numpy as np  # noqa: E402

from benchmarks.histories.peers import PEERS, Judge  # noqa: E402
from tracker.statistics.arrays import Floats  # noqa: E402
from tracker.statistics.changes import change_points, find_steps  # noqa: E402
from tracker.statistics.noise import units  # noqa: E402
from tracker.statistics.rounds import without_rounds  # noqa: E402

OURS, PROCESSES, MEDIANS = "tracker", "tracker, processes", "tracker, medians"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a judge said of many series."""

    #: first commits of new levels
    found: list[list[int]]
    cpu_seconds: float
    peak_bytes: int
    #: series at which it raised an error; they count as having no changes
    errors: int


def of_processes(values: Floats) -> list[int]:
    """At the policy's defaults; (commits, processes). Of a slide, where it has ended."""
    of = units(without_rounds(np.log(values)))
    found = find_steps(of, alpha=0.01, practical=log(1.01))
    return [level.start for level in found.levels[1:]]


JUDGES: dict[str, Judge] = {
    **PEERS,
    OURS: change_points,
    MEDIANS: change_points,
    PROCESSES: of_processes,
}


def judge(name: str, series: list[Floats]) -> Judged:
    """Of at least one series."""
    errors = 0

    def asked(values: Floats) -> list[int]:
        nonlocal errors
        try:
            return [int(place) for place in JUDGES[name](values) if 0 < place < len(values)]
        except Exception:  # noqa: BLE001 what a peer raises is counted
            errors += 1
            return []

    asked(series[0])  # what is imported now costs no time below
    errors, started = 0, process_time()
    found = [asked(values) for values in series]
    return Judged(
        found=found,
        cpu_seconds=process_time() - started,
        peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        errors=errors,
    )


def main() -> None:
    warnings.simplefilter("ignore")
    name, series = pickle.load(sys.stdin.buffer)  # noqa: S301 from judging.py
    sys.stdout.buffer.write(pickle.dumps(judge(name, series)))
