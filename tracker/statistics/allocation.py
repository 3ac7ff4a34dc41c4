"""Where the next second is best spent: on a new process, or on more samples of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np

from tracker.statistics.arrays import Floats

#: processes that tell how they differ
FEWEST = 3
#: samples a process: fewer say nothing about its own scatter, more are a waste whatever they cost
_LEAST, _MOST = 3, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """The two levels of variance of one series: between processes, and within one."""

    #: of the processes' own means, without what their samples add
    between: float
    #: of one sample around its process
    within: float


def levels(rows: Sequence[Floats]) -> Levels | None:
    """Estimate both levels by the method of moments; None from too few processes.

    With ``s_w^2`` the pooled variance within processes of m samples and ``s_b^2`` that of their
    means, the part between is ``max(s_b^2 - s_w^2 / m, 0)`` (Kalibera and Jones, ISMM 2013,
    section 6.2, equation 3; medians in place of means, so that one odd process hardly counts).

    Args:
        rows: the samples of each process, as logarithms.
    """
    told = [row for row in rows if row.size >= 2]
    if len(told) < FEWEST:
        return None
    within = float(np.median([row.var(ddof=1) for row in told]))
    means = np.array([row.mean() for row in told])
    spread = np.median(np.abs(means - np.median(means))) * 1.4826
    size = float(np.median([row.size for row in told]))
    return Levels(between=max(float(spread) ** 2 - within / size, 0.0), within=within)


def samples_a_process(of: Levels, *, start: float, sample: float) -> int:
    """Samples a process for which the mean of a second's work varies least.

    ``ceil(sqrt(start / sample * within / between))`` (Kalibera and Jones, ISMM 2013, section 7.3).

    Args:
        of: the two levels of variance.
        start: seconds that a process costs before its first sample.
        sample: seconds that a sample costs.
    """
    if of.within <= 0 or sample <= 0:
        return _LEAST
    if of.between <= 0:
        return _MOST
    return min(max(ceil(sqrt(start / sample * of.within / of.between)), _LEAST), _MOST)
