"""``compare A B``: paired rounds until every cell is decided."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tracker.findings.pairs import Pair
from tracker.findings.sides import Sides
from tracker.model.cells import EnvironmentRequest
from tracker.model.commits import Commit
from tracker.model.measurements import Process, Reading
from tracker.model.purposes import Purpose
from tracker.model.requests import Known, Measure, Prepare, Request
from tracker.statistics.allocation import levels, samples_a_process
from tracker.statistics.arrays import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """Asks for both sides to be built, then for rounds of pairs of what is not decided yet.

    The two processes of a pair run one after the other in random order, so that they meet the
    same machine. A decided cell leaves the loop, so the last rounds are short. A cell that fails
    on a side is over. How many samples a process takes follows from what its first ones tell
    about the two levels of variance.
    """

    sides: Sides
    purpose: Purpose
    seed: int

    @property
    def asks_about(self) -> tuple[Commit, ...]:
        """All commits that may be asked for."""
        return self.sides.commits

    def ask(self, known: Known) -> tuple[Request, ...]:
        """The builds that are not known yet, else one round of all pairs that are not decided."""
        return self._unprepared(known) or self._round(known)

    def _unprepared(self, known: Known) -> tuple[Prepare, ...]:
        environments = dict.fromkeys(cell.environment for cell in self.sides.cells)
        return tuple(
            Prepare(environment=environment, commits=missing)
            for environment in environments
            if (missing := tuple(self._unbuilt(environment, known)))
        )

    def _unbuilt(self, environment: EnvironmentRequest, known: Known) -> Iterator[Commit]:
        for commit in self.asks_about:
            if (commit.sha, environment) not in known.builds:
                yield commit

    def _round(self, known: Known) -> tuple[Measure, ...]:
        """Both sides of each open pair, next to each other."""
        sides = self.sides
        pairs = [pair for pair in sides.pairs(known) if not sides.judge.is_over(pair, known)]
        numbers = [_next_round(pair, known) for pair in pairs]
        dice = random.Random(f"{self.seed} {self.purpose.key} {sum(numbers)}")  # noqa: S311  order, not secrecy
        open_ones = list(zip(pairs, numbers, strict=True))
        dice.shuffle(open_ones)
        requests: list[Measure] = []
        for pair, number in open_ones:
            both = [(sides.base, pair.base), (sides.head, pair.head)]
            dice.shuffle(both)
            samples = _samples(pair, known)
            requests += (
                Measure(
                    commit=commit,
                    build=build,
                    cell=pair.cell,
                    round=number,
                    position=len(requests) + place,
                    purpose=self.purpose,
                    batch=self.purpose.key,
                    samples=samples,
                )
                for place, (commit, build) in enumerate(both)
            )
        return tuple(requests)


def _next_round(pair: Pair, known: Known) -> int:
    """The first round that neither side has: half a pair that a kill left is no pair."""
    rounds = (known.measured.get(target, frozenset()) for target in pair.targets)
    return 1 + max((max(one, default=-1) for one in rounds), default=-1)


def _samples(pair: Pair, known: Known) -> int:
    """As many samples a process as pay, once there are processes to tell; 0: the policy's."""
    timed = [_timed(known.processes.get(target, ())) for target in pair.targets]
    both = [one for side in timed for one in side]
    found = levels([row for side in timed for row in _centred(side)])
    if found is None:
        return 0
    sample = float(np.median([reading.value * reading.loops for _, reading in both]))
    size = float(np.median([len(reading.samples) for _, reading in both]))
    whole = float(np.median([seconds for seconds, _ in both]))
    return samples_a_process(found, start=max(whole - size * sample, 0.0), sample=sample)


def _timed(processes: Sequence[Process]) -> list[tuple[float, Reading]]:
    """Seconds of each process, and the times it took."""
    return [
        (process.seconds, reading)
        for process in processes
        for reading in process.readings
        if reading.coordinate.metric == "time" and min(reading.samples) > 0
    ]


def _centred(side: Sequence[tuple[float, Reading]]) -> list[Floats]:
    """The logarithms of samples without what the sides differ by."""
    rows = [np.log(np.array(reading.samples)) for _, reading in side]
    middle = float(np.median([row.mean() for row in rows])) if rows else 0.0
    return [row - middle for row in rows]
