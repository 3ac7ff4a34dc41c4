"""Series with planted changes, and without any."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from benchmarks.histories.noise import KINDS, factors
from tests.support.series import NOISES, noise
from tracker.statistics.arrays import Floats

#: a change is asked for from so many standard errors of the difference of its two levels on
DETECTABLE = 4.0
LENGTHS = (50, 75, 100, 150, 200, 300, 500, 1000)
SHARES = (0.15, 0.12, 0.20, 0.14, 0.14, 0.10, 0.11, 0.04)
SCALES = (0.005, 0.01, 0.03, 0.10)
SIZES = (0.01, 0.02, 0.05, 0.10, 0.20)
#: commits between two changes, at least
APART = 10
#: commits after the step of a delay series
AFTER = 30
#: commits of a series that grows while nothing changes, and of its beginning
GROWN, QUIET = 110, 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Values in the order of commits: (commits,) or (commits, processes)."""

    kind: str
    group: str
    values: Floats
    #: first commits of new levels
    changes: tuple[int, ...] = ()
    #: changes too small to be asked for: found or not, they do not count
    faint: tuple[int, ...] = ()


def plain(kinds: Sequence[str], each: int, seed: int) -> list[Series]:
    """Series in which nothing changes."""
    return [_planted(kind, "A/A", number, seed) for kind in kinds for number in range(each)]


def changed(kinds: Sequence[str], each: int, seed: int) -> list[Series]:
    """Series with one to five changes."""
    return [_planted(kind, "shifts", number, seed) for kind in kinds for number in range(each)]


def recent(kinds: Sequence[str], each: int, seed: int) -> list[Series]:
    """Series that change three to ten commits before their end."""
    return [_planted(kind, "recent", number, seed) for kind in kinds for number in range(each)]


def delays(each: int, seed: int) -> list[Series]:
    """A step of 2, 4 or 8 sd after a quiet time, and what follows."""
    kinds = [kind for kind in KINDS if kind not in {"two modes", "quantized"}]
    series = []
    for size in (2, 4, 8):
        for number in range(each):
            random = _random(seed, "delay", size, number)
            kind, sd = kinds[number % len(kinds)], float(random.choice(SCALES[:3]))
            at = int(random.integers(40, 101))
            values, _ = factors(kind, at + AFTER, sd, random)
            values[at:] *= np.exp(size * sd)
            series.append(Series(kind=kind, group=f"{size} sd", values=values, changes=(at,)))
    return series


def grown(each: int, seed: int) -> list[Series]:
    """A/A series that are judged after every new commit."""
    kinds = [kind for kind in KINDS if kind != "quantized"]
    series = []
    for number in range(each):
        random = _random(seed, "grown", number)
        kind = kinds[number % len(kinds)]
        values, _ = factors(kind, GROWN, float(random.choice(SCALES)), random)
        series.append(Series(kind=kind, group="A/A", values=values))
    return series


def bumps(length: int, height: float, each: int, seed: int) -> list[Series]:
    """200 quiet commits, of which ``length`` in a row are ``height`` sd higher."""
    series = []
    for number in range(each):
        random = _random(seed, "bump", length, number)
        at = int(random.integers(50, 150 - length))
        values = random.normal(0, 0.01, 200)
        values[at : at + length] += height * 0.01
        edges = (at, at + length)
        series.append(Series(kind="lognormal", group="bump", values=np.exp(values), changes=edges))
    return series


def processes(group: str, each: int, seed: int, *, count: int = 5) -> list[Series]:
    """Several processes a commit, with the noise of the tests of detection."""
    series = []
    for kind in NOISES:
        for number in range(each):
            random = _random(seed, "processes", group, kind, number)
            commits = int(random.choice([50, 100, 200]))
            sd = float(random.choice(SCALES))
            logs = noise(kind, commits, count, sd, random)
            places, sizes = _changes(group, commits, random)
            logs += _levels(commits, places, sizes)[:, None]
            # asked for of all judges alike: what the mean of the processes could show
            wanted, faint = _asked(places, sizes, commits, sd / sqrt(count))
            series.append(
                Series(kind=kind, group=group, values=np.exp(logs), changes=wanted, faint=faint)
            )
    return series


def planted(kind: str, values: Floats, by: float, at: int) -> Series:
    """A change planted in values that were measured."""
    moved = values.copy()
    moved[at:] *= 1 + by
    return Series(kind=kind, group=f"{by:.0%}", values=moved, changes=(at,))


def _planted(kind: str, group: str, number: int, seed: int) -> Series:
    random = _random(seed, kind, group, number)
    commits = int(random.choice(LENGTHS, p=SHARES))
    sd = float(random.choice(SCALES))
    values, worth = factors(kind, commits, sd, random)
    places, sizes = _changes(group, commits, random)
    scale = 10 ** random.uniform(-6, 3)
    values *= scale * np.exp(_levels(commits, places, sizes))
    if kind == "quantized":
        grain = scale * sd * random.choice([0.5, 1.0, 3.0])
        values = np.round(values / grain) * grain
    wanted, faint = _asked(places, sizes, commits, sd * worth)
    return Series(kind=kind, group=group, values=values, changes=wanted, faint=faint)


def _changes(
    group: str, commits: int, random: np.random.Generator
) -> tuple[list[int], list[float]]:
    """Places, and sizes as logarithms; seven of ten are slower."""
    match group:
        case "A/A":
            places = []
        case "recent":
            places = [commits - int(random.integers(3, 11))]
        case _:
            many = int(random.integers(1, min(5, commits // 25) + 1))
            # as if each change but the first took its distance to the one before with it
            room = commits - 2 * APART - (many - 1) * APART + 1
            places = (
                np.sort(random.integers(0, room, many)) + APART * (1 + np.arange(many))
            ).tolist()
    signs = [1 if random.random() < 0.7 else -1 for _ in places]
    return places, [sign * float(np.log1p(random.choice(SIZES))) for sign in signs]


def _levels(commits: int, places: list[int], sizes: list[float]) -> Floats:
    steps = np.zeros(commits)
    steps[places] = sizes
    return np.cumsum(steps)


def _asked(
    places: list[int], sizes: list[float], commits: int, sd: float
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Changes that are asked for, and faint ones."""
    edges = [0, *places, commits]
    wanted: list[int] = []
    faint: list[int] = []
    for number, (at, size) in enumerate(zip(places, sizes, strict=True)):
        before, after = at - edges[number], edges[number + 2] - at
        errors = abs(size) / (sd * sqrt(1 / before + 1 / after))
        (wanted if errors >= DETECTABLE else faint).append(at)
    return tuple(wanted), tuple(faint)


def _random(seed: int, *names: object) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(repr(names).encode())])
