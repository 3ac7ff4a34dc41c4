"""Laws of how far one process's value lies from its level, and tables of their densities.

All lengths are in a unit u that the data give; the tables are made once for all data.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import erfc, pi, sqrt

import numpy as np

from tracker.statistics.arrays import Floats, Integers

#: entries of a table for one unit
RESOLUTION = 16
#: units that a table reaches to each side
REACH = 80
#: share of values that follow no law at all: spread evenly over the table
_LAWLESS = 0.01
#: standard deviations of the core, in units
SCALES = (0.2, 0.3, 0.45, 0.7, 1.0, 1.5, 2.3)


@dataclass(frozen=True, slots=True)
class Law:
    """The core is normal; a share of the processes is late, or in another mode."""

    weight: float
    #: (share, distance in standard deviations of the core) of further modes
    modes: tuple[tuple[float, float], ...] = ()
    #: share of the processes that come late, and the mean of the exponential that they add
    late: float = 0.0
    delay: float = 0.0


#: weight of a change that changes the scatter: two normal sides with scales so many steps apart
_UNEQUAL, _APART = 0.1, (2, 3)

#: what processes do: nothing odd; now and then late; in one of two modes (layout, placement), in a
#: fast one, in one far away (another speed of the core), in one of three
LAWS = (
    Law(0.32),
    Law(0.09, late=0.12, delay=5.0),
    Law(0.09, late=0.30, delay=3.0),
    *(Law(0.055, modes=((p, c),)) for p in (0.2, 0.45) for c in (3.5, 5.0, 7.0)),
    *(Law(0.025, modes=((p, -6.0),)) for p in (0.15, 0.35)),
    *(Law(0.025, modes=((0.2, c),)) for c in (14.0, 30.0)),
    *(Law(0.025, modes=((0.33, a), (0.33, b))) for a, b in ((4.0, 9.0), (3.0, 6.0))),
)


def _normal(x: Floats, s: float) -> Floats:
    return np.asarray(np.exp(-0.5 * (x / s) ** 2) / (s * sqrt(2 * pi)))


def _late(x: Floats, s: float, mean: float) -> Floats:
    """A normal plus an exponential value (Grushka, Analytical Chemistry 1972)."""
    rate = 1 / mean
    z = (rate * s - x / s) / sqrt(2)
    # far out the product of a huge and a tiny number; the exponential alone is all that is left
    tail = np.array([erfc(value) if value > -6 else 2.0 for value in z])
    with np.errstate(over="ignore", under="ignore"):
        log = rate * (rate * s * s / 2 - x)
        return np.asarray(np.where(tail > 0, rate / 2 * np.exp(np.minimum(log, 700)) * tail, 0.0))


def _density(law: Law, s: float, x: Floats) -> Floats:
    core = 1 - law.late - sum(share for share, _ in law.modes)
    values = core * _normal(x, s)
    for share, distance in law.modes:
        values = values + share * _normal(x - distance * s, s)
    if law.late:
        values = values + law.late * _late(x, s, law.delay * s)
    return (1 - _LAWLESS) * values + _LAWLESS / (2 * REACH)


@dataclass(frozen=True, slots=True)
class Tables:
    """Logarithms of densities: of a value around its level, and of the difference of two."""

    #: (laws x scales, 2 REACH RESOLUTION + 1)
    single: Floats
    #: (ways,) which of them the base follows, and which the head; the same where not said otherwise
    base: Integers
    head: Integers
    #: (ways, 2 REACH RESOLUTION + 1) of the head less the base
    difference: Floats
    #: (ways,) standard deviation of the core, in units; the root of the mean square of both sides
    scales: Floats
    #: (ways,) prior weight
    weights: Floats


@lru_cache(maxsize=1)
def tables() -> Tables:
    """The tables, on the points ``-REACH, ..., REACH`` in steps of ``1 / RESOLUTION``."""
    x = np.arange(-REACH * RESOLUTION, REACH * RESOLUTION + 1) / RESOLUTION
    both = [(law, s) for law in LAWS for s in SCALES]
    single = np.stack([_density(law, s, x) for law, s in both])
    ways = list(_ways())
    base, head = (np.array([way[side] for way in ways]) for side in (0, 1))
    weights = np.array([weight for _, _, weight in ways])
    size = 2 * x.size - 1
    spectrum = np.fft.rfft(single, 2 ** int(np.ceil(np.log2(size))))
    # of b - a with a and b of one law: the correlation of the density with itself
    full = np.fft.irfft(spectrum[head] * np.conj(spectrum[base]))
    half = REACH * RESOLUTION
    difference = np.concatenate((full[:, -half:], full[:, : half + 1]), axis=1) / RESOLUTION
    scales = np.array([s for _, s in both])
    floor = _LAWLESS / (2 * REACH) / 10
    return Tables(
        single=np.log(single),
        base=base,
        head=head,
        difference=np.log(np.maximum(difference, floor)),
        scales=np.sqrt((scales[base] ** 2 + scales[head] ** 2) / 2),
        weights=weights / weights.sum(),
    )


def _ways() -> Iterator[tuple[int, int, float]]:
    """(row of the base, row of the head, weight): alike, or normal with two scales."""
    for row in range(len(LAWS) * len(SCALES)):
        yield row, row, LAWS[row // len(SCALES)].weight
    pairs = [(one, one + apart) for apart in _APART for one in range(len(SCALES) - apart)]
    each = _UNEQUAL * len(SCALES) / (2 * len(pairs))
    for one, other in pairs:
        yield one, other, each
        yield other, one, each
