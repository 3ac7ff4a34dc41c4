"""How strongly pairs of processes speak for a change: a likelihood that knows tails and modes.

The values of the processes of two sides, base and head, come in pairs (rounds), one after the
other on the same machine. For each shift d of the head the likelihood of all values is averaged
over what is not known: the law of the noise (``mixture.LAWS``), its scale, of both sides or of
each, and how the level of the machine goes from round to round: constant, wandering, or jumping.
The ratio of the average over shifts worth speaking of to that of no shift is the Bayes factor
(Kass and Raftery, JASA 1995, section 3); the normalized likelihood gives estimate and interval.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from math import atan, inf, log, pi

import numpy as np

from tracker.statistics.arrays import Floats, Integers
from tracker.statistics.mixture import REACH, RESOLUTION, tables

#: points of the grid of shifts and levels for one unit
_STEP = 4
#: units that levels, and shifts, reach to each side
_LEVELS = 30
_SHIFTS = 15
#: 30 % quantile of the absolute difference of two standard normal values
_QUANTILE = 0.3
_NORMAL = 0.545
#: no unit is smaller, so that values which repeat exactly are not believed exactly (log ratio)
FINEST = 1e-4
#: values that differ by less are the same number, computed twice
_SAME = 1e-9
#: weight of a level that stays, that wanders so many units from round to round, and that jumps
_CONSTANT = 0.6
_WANDERS = ((0.1, 0.3), (0.1, 0.8), (0.1, 2.0))
_JUMPS = 0.1
_JUMP = 0.2
#: standard deviation of the logarithm of the scale around what history says, and without history
_KNOWN = 0.7
_UNKNOWN = 1.5


@dataclass(frozen=True, slots=True)
class Evidence:
    """What pairs of rounds say about the shift from base to head."""

    #: logarithm of the Bayes factor of "changed" against "not changed"
    log_factor: float
    #: median of the shift, and the interval that holds it with 95 %
    shift: float
    low: float
    high: float
    #: standard deviation of the shift, from the middle of its distribution
    error: float
    #: pairs
    rounds: int
    #: the grid of shifts, and the probability of each
    grid: Floats = field(repr=False)
    mass: Floats = field(repr=False)

    def outside(self, band: float) -> float:
        """Probability that the shift is not within ``-band`` to ``band``."""
        return min(1.0, float(self.mass[np.abs(self.grid) > band].sum()))


def weigh(base: Floats, head: Floats, *, practical: float, scale: float | None = None) -> Evidence:
    """Weigh pairs of process values.

    Args:
        base: (rounds,) logarithms of the values of one side.
        head: (rounds,) of the other; the two of a round are a pair.
        practical: log ratio below which a change is not worth speaking of. Shifts from there on
            are as likely as ``1 / (1 + (d / 5 practical)^2)``: small ones are common, and no
            size is out of the question.
        scale: standard deviation of a process as its own history knows it, log units; None
            where there is no history. Wrong by a factor of two it does little.

    Raises:
        ValueError: no pair, or values that are not finite.
    """
    rounds = base.size
    if not rounds or head.size != rounds:
        raise ValueError("pairs need as many values on both sides, and some")
    if not (np.isfinite(base).all() and np.isfinite(head).all()):
        raise ValueError("process values must be finite")
    unit = _unit(base, head)
    middle = float(np.median(np.concatenate((base, head))))
    a, b = (base - middle) / unit, (head - middle) / unit
    prior = _prior(scale / unit if scale else None)
    log_likelihood = np.logaddexp(_constant(a, b) + log(_CONSTANT), _moving(a, b))  # (ways, shifts)
    total = _log_sum(log_likelihood + prior[:, None])
    shifts = _grid(_SHIFTS) * unit
    return _summed(total, shifts, rounds=rounds, practical=practical)


def _unit(base: Floats, head: Floats) -> float:
    """A typical difference between the processes of a pair, over the square root of two.

    From the pairs alone: what the machine does from round to round may be a hundred times larger.
    """
    pairs = head - base
    first, second = np.triu_indices(pairs.size, k=1)
    apart = np.concatenate((pairs, (pairs[first] - pairs[second]) / np.sqrt(2)))
    core = float(np.quantile(np.abs(apart), _QUANTILE)) / _NORMAL
    # a shift beyond the grid could not be told from one to the other side
    reach = abs(float(np.median(pairs))) / (_SHIFTS * 0.8)
    return max(core, reach, _grain(np.concatenate((base, head))) / 2, FINEST)


def _grain(values: Floats) -> float:
    """The smallest step between values that differ: that of the clock, where it is coarse."""
    steps = np.diff(np.sort(values))
    return float(min(steps[steps > _SAME], default=0.0))


def _prior(scale: float | None) -> Floats:
    """(ways,) logarithms of the weights; ``scale`` in units."""
    table = tables()
    spread, centre = (_KNOWN, scale) if scale else (_UNKNOWN, 1.0)
    away = (np.log(table.scales) - log(min(max(centre, 0.05), 20.0))) / spread
    likely = table.weights * np.exp(-0.5 * away**2)
    return np.asarray(np.log(likely / likely.sum()))


def _constant(a: Floats, b: Floats) -> Floats:
    """(ways, shifts) with a level that stays the same, integrated out."""
    levels = _grid(_LEVELS)
    wide = _grid(_LEVELS + _SHIFTS)
    of_base = _single(a, levels)[tables().base]
    of_head = _single(b, wide)[tables().head]
    top_base, top_head = of_base.max(axis=1, keepdims=True), of_head.max(axis=1, keepdims=True)
    p, q = np.exp(of_base - top_base), np.exp(of_head - top_head)
    # sum over levels m of p(m) q(m + d): a correlation
    size = 2 ** int(np.ceil(np.log2(p.shape[1] + q.shape[1])))
    product = np.fft.irfft(np.conj(np.fft.rfft(p, size)) * np.fft.rfft(q, size), size)
    sums = np.maximum(product[:, : 2 * _SHIFTS * _STEP + 1], 1e-280)
    return np.asarray(np.log(sums / levels.size) + top_base + top_head)


def _single(values: Floats, grid: Floats) -> Floats:
    """(laws x scales, grid): log density of all values around each level."""
    return np.asarray(tables().single[:, _places(values, grid)].sum(axis=1))


def _places(values: Floats, grid: Floats) -> Integers:
    """(values, grid): where the density of value minus grid stands in the tables."""
    away = np.rint((values[:, None] - grid[None, :]) * RESOLUTION).astype(np.int64)
    return np.clip(away, -REACH * RESOLUTION, REACH * RESOLUTION) + REACH * RESOLUTION


def _moving(a: Floats, b: Floats) -> Floats:
    """(ways, shifts) with a level that wanders or jumps from round to round."""
    table = tables()
    shifts = _grid(_SHIFTS)
    of_pairs = table.difference[:, _places(b - a, shifts)].sum(axis=1)
    means = (a + b) / 2
    ways = [log(weight) + _wandering(means, table.scales, step) for weight, step in _WANDERS]
    ways.append(log(_JUMPS) + _jumping(means, table.scales))
    return np.asarray(_log_sum(np.stack(ways))[:, None] + of_pairs)


def _wandering(means: Floats, scales: Floats, step: float) -> Floats:
    """(ways,) log density of the means of pairs around a random walk (Kalman's filter)."""
    noise = scales**2 / 2
    level, variance = np.full_like(scales, means[0]), noise.copy()
    total = np.full_like(scales, -log(2 * _LEVELS))
    for mean in means[1:]:
        variance = variance + step**2
        spread = variance + noise
        total += -0.5 * ((mean - level) ** 2 / spread + np.log(2 * pi * spread))
        gain = variance / spread
        level = level + gain * (mean - level)
        variance = (1 - gain) * variance
    return total


def _jumping(means: Floats, scales: Floats) -> Floats:
    """(ways,) log density of the steps between the means of pairs, some of them jumps."""
    steps = np.diff(means)[:, None]
    normal = np.exp(-0.5 * (steps / scales) ** 2) / (scales * np.sqrt(2 * pi))
    density = (1 - _JUMP) * normal + _JUMP / (2 * REACH)
    return np.asarray(np.log(density).sum(axis=0) - log(2 * _LEVELS))


def _summed(total: Floats, shifts: Floats, *, rounds: int, practical: float) -> Evidence:
    """From the likelihood of each shift to what people ask."""
    mass = np.exp(total - total.max())
    mass /= mass.sum()
    step = shifts[1] - shifts[0]
    centre = total.size // 2
    worth = np.abs(shifts) >= practical
    log_factor = -inf
    if worth.any():
        width = 5 * practical
        prior = -np.log1p((shifts[worth] / width) ** 2)
        # normalized over all shifts from practical on, on the grid or not
        whole = log(2 * width * (pi / 2 - atan(practical / width)) / step)
        log_factor = float(_log_sum(total[worth] + prior) - whole - total[centre])
    ends = np.cumsum(mass)
    low, high, lower, upper, middle = (
        _quantile(shifts, ends, share) for share in (0.025, 0.975, 0.1587, 0.8413, 0.5)
    )
    return Evidence(
        log_factor=log_factor,
        shift=middle,
        low=low,
        high=high,
        error=(upper - lower) / 2,
        rounds=rounds,
        grid=shifts,
        mass=mass,
    )


def _quantile(shifts: Floats, ends: Floats, share: float) -> float:
    """Where the distribution passes a share; each point's mass is spread around it."""
    step = shifts[1] - shifts[0]
    edges = np.append(shifts, shifts[-1] + step) - step / 2
    return float(np.interp(share, np.concatenate(([0.0], ends)), edges))


@lru_cache(maxsize=4)
def _grid(reach: int) -> Floats:
    return np.arange(-reach * _STEP, reach * _STEP + 1) / _STEP


def _log_sum(values: Floats) -> Floats:
    """log of the sum of exp along the first axis."""
    top = values.max(axis=0)
    return np.asarray(top + np.log(np.exp(values - top).sum(axis=0)))
