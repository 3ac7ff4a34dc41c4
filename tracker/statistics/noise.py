"""How far values lie apart though nothing changed: between processes, and between builds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from math import sqrt

import numpy as np

from tracker.statistics.arrays import Floats
from tracker.statistics.robust import biweight, huber_scale, median, pooled_scale
from tracker.statistics.rounds import Blocks

#: no level of a noisy metric is known better than this (natural logarithm, or share)
RESOLUTION = 2e-4
#: how many commits' worth of trust the processes have against the scatter of the commits
_TRUST = 4.0
#: tails of what builds add, and of a robust location of processes, as freedom of Student's t;
#: combined like Satterthwaite's freedom of a sum of variances (Biometrics 1946)
_BUILD_TAILS = 2.0
_PROCESS_TAILS = 20.0
#: squared standard deviations that one value says at most
_BOUND = 3.5**2
#: builds that a level between two others lasts, and those of one that stands out, where nothing
#: but its builds speaks for it
_LASTING, _SHORTEST = 8, 3
#: lags of the autocorrelation; what neighbours are thought to have in common before they are
#: seen, in builds of that belief; trust in the first lag for how slowly it fades
_LAGS = 6
_COMMON, _BELIEF = 0.3, 40
_FADING = 6.0
#: steps between neighbours from which on Huber's scale is safe from the changes among them
_MANY = 20


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
    #: (builds,) values of each
    counts: Floats

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
    #: (builds,) ``1 / sd^2``
    weights: Floats
    #: standard deviation between builds of one level that the processes do not explain
    build: float
    #: degrees of freedom behind ``sd``
    freedom: float
    #: degrees of freedom that stand for the tails of one build's location
    tails: float
    #: share of the variance that the processes do not explain; 1 for one value a build
    share: float
    #: (builds,) squared standard deviations that the build says at most
    bounds: Floats
    #: standard deviation of a typical build
    typical: float
    #: factor of the variance of a long level's mean: neighbours that move together
    inflation: float = 1.0

    @property
    def short(self) -> int:
        """Builds from which on a level between two others is no outburst of the noise."""
        return round(_LASTING * self.share)

    @property
    def fewest(self) -> int:
        """Builds of the shortest level that can be told from odd ones."""
        return max(1, round(_SHORTEST * self.share))


def single(values: Floats) -> Units:
    """Builds of one value each, on the working scale."""
    nothing = np.zeros(len(values))
    return Units(
        rows=values[:, None],
        centres=values,
        variances=nothing,
        freedom=0,
        borders=nothing,
        counts=nothing + 1,
    )


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
        counts=counts.astype(np.float64),
    )


def first_noise(of: Units) -> Noise:
    """The noise before any level is known: half the squared steps between neighbours.

    Of few steps the lower median, so that the changes among them do not count; of many Huber's
    scale, which also takes ties and two levels of noise.
    """
    steps = np.abs(np.diff(of.centres))
    if steps.size < 2:
        return _combined(of, 0.0, 0.0)
    scale = 0.0
    if steps.size < _MANY:
        scale = float(np.sort(steps)[(steps.size - 1) // 2]) / 0.9539  # median |N(0, 2)|
    return _combined(of, scale or huber_scale(steps) / sqrt(2), steps.size - 1)


def residual_noise(of: Units, residuals: Floats, levels: int) -> Noise:
    """The noise from the (builds,) residuals about so many fitted levels."""
    freedom = len(of) - levels
    if freedom < 1:
        return _combined(of, 0.0, 0.0)
    scale = huber_scale(residuals) * sqrt(len(of) / freedom)
    noise = _combined(of, scale, freedom)
    return replace(noise, inflation=_inflation(residuals, scale, levels, _COMMON * noise.share))


def _combined(of: Units, scale: float, freedom: float) -> Noise:
    """Scatter of the builds, shrunk to what their processes explain, and never below that.

    The variance of the builds themselves is what is left (the method of moments of DerSimonian
    and Laird, Controlled Clinical Trials 1986, with a robust scale); shrinkage by degrees of
    freedom as in Smyth, Statistical Applications in Genetics 2004, section 3.
    """
    explained = median(of.variances) if of.freedom else 0.0
    trust = _TRUST if of.freedom else 0.0
    total = (trust * explained + freedom * scale**2) / max(trust + freedom, 1.0)
    between = max(total - explained, 0.0)
    share = between / (between + explained) if explained else 1.0
    variances = of.variances + (between + RESOLUTION**2)
    # So many independent values the processes of a build are worth (Kish's design effect).
    worth = 1 + (of.counts - 1) * (1 - share)
    return Noise(
        sd=np.sqrt(variances),
        weights=1 / variances,
        build=sqrt(between),
        freedom=(freedom + trust) if between > 0 or not of.freedom else float(of.freedom),
        tails=1 / (share**2 / _BUILD_TAILS + (1 - share) ** 2 / _PROCESS_TAILS),
        share=share,
        bounds=_BOUND * worth,
        typical=sqrt(between + explained + RESOLUTION**2),
    )


def _inflation(residuals: Floats, scale: float, levels: int, common: float) -> float:
    """Variance of a long mean over that of independent residuals, 1 to 12.

    Of noise with a part that fades by a constant factor from build to build, beside one that does
    not last: ``rho_k = rho_1 phi^(k-1)``, so ``1 + 2 rho_1 / (1 - phi)``. phi is the regression
    of each correlation on the one before, between rho_1 (then there is only the first part) and
    0.92. Correlations are of clipped residuals, each raised by levels / builds for the levels
    that were fitted, and shrunk towards those of an autoregression of ``common``.
    """
    n = len(residuals)
    lags = min(_LAGS, n - 1)
    unit = np.minimum(np.maximum(residuals / (scale or 1.0), -3.5), 3.5)
    power = float(unit @ unit)
    if power == 0:
        return 1.0
    rho = [
        (float(unit[lag:] @ unit[:-lag]) / power + levels / n) * n + _BELIEF * common**lag
        for lag in range(1, lags + 1)
    ]
    rho = [one / (n + _BELIEF) for one in rho]
    first = min(max(rho[0], 0.0), 0.9)
    trust = _FADING / n
    ahead = sum(one * after for one, after in pairwise(rho))
    fading = (ahead + trust * first) / (sum(one**2 for one in rho[:-1]) + trust)
    fading = min(max(fading, first), 0.92)
    return min(1 + 2 * first / (1 - fading), 12.0)
