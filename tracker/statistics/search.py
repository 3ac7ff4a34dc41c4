"""Where along a line a step lies, told by answers that may be wrong.

A search by halves in which every answer carries its own odds: the chances of all places follow from
all answers by Bayes' rule, and the next question goes where it halves them (Burnashev and
Zigangirov, Problems of Information Transmission 1974; Ben-Or and Hassidim, FOCS 2008).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf, log, log1p

import numpy as np
from scipy.special import log_expit

from tracker.statistics.arrays import Floats
from tracker.statistics.evidence import Evidence
from tracker.statistics.robust import huber_scale

#: log odds that one pair may add: in one of four, a machine does to one side what it does not do to
#: the other (bounded ratios: Huber, Annals of Mathematical Statistics 1965)
_A_PAIR = 1.0
#: a level between a quarter and three quarters of the step is one of its own
_BETWEEN = (0.25, 0.75)
#: probability from which on it is
_SURE = 0.99
#: a question splits the chances in two parts, each of at least so much
_WORTH = 1e-3
#: weight of places that stored points speak against: a machine may have moved between them
_DOUBT = 0.2
#: stored points before which they say nothing
_FEWEST = 6
#: standard deviations beyond which a stored point is as odd as any
_ODD = 3.5


def log_odds(evidence: Evidence, step: float) -> float:
    """Log odds that a pair of builds has the step between them.

    The head is on the far side when its shift is more than half of the step. A level between both
    ends is on the far side too: the first of several changes is what is looked for.

    Args:
        evidence: what pairs of base and head say of their shift.
        step: the shift of the whole line, of either sign.
    """
    share = evidence.grid / step
    far = min(1.0, float(evidence.mass[share >= 0.5].sum()))
    low, high = _BETWEEN
    between = float(evidence.mass[(share > low) & (share < high)].sum())
    far = max(far, min(between, 1.0)) if between > _SURE else far
    odds = log(far) - log1p(-far) if 0 < far < 1 else (inf if far else -inf)
    surest = _A_PAIR * evidence.rounds
    return min(max(odds, -surest), surest)


def chances(prior: Floats, answers: Mapping[int, float]) -> Floats:
    """How likely each place is the first beyond the step.

    Args:
        prior: (places,) how likely each is before anything was asked; not all 0.
        answers: place -> log odds that the step lies at or before it.

    Returns:
        (places,), of sum 1.
    """
    places = np.arange(prior.size)
    with np.errstate(divide="ignore"):
        total = np.log(prior)
    for at, odds in answers.items():
        total = total + log_expit(np.where(places <= at, odds, -odds))
    weights = np.exp(total - total.max())
    return np.asarray(weights / weights.sum())


def best_question(likely: Floats, askable: Sequence[int]) -> int | None:
    """The place that halves the chances best; None where no question would tell anything.

    Asked of a place, the answer says whether the step lies at or before it.
    """
    before = np.cumsum(likely)
    telling = [at for at in askable if _WORTH < before[at] < 1 - _WORTH]
    return min(telling, key=lambda at: abs(before[at] - 0.5), default=None)


def narrowest(likely: Floats, sure: float, unseen: Sequence[bool]) -> tuple[int, int] | None:
    """The first and last place of where the step lies; None while that is not sure.

    Args:
        likely: (places,) chances.
        sure: the probability that the answer holds.
        unseen: (places,) those that nothing can be asked of: a step between two of them cannot be
            told apart from one at their other end.
    """
    best = int(np.argmax(likely))
    first, last = best, best
    while first > 0 and unseen[first - 1]:
        first -= 1
    while last < likely.size - 1 and unseen[last]:
        last += 1
    return (first, last) if likely[first : last + 1].sum() >= sure else None


def central(likely: Floats, share: float) -> tuple[int, int]:
    """The first and last place of the middle that holds a share of the chances."""
    ends = np.cumsum(likely)
    tail = (1 - share) / 2
    first, last = (int(np.searchsorted(ends, edge)) for edge in (tail, 1 - tail))
    return first, min(last, likely.size - 1)


def prior_of_points(points: Sequence[float | None]) -> Floats:
    """How likely the step lies at each place, by points that are known of the line already.

    The likelihood of two levels with a step at each place, around which points scatter normally,
    far ones no more than 3.5 standard deviations (as in ``changes``); mixed with no knowledge at
    all, as points of different times may differ by what the machine did.

    Args:
        points: (places + 1,) logarithms, from the base on; None where nothing is known.

    Returns:
        (places,), of sum 1.
    """
    places = len(points) - 1
    flat = np.full(places, 1.0 / places)
    known = np.array([at for at, point in enumerate(points) if point is not None])
    if known.size < _FEWEST:
        return flat
    values = np.array([points[at] for at in known], dtype=np.float64)
    scale = huber_scale(np.diff(values)) / np.sqrt(2)
    if not scale:
        return flat
    costs = np.full(places, inf)
    for place in range(1, places + 1):
        left, right = values[known < place], values[known >= place]
        if left.size and right.size:
            costs[place - 1] = _cost(left / scale) + _cost(right / scale)
    likely = np.exp(-(costs - costs.min()) / 2)
    return np.asarray((1 - _DOUBT) * likely / likely.sum() + _DOUBT * flat)


def _cost(values: Floats) -> float:
    """Of one level; values in standard deviations."""
    away = values - np.median(values)
    return float(np.minimum(away**2, _ODD**2).sum())
