"""Bisections of simulated lines: is the commit named that changed, and how many are built for it?

Lines of 60, 300 and 1,000 commits, a step of 5 % at noise of 2 %, one of twenty commits broken; and
lines without a step. Answers are pairs of processes, with counts left out. Two processes work at
once; takes some twenty minutes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from math import log2
from pathlib import Path

import numpy as np

from benchmarks.figures.figure import Figure
from tests.support.lines import World, stepped

SIZES = (60, 300, 1000)
KINDS = ("lognormal", "slow mode", "two speeds")
#: lines of each size and kind, with a step and without
TRIED, PLAIN = 40, 40
STEP, BROKEN = 0.05, 0.05
#: builds beside the ends, of log2 of the commits
BUILDS = 1.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How one search ended."""

    size: int
    kind: str
    #: the commit, or the range around it that cannot be asked; without a step: that there is none
    right: bool
    #: commits that were built, beside the ends
    builds: int
    #: pairs of processes
    pairs: int


def measure(_directory: Path) -> list[Figure]:
    """Right answers and builds, by size and kind."""
    cases = [
        (size, kind, number, has_step)
        for size in SIZES
        for kind in KINDS
        for has_step, times in ((True, TRIED), (False, PLAIN if size == SIZES[0] else 0))
        for number in range(times)
    ]
    with ProcessPoolExecutor(2) as pool:
        results = list(zip(cases, pool.map(_searched, cases, chunksize=4), strict=True))
    changed = [result for case, result in results if case[3]]
    plain = [result for case, result in results if not case[3]]
    return [*_named(changed), _built(changed), _none(plain)]


def _searched(case: tuple[int, str, int, bool]) -> Result:
    size, kind, _, has_step = case
    seed = zlib.crc32(repr(case).encode())
    random = np.random.default_rng(seed)
    place = int(random.integers(size))
    # the other end has to build
    broken = {int(at) + 1 for at in np.flatnonzero(random.random(size - 1) < BROKEN)}
    levels = stepped(size, {place: STEP} if has_step else {})
    world = World(levels=levels, noise=kind, seed=seed, broken=frozenset(broken))
    located = world.search().located
    right = located is None
    if has_step:
        right = located is not None and located.first <= place <= located.last
        if right and located is not None and located.first < located.last:
            # a range is right where nothing in it but its end can be asked
            right = all(at + 1 in broken for at in range(located.first, located.last))
    return Result(
        size=size, kind=kind, right=right, builds=max(len(world.built) - 2, 0), pairs=world.pairs
    )


def _named(results: list[Result]) -> Iterator[Figure]:
    for size in SIZES:
        of_size = [one for one in results if one.size == size]
        yield Figure(
            name=f"bisect of {size:,} commits: right",
            value=sum(one.right for one in of_size) / len(of_size),
            unit="",
            target=0.99,
            at_least=True,
            parts={"lines": len(of_size)}
            | {
                kind: float(np.mean([one.right for one in of_size if one.kind == kind]))
                for kind in KINDS
            }
            | {"pairs": float(np.mean([one.pairs for one in of_size]))},
        )


def _built(results: list[Result]) -> Figure:
    shares = {
        size: float(np.mean([one.builds for one in results if one.size == size])) / log2(size)
        for size in SIZES
    }
    return Figure(
        name="bisect: builds beside the ends / log2(commits)",
        value=max(shares.values()),
        unit="×",
        target=BUILDS,
        parts={f"{size:,} commits": share for size, share in shares.items()},
    )


def _none(results: list[Result]) -> Figure:
    return Figure(
        name='bisect: "none" where nothing changed',
        value=sum(one.right for one in results) / len(results),
        unit="",
        target=0.99,
        at_least=True,
        parts={"lines": len(results)},
    )
