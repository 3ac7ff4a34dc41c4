"""Noise of series of one value a commit: factors around 1."""

from __future__ import annotations

from math import sqrt

import numpy as np
from scipy.signal import lfilter

from tracker.statistics.arrays import Floats

KINDS = (
    *("lognormal", "right tail", "spikes", "autocorrelated"),
    *("two modes", "changing variance", "mixed", "quantized"),
)
#: kinds that nothing was ever adjusted to
OTHERS = ("slow part", "clumps", "heavy tails", "blocks")


def factors(
    kind: str, commits: int, sd: float, random: np.random.Generator
) -> tuple[Floats, float]:
    """(commits,) factors with a core of ``sd``, and the sd that a long level's mean behaves like.

    ``quantized`` is ``lognormal`` here: only the values can be rounded.
    """
    core = random.normal(0, 1, commits)
    worth = 1.0
    match kind:
        case "lognormal" | "quantized":
            logs = core
        case "right tail":
            late = random.random(commits) < 0.15
            logs = np.where(late, random.exponential(2, commits), 0.6 * core)
        case "spikes":
            logs = core + _spikes(commits, random.uniform(0.01, 0.04), random) / sd
        case "autocorrelated":
            phi = random.uniform(0.1, 0.6)
            logs, worth = autoregression(core, phi), _long(phi)
        case "two modes":
            gap = random.uniform(2, 5)
            turns = random.random(commits) < 1 / random.uniform(1.5, 4)
            logs = core / 2 + gap * (np.cumsum(turns) % 2 - 0.5)
            worth = sqrt(1 + gap**2 / 2)
        case "changing variance":
            waves = random.uniform(0.5, 3) * np.arange(commits) / commits + random.random()
            width = 1 + random.uniform(0.5, 2) * (1 + np.sin(2 * np.pi * waves)) / 2
            logs, worth = width * core, sqrt(float(np.mean(width**2)))
        case "mixed":
            phi = random.uniform(0, 0.4)
            late = random.random(commits) < 0.1
            logs = autoregression(core, phi) + late * random.exponential(2, commits)
            logs += _spikes(commits, 0.015, random) / sd
            worth = _long(phi)
        case _:
            logs, worth = _other(kind, core, random)
    return np.exp(sd * logs), float(worth)


def _other(kind: str, core: Floats, random: np.random.Generator) -> tuple[Floats, float]:
    match kind:
        case "slow part":
            # half of the variance fades by 0.85 a commit
            slow = autoregression(random.normal(0, 1, len(core)), 0.85)
            logs, worth = (slow + core) / sqrt(2), _long(0.85) / sqrt(2)
        case "clumps":
            logs, worth = core + _clumps(len(core), random), 1.0
        case "heavy tails":
            logs, worth = random.standard_t(3, len(core)), sqrt(3)
        case "blocks":
            shared = np.repeat(random.normal(0, 1, -(-len(core) // 5)), 5)[: len(core)]
            logs, worth = (core + shared) / sqrt(2), sqrt(3)
        case _:
            raise ValueError(kind)
    return logs, worth


def autoregression(innovations: Floats, phi: float) -> Floats:
    """AR(1) of variance 1 from independent normal values."""
    scaled = innovations * sqrt(1 - phi**2)
    scaled[0] = innovations[0]
    return np.asarray(lfilter([1.0], [1.0, -phi], scaled), dtype=np.float64)


def _long(phi: float) -> float:
    """Standard deviation of a long mean of AR(1), in that of independent values."""
    return sqrt((1 + phi) / (1 - phi))


def _spikes(commits: int, share: float, random: np.random.Generator) -> Floats:
    """Logarithms of what single commits are slower by: 1.5 to 5 times."""
    hit = random.random(commits) < share
    return np.asarray(hit * np.log(random.uniform(1.5, 5, commits)), dtype=np.float64)


def _clumps(commits: int, random: np.random.Generator) -> Floats:
    """Two to six commits in a row that are slower, by 4 to 8 sd."""
    added = np.zeros(commits)
    for start in np.flatnonzero(random.random(commits) < 0.012):
        added[start : start + int(random.integers(2, 7))] += random.uniform(4, 8)
    return added
