"""Laws of how far one process's value lies from its level, and tables of their densities.

All lengths are in a unit u that the data give; the tables are made once for all data.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import erfc, pi, sqrt

import numpy as np

from tracker.statistics.arrays import Floats

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
    difference: Floats
    #: (laws x scales,) standard deviation of the core, in units
    scales: Floats
    #: (laws x scales,) weight of the law
    weights: Floats


@lru_cache(maxsize=1)
def tables() -> Tables:
    """The tables, on the points ``-REACH, ..., REACH`` in steps of ``1 / RESOLUTION``."""
    x = np.arange(-REACH * RESOLUTION, REACH * RESOLUTION + 1) / RESOLUTION
    both = [(law, s) for law in LAWS for s in SCALES]
    single = np.stack([_density(law, s, x) for law, s in both])
    size = 2 * x.size - 1
    spectrum = np.fft.rfft(single, 2 ** int(np.ceil(np.log2(size))))
    # of b - a with a and b of one law: the correlation of the density with itself
    full = np.fft.irfft(spectrum * np.conj(spectrum))
    half = REACH * RESOLUTION
    difference = np.concatenate((full[:, -half:], full[:, : half + 1]), axis=1) / RESOLUTION
    floor = _LAWLESS / (2 * REACH) / 10
    return Tables(
        single=np.log(single),
        difference=np.log(np.maximum(difference, floor)),
        scales=np.array([s for _, s in both]),
        weights=np.array([law.weight for law, _ in both]) / sum(law.weight for law in LAWS),
    )
