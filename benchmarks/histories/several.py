"""Figures on histories of five processes a commit: simulated, and measured on a machine."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np

from benchmarks.figures.figure import Figure
from benchmarks.histories import corpora
from benchmarks.histories.corpora import Series
from benchmarks.histories.judging import found, while_growing
from benchmarks.histories.power import Case
from benchmarks.histories.record import RECORDED
from benchmarks.histories.scoring import alarmed, counted, difference, f1, mean_delays
from benchmarks.histories.single import FEW, SEEDS
from benchmarks.histories.worker import MEDIANS, PROCESSES
from tests.support.series import NOISES, noise

#: of each seed and kind of noise
PLAIN, CHANGED = 30, 20
#: of each seed
DELAYS = 20
#: of each seed and kind: A/A histories of 120 commits at 1 % noise, and steps of each size
QUIET, STEPPED = 60, 20
JUDGES = (PROCESSES, MEDIANS, *FEW[1:], "Otava")
#: places of each planted change in each measured history
PLACES = 10


def figures() -> Iterator[Figure]:
    """All of them."""
    yield from _against_medians()
    yield from _delays()
    yield from _promised()
    yield from _recorded()


def _against_medians() -> Iterator[Figure]:
    plain = [one for seed in SEEDS for one in corpora.processes("A/A", PLAIN, seed)]
    changed = [one for seed in SEEDS for one in corpora.processes("shifts", CHANGED, seed)]
    every = plain + changed
    said = found(JUDGES, every)
    counts = {judge: counted(every, said[judge]) for judge in JUDGES}
    scores = {judge: f1(counts[judge]) for judge in JUDGES}
    ours = scores.pop(PROCESSES)
    low, high = difference(counts[PROCESSES], counts[MEDIANS])
    yield Figure(
        name="five processes: F1",
        value=ours,
        unit="",
        target=max(scores.values()),
        at_least=True,
        parts=scores,
    )
    yield Figure(
        name="five processes: F1 less that of the medians: lower end of 95 %",
        value=low,
        unit="",
        target=0.0,
        at_least=True,
        parts={"difference": ours - scores[MEDIANS], "upper end": high},
    )
    shares = {judge: alarmed(said[judge][: len(plain)]) for judge in JUDGES}
    yield Figure(
        name="five processes: A/A series with any alarm",
        value=shares.pop(PROCESSES),
        unit="",
        target=shares[MEDIANS],
        parts=shares,
    )


def _delays() -> Iterator[Figure]:
    """Steps of one sd of a process, of a history that is otherwise lognormal."""
    steps = []
    for number in range(len(SEEDS) * DELAYS):
        random = np.random.default_rng([SEEDS[0], number])
        at = int(random.integers(40, 101))
        logs = noise("lognormal", at + corpora.AFTER, 5, 0.02, random)
        logs[at:] += 0.02 * random.choice([1, 2, 4])
        steps.append(Series(kind="lognormal", group="delay", values=np.exp(logs), changes=(at,)))
    judges = (PROCESSES, *FEW[1:], MEDIANS)
    said = while_growing(judges, steps, [one.changes[0] + 1 for one in steps])
    means = mean_delays(steps, said, missed=corpora.AFTER)
    yield Figure(
        name="five processes: commits until a step of 1, 2, 4 sd is named",
        value=means.pop(PROCESSES),
        unit="commits",
        target=means[MEDIANS],
        parts=means,
    )


def _promised() -> Iterator[Figure]:
    random = np.random.default_rng(SEEDS[1])
    cases = [Case(kind=kind, commits=120, processes=5, random=random) for kind in NOISES]
    alarms = {case.kind: case.alarms(len(SEEDS) * QUIET) for case in cases}
    yield Figure(
        name="A/A of 120 commits, 1 % noise: series with a suspect",
        value=float(np.mean(list(alarms.values()))),
        unit="",
        target=0.02,
        parts=alarms,
    )
    for by, target in ((0.05, 0.99), (0.03, 0.97), (0.02, 0.90)):
        shares = {
            case.kind: float(
                np.mean(
                    [
                        case.power(int(random.integers(10, 111)), by, 1)
                        for _ in range(len(SEEDS) * STEPPED)
                    ]
                )
            )
            for case in cases
        }
        yield Figure(
            name=f"a step of {by:.0%} in 120 commits, 1 % noise: found within two commits",
            value=shares["lognormal"],
            unit="",
            target=target,
            at_least=True,
            parts=shares,
        )


def _recorded() -> Iterator[Figure]:
    """Changes planted in what this machine measured of a program that did not change."""
    measured = {
        name: np.array(values)
        for name, values in json.loads(RECORDED.read_text())["values"].items()
    }
    plain = [Series(kind=name, group="A/A", values=values) for name, values in measured.items()]
    said = found(JUDGES, plain)
    shares = {judge: alarmed(said[judge]) for judge in JUDGES}
    yield Figure(
        name=f"measured, A/A: of {len(plain)} series with any alarm",
        value=shares.pop(PROCESSES),
        unit="",
        target=min(shares[judge] for judge in FEW[1:]),
        parts=shares,
    )
    random = np.random.default_rng(SEEDS[2])
    for by in (0.05, 0.10, 0.20, 0.40):  # processes of a virtual machine differ by a fifth
        series = [
            corpora.planted(name, values, by, int(at))
            for name, values in measured.items()
            for at in random.integers(10, len(values) - 9, PLACES)
        ]
        said = found(JUDGES, series)
        # Changes in one history are not independent: histories are drawn, each with its changes.
        counts = {
            judge: counted(series, said[judge]).reshape(len(measured), PLACES, 3).sum(axis=1)
            for judge in JUDGES
        }
        scores = {judge: f1(of_judge) for judge, of_judge in counts.items()}
        ours = scores.pop(PROCESSES)
        best = max(FEW[1:], key=scores.__getitem__)
        low, high = difference(counts[PROCESSES], counts[best])
        yield Figure(
            name=f"measured, {by:.0%} planted: F1",
            value=ours,
            unit="",
            target=scores[best],
            at_least=True,
            parts=scores | {"ahead, from": low, "ahead, to": high},
        )
