"""Simulated pairs: two sides, interleaved round by round, under all known kinds of noise."""

from __future__ import annotations

from collections.abc import Callable
from math import log

import numpy as np

from tracker.statistics.arrays import Floats

#: standard deviation between processes, and of one sample within a process
BETWEEN = WITHIN = 0.01

Random = np.random.Generator


def simulate(
    kind: str, rounds: int, samples: int, shift: float, random: Random, *, sd: float = BETWEEN
) -> Floats:
    """Logarithms of samples, (2, rounds, samples): base and head, which is ``shift`` larger.

    The two processes of a round run one after the other, the base first in even rounds.
    """
    processes = NOISES[kind](rounds, sd, random)
    if kind == "turns":  # both see the same machine in each turn
        noise = 0.3 * random.standard_normal((1, rounds, samples)) + sd * random.standard_normal(
            (2, rounds, samples)
        )
    else:
        noise = WITHIN / BETWEEN * sd * random.standard_normal((2, rounds, samples))
    values = processes[:, :, None] + noise
    values[1] += shift
    if kind == "rounded":
        values = np.round(values / sd) * sd
    return np.asarray(values)


def _core(rounds: int, sd: float, random: Random) -> Floats:
    return sd * random.standard_normal((2, rounds))


def _in_time(steps: Floats) -> Floats:
    """(2 rounds,) in the order of time -> (2, rounds) by side."""
    pairs = steps.reshape(-1, 2)
    pairs[1::2] = pairs[1::2, ::-1]
    return np.asarray(pairs.T)


def _right_tail(rounds: int, sd: float, random: Random) -> Floats:
    late = (random.random((2, rounds)) < 0.15) * random.exponential(5 * sd, (2, rounds))
    return np.asarray(_core(rounds, sd, random) + late)


def _modes(share: float, *distances: float) -> Callable[[int, float, Random], Floats]:
    def noise(rounds: int, sd: float, random: Random) -> Floats:
        drawn = random.random((2, rounds))
        which = np.minimum((drawn / share).astype(int), len(distances))
        return np.asarray(_core(rounds, sd, random) + np.array([*distances, 0.0])[which] * sd)

    return noise


def _slow_mode(rounds: int, sd: float, random: Random) -> Floats:
    share, distance = random.uniform(0.15, 0.5), random.uniform(4, 8)
    return _modes(share, distance)(rounds, sd, random)


def _drift(rounds: int, sd: float, random: Random) -> Floats:
    """A slope of up to 4 sd over the session, one step of 2 sd, and a slow walk."""
    time = np.linspace(0, 1, 2 * rounds)
    path = random.uniform(-4, 4) * time + random.choice([-2, 2]) * (time > random.random())
    path += np.cumsum(random.standard_normal(2 * rounds)) / np.sqrt(2 * rounds)
    return _core(rounds, sd, random) + _in_time(sd * path)


def _autocorrelated(rounds: int, sd: float, random: Random) -> Floats:
    walk = np.zeros(2 * rounds)
    for at in range(1, 2 * rounds):
        walk[at] = 0.8 * walk[at - 1] + 0.6 * random.standard_normal()
    return 0.3 * _core(rounds, sd, random) + _in_time(sd * walk)


def _two_speeds(rounds: int, sd: float, random: Random) -> Floats:
    """1.6 times slower for stretches of 3 to 120 processes, on average."""
    stretch, slow, left = random.uniform(3, 120), random.random() < 0.5, 0.0
    path = np.zeros(2 * rounds)
    for at in range(2 * rounds):
        if left <= 0:
            slow, left = not slow, random.exponential(stretch)
        path[at], left = slow * log(1.6), left - 1
    return _core(rounds, sd, random) + _in_time(path)


def _heavy(rounds: int, sd: float, random: Random) -> Floats:
    return sd * random.standard_t(2, (2, rounds))


def _unequal(rounds: int, sd: float, random: Random) -> Floats:
    return np.asarray(_core(rounds, sd, random) * np.array([[1.0], [2.5]]))


NOISES: dict[str, Callable[[int, float, Random], Floats]] = {
    "lognormal": _core,
    "right tail": _right_tail,
    "slow mode": _slow_mode,
    "drift": _drift,
    "two speeds": _two_speeds,
    "autocorrelated": _autocorrelated,
    "fast mode": _modes(0.3, -6.0),
    "three modes": _modes(0.33, 4.0, 9.0),
    "far mode": _modes(0.2, 30.0),
    "t, 2 freedom": _heavy,
    "rounded": _core,
    "unequal": _unequal,
    "turns": _core,
}


def process_values(values: Floats) -> Floats:
    """(2, rounds) from (2, rounds, samples): as the tracker takes them, turn by turn."""
    base = np.median(values[0], axis=1)
    return np.stack([base, base + np.median(values[1] - values[0], axis=1)])


def medians(values: Floats) -> Floats:
    """(2, rounds) from (2, rounds, samples): the median of each process, as all others do."""
    return np.asarray(np.median(values, axis=2))
