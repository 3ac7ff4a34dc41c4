"""How often detection is wrong, and what it finds: simulated histories, a table.

usage: python -m benchmarks.histories.power [repetitions] [seed]

A/A: share of series without a change in which one is suspected. Then the share of planted steps
found within two commits of their place: in the middle of the history, and with two commits
measured after it. Noise: 1 % between the processes of a commit (see tests/support/series.py).
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from itertools import product
from time import process_time

import numpy as np

from benchmarks.histories.worker import of_processes
from tests.support.series import NOISES, noise
from tracker.statistics.arrays import Floats

STEPS = (0.02, 0.03, 0.05, 0.10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One kind of history."""

    kind: str
    commits: int
    processes: int
    random: np.random.Generator

    def alarms(self, repetitions: int) -> float:
        """Share of histories without a change in which one is suspected."""
        return (
            sum(bool(of_processes(np.exp(self._values()))) for _ in range(repetitions))
            / repetitions
        )

    def power(self, at: int, by: float, repetitions: int) -> float:
        """Share of steps found within two commits of where they are."""
        hits = 0
        for _ in range(repetitions):
            values = self._values()
            values[at:] += np.log1p(by)
            hits += any(abs(place - at) <= 2 for place in of_processes(np.exp(values)))
        return hits / repetitions

    def _values(self) -> Floats:
        return noise(self.kind, self.commits, self.processes, 0.01, self.random)


def main(repetitions: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    steps = " ".join(f"{by:4.0%}" for by in STEPS)
    print(f"processes commits {'noise':11} A/A %    ms | middle: {steps} | newest two: {steps}")
    for processes, commits, kind in product((5, 10), (8, 12, 30, 120), NOISES):
        case = Case(kind=kind, commits=commits, processes=processes, random=random)
        start = process_time()
        share = case.alarms(repetitions)
        cost = (process_time() - start) / repetitions
        middle, newest = (
            " ".join(f"{case.power(at, by, max(repetitions // 5, 1)):4.0%}" for by in STEPS)
            for at in (commits // 2, commits - 2)
        )
        print(
            f"{processes:9} {commits:7} {kind:11} {share * 100:5.2f} {cost * 1000:5.1f} |"
            f"         {middle} |             {newest}",
            flush=True,
        )


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*(given + [400, 1][len(given) :]))
