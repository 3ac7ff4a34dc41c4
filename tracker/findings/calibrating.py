"""From pairs of a build with itself to what a machine and a suite can see. Pure.

The measured pairs are drawn again and again in random order, as if each draw was a comparison of
its own: as they are (no change), and with the head's values scaled by a planted change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import log1p, sqrt

import numpy as np

from tracker.config.settings import PolicySettings
from tracker.findings.beside import Paired, beside
from tracker.model.calibrations import CalibratedCell, Calibration, Power
from tracker.model.cells import Cell
from tracker.model.commits import Commit
from tracker.model.measurements import Process
from tracker.model.requests import Known
from tracker.statistics.arrays import Floats
from tracker.statistics.decision import FEWEST, Rules, is_changed, is_same, smallest_seen
from tracker.statistics.evidence import weigh
from tracker.statistics.robust import huber_scale

#: planted changes
SIZES = (0.02, 0.03, 0.05, 0.10)
#: draws of a cell without a change, and of each size
_DRAWS = 12
_PLANTED_DRAWS = 4
#: a look after every round is what comparing does; looking less often changes little, and is faster
_LOOKS = (5, 6, 8, 10, 12, 15, 20, 26, 32, 40, 50, 65, 80, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A cell and its pairs, all of one build."""

    cell: Cell
    metric: str
    pairs: tuple[Paired, ...]

    @property
    def is_enough(self) -> bool:
        values = [value for one in self.pairs for value in (one.base, one.head)]
        return len(self.pairs) >= FEWEST and min(values) > 0


@dataclass(slots=True)
class _Tally:
    decisions: int = 0
    alarms: int = 0
    found: dict[float, int] = field(default_factory=lambda: dict.fromkeys(SIZES, 0))
    tried: dict[float, int] = field(default_factory=lambda: dict.fromkeys(SIZES, 0))


def subjects(
    known: Known, commit: Commit, cells: Sequence[Cell], mains: Mapping[str, str]
) -> tuple[Subject, ...]:
    """The cells of a commit whose build was held against itself, by the metric of each."""
    found = []
    for cell in cells:
        for build in known.builds.get((commit.sha, cell.environment), ())[-1:]:
            metric = mains.get(cell.benchmark, "time")
            pairs = tuple(_pairs(known.processes.get((build, cell.key), ()), metric))
            found.append(Subject(cell=cell, metric=metric, pairs=pairs))
    return tuple(found)


def _pairs(processes: Sequence[Process], metric: str) -> Iterator[Paired]:
    """Processes of rounds 2 n and 2 n + 1 of one batch, which ran side by side."""
    by_pair: dict[tuple[int, int], dict[int, Process]] = defaultdict(dict)
    for process in processes:
        by_pair[process.batch, process.round // 2][process.round % 2] = process
    for sides in by_pair.values():
        readings = [
            reading
            for side in (0, 1)
            if side in sides
            for reading in sides[side].readings
            if reading.coordinate.metric == metric
        ]
        if len(readings) == 2:
            yield beside(readings[0], readings[1], sides[0].seconds + sides[1].seconds)


def calibrated(
    subjects: Sequence[Subject],
    policy: PolicySettings,
    *,
    machine_class: str,
    suite_hash: str,
    profile: str,
    at: datetime,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Calibration:
    """Judge a build against itself, and against itself with planted changes.

    Args:
        subjects: the cells with their pairs; those with fewer than five, or with values that have
            no logarithm, are left out.
        policy: as comparisons are judged.
        machine_class, suite_hash, profile, at: what it holds for, and since when.
        progress: told after each cell how many are done, of how many.
    """
    random = np.random.default_rng(policy.seed)
    judged = [subject for subject in subjects if subject.is_enough]
    rules = Rules(
        practical=log1p(policy.practical),
        band=log1p(policy.band),
        sequential=True,
        cells=len(judged),
    )
    tally, cells = _Tally(), []
    for number, subject in enumerate(judged):
        cells.append(_cell(subject, rules, random, tally))
        progress(number + 1, len(judged))
    return Calibration(
        machine_class=machine_class,
        suite_hash=suite_hash,
        profile=profile,
        at=at,
        decisions=tally.decisions,
        alarms=tally.alarms,
        powers=tuple(
            Power(size=size, found=tally.found[size], tried=tally.tried[size]) for size in SIZES
        ),
        cells=tuple(cells),
        # of a pair each process takes about half
        seconds_a_commit=policy.processes * sum(cell.seconds for cell in cells) / 2,
    )


def _cell(
    subject: Subject, rules: Rules, random: np.random.Generator, tally: _Tally
) -> CalibratedCell:
    values = np.log([[one.base, one.head] for one in subject.pairs])
    noise = huber_scale(values[:, 1] - values[:, 0]) / sqrt(2)
    whole = weigh(values[:, 0], values[:, 1], practical=rules.practical, scale=noise or None)
    rounds = []
    for _ in range(_DRAWS):
        step, taken = _decision(_drawn(values, random), rules, noise)
        tally.decisions += 1
        tally.alarms += step != 0
        rounds.append(taken)
    for size in SIZES:
        for _ in range(_PLANTED_DRAWS):
            sign = float(random.choice([-1.0, 1.0]))
            drawn = _drawn(values, random) + np.array([0.0, sign * log1p(size)])
            step, _ = _decision(drawn, rules, noise)
            tally.tried[size] += 1
            tally.found[size] += step == sign
    return CalibratedCell(
        cell=subject.cell.key,
        title=subject.cell.title,
        metric=subject.metric,
        noise=noise,
        mde=float(np.expm1(smallest_seen(whole, rules))),
        rounds=float(np.mean(rounds)),
        seconds=float(np.median([one.seconds for one in subject.pairs])),
    )


def _drawn(values: Floats, random: np.random.Generator) -> Floats:
    """The pairs in random order, the sides of each exchanged or not."""
    order = random.permutation(len(values))
    swapped = random.random(len(values)) < 0.5
    drawn = values[order]
    return np.where(swapped[:, None], drawn[:, ::-1], drawn)


def _decision(values: Floats, rules: Rules, noise: float) -> tuple[float, int]:
    """-1, 0 or 1 for faster, not changed, slower; and the rounds it took."""
    looks = [look for look in _LOOKS if look < len(values)] + [len(values)]
    for look in looks:
        base, head = values[:look].T
        evidence = weigh(base, head, practical=rules.practical, scale=noise or None)
        if is_changed(evidence, rules):
            return float(np.sign(evidence.shift)), look
        if is_same(evidence, rules):
            return 0.0, look
    return 0.0, len(values)
