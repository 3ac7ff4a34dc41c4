"""How far values lie apart though nothing changed: between processes, and between builds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.statistics.arrays import Floats
from tracker.statistics.robust import biweight, huber_scale, pooled_scale
from tracker.statistics.rounds import Blocks

#: no level of a noisy metric is known better than this (natural logarithm, or share)
RESOLUTION = 2e-4
#: how many commits' worth of trust the processes have against the scatter of the commits
_TRUST = 4.0
#: tails of what builds add, and of a robust location of processes, as freedom of Student's t;
#: combined like Satterthwaite's freedom of a sum of variances (Biometrics 1946)
_BUILD_TAILS = 2.0
_PROCESS_TAILS = 20.0
#: lags of the autocorrelation, and the weight of "there is none"
_LAGS = 5
_INDEPENDENT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Builds in the order of the history: each counts once, with all of its processes."""

    #: (builds, processes), NaN where there is none
    rows: Floats
    #: (builds,) robust location of each
    centres: Floats
    #: (builds,) variance of the location that the spread of its processes explains
    variances: Floats
    #: values less builds: the freedom of that variance
    freedom: int
    #: (builds,) what is added to the variance of a step that begins at the build
    borders: Floats

    def __len__(self) -> int:
        return len(self.centres)

    def processes(self, start: int, stop: int) -> Floats:
        """All values of the builds from start to before stop, in one flat array."""
        values = self.rows[start:stop].ravel()
        return values[~np.isnan(values)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """Two levels of variance: a build's location has ``sd^2 = build^2 + processes' part``."""

    #: (builds,) standard deviation of each location around its level
    sd: Floats
    #: standard deviation between builds of one level that the processes do not explain
    build: float
    #: degrees of freedom behind ``sd``
    freedom: float
    #: degrees of freedom that stand for the tails of one build's location
    tails: float
    #: factor of the variance of a long level's mean: neighbours that move together
    inflation: float = 1.0


def units(blocks: Blocks, *, shares: Floats | None = None) -> Units:
    """Locations of the builds; each has a value.

    ``shares``: (builds,) the weight of each as evidence, below 1 where the same values stand at
    several places.
    """
    rows = blocks.rows
    counts = np.count_nonzero(~np.isnan(rows), axis=1)
    centres, variance = biweight(rows, pooled_scale(rows))
    weight = counts if shares is None else counts * shares
    return Units(
        rows=rows,
        centres=centres,
        variances=variance / weight,
        freedom=int(counts.sum()) - len(rows),
        borders=blocks.borders,
    )


def first_noise(of: Units) -> Noise:
    """The noise before any level is known: half the squared steps between neighbours.

    The lower median of the steps, so that the changes among them do not count.
    """
    steps = np.abs(np.diff(of.centres))
    if steps.size < 2:
        return _combined(of, 0.0, 0.0)
    typical = float(np.sort(steps)[(steps.size - 1) // 2]) / 0.9539  # median |N(0, 2)|
    scale = typical if typical > 0 else huber_scale(steps) / float(np.sqrt(2))
    return _combined(of, scale, steps.size - 1)


def residual_noise(of: Units, residuals: Floats, levels: int) -> Noise:
    """The noise from the (builds,) residuals about so many fitted levels."""
    freedom = len(of) - levels
    if freedom < 1:
        return _combined(of, 0.0, 0.0)
    scale = huber_scale(residuals) * float(np.sqrt(len(of) / freedom))
    return _combined(of, scale, freedom, _inflation(residuals, scale))


def _combined(of: Units, scale: float, freedom: float, inflation: float = 1.0) -> Noise:
    """Scatter of the builds, shrunk to what their processes explain, and never below that.

    The variance of the builds themselves is what is left (the method of moments of DerSimonian
    and Laird, Controlled Clinical Trials 1986, with a robust scale); shrinkage by degrees of
    freedom as in Smyth, Statistical Applications in Genetics 2004, section 3.
    """
    explained = float(np.median(of.variances))
    trust = _TRUST if of.freedom else 0.0
    total = (trust * explained + freedom * scale**2) / max(trust + freedom, 1.0)
    between = max(total - explained, 0.0)
    share = between / (between + explained) if explained else 1.0
    return Noise(
        sd=np.sqrt(of.variances + between + RESOLUTION**2),
        build=float(np.sqrt(between)),
        freedom=(freedom + trust) if between > 0 or not of.freedom else float(of.freedom),
        tails=1 / (share**2 / _BUILD_TAILS + (1 - share) ** 2 / _PROCESS_TAILS),
        inflation=inflation,
    )


def _inflation(residuals: Floats, scale: float) -> float:
    """Variance of a long mean over that of independent residuals, 1 to 12.

    ``1 + 2 sum (1 - k / 6) rho_k`` over five lags (Newey and West, Econometrica 1987), on
    clipped residuals, each correlation shrunk towards zero by 20 observations.
    """
    if scale <= 0:
        return 1.0
    clipped = np.clip(residuals / scale, -3.5, 3.5)
    power = float((clipped**2).sum())
    n = len(clipped)
    if power == 0:
        return 1.0
    total = 1.0
    for lag in range(1, min(_LAGS, n - 1) + 1):
        rho = float((clipped[lag:] * clipped[:-lag]).sum()) / power
        total += 2 * (1 - lag / (_LAGS + 1)) * rho * n / (n + _INDEPENDENT)
    return float(np.clip(total, 1.0, 12.0))
