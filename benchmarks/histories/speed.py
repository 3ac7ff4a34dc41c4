"""Figures on what judging costs."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import numpy as np

from benchmarks.figures.figure import Figure
from benchmarks.histories.judging import judged
from benchmarks.histories.noise import KINDS, factors
from benchmarks.histories.peers import PEERS
from benchmarks.histories.worker import OURS, PROCESSES
from tests.support.series import noise
from tracker.statistics.arrays import Floats

SEED = 90_010
#: milliseconds that a series may cost
COSTS = {100: 0.25, 500: 0.4, 2000: 0.8}
#: series of a mean, of ours and of a peer
TIMED, TIMED_PEER = 200, 40
#: how much quicker than Otava
QUICKER = 10.0
BULK, DISTINCT, COMMITS = 10_000, 100, 1000
BULK_SECONDS, BULK_MB = 30.0, 500.0


def figures() -> Iterator[Figure]:
    """All of them; one judge at a time, but for the last."""
    for commits, target in COSTS.items():
        random = np.random.default_rng([SEED, commits])
        series = [_series(number, commits, random) for number in range(TIMED)]
        costs = {
            judge: 1000 * judged(judge, some).cpu_seconds / len(some)
            for judge in (OURS, *PEERS)
            for some in [series if judge == OURS else series[:TIMED_PEER]]
        }
        ours = costs.pop(OURS)
        yield Figure(
            name=f"CPU time of {commits:,} commits",
            value=ours,
            unit="ms",
            target=target,
            parts=costs,
        )
        yield Figure(
            name=f"Otava's CPU time of {commits:,} commits, in ours",
            value=min(costs["Otava"], costs["Otava tuned"]) / ours,
            unit="×",
            target=QUICKER,
            at_least=True,
        )
    random = np.random.default_rng(SEED)
    yield from _bulk(OURS, [_series(number, COMMITS, random) for number in range(DISTINCT)])
    five = [np.exp(noise("lognormal", COMMITS, 5, 0.02, random)) for _ in range(DISTINCT)]
    for number, values in enumerate(five):
        values[COMMITS // 2 :] *= 1 + 0.05 * (number % 2)
    yield from _bulk(PROCESSES, five)


def _series(number: int, commits: int, random: np.random.Generator) -> Floats:
    """Up to three changes of 10 %."""
    values, _ = factors(KINDS[number % len(KINDS)], commits, 0.02, random)
    for at in random.integers(10, commits - 9, number % 4):
        values[at:] *= 1.1
    return values


def _bulk(judge: str, series: list[Floats]) -> Iterator[Figure]:
    """The same few again and again: nothing is remembered of them."""
    half = series * (BULK // len(series) // 2)
    started = perf_counter()
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(judged, (judge, judge), (half, half)))
    seconds = perf_counter() - started
    name = f"{BULK:,} series of {COMMITS:,} commits"
    name += ", five processes" if judge == PROCESSES else ""
    yield Figure(
        name=f"{name}: two processes at work",
        value=seconds,
        unit="s",
        target=BULK_SECONDS,
        parts={"CPU seconds": sum(one.cpu_seconds for one in both)},
    )
    yield Figure(
        name=f"{name}: peak memory of both",
        value=sum(one.peak_bytes for one in both) / 1e6,
        unit="MB",
        target=BULK_MB,
    )
