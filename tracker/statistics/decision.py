"""From evidence to an answer: at one look, or at a look after every round.

The thresholds were set on simulated pairs without a change (``benchmarks/figures/pairs.py``), so
that under each kind of noise at most one answer in a hundred, and one in two hundred over all
looks, says that there is a change.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan, inf, log, pi, sqrt

from scipy.special import ndtri

from tracker.statistics.evidence import Evidence

#: rounds before which nothing is decided: with fewer, modes pass for changes
FEWEST = 5
#: ln B that one look asks for: falls with the logarithm of the rounds
_ONE_LOOK = (3.9, 1.05)
#: ln B that a look after every round asks for
_EVERY_LOOK = (6.4, 0.9)
#: probability outside of the band that "the same" leaves, at one look and over all looks
_OUTSIDE_ONE = 0.02
_OUTSIDE_EVERY = 0.0005
#: rounds' worth of not knowing the noise
_FEW = 3.0
#: rounds before which nothing is given up
_HOPE = 10
#: the error is itself known to some 15 %
_SLACK = 1.15
#: quantile of the standard normal distribution: 99.5 %; at 95 % a change of 8 % was given up
_UNLIKELY = 2.576
#: what the prior of shifts adds to twice the ln B, typically
_PRIOR = 3.0
#: quantile of the standard normal distribution: 80 % power
_POWER = 0.8416


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What an answer has to be good for; ratios as logarithms."""

    #: a smaller estimate is no change worth speaking of
    practical: float
    #: a shift inside plus or minus this is "the same"
    band: float
    #: is there a look after every round, or is this the only one?
    sequential: bool
    #: cells that are asked the same at once; with them the evidence asked for grows to
    #: ``ln(cells / level)``, as e-values need (Wang and Ramdas, JRSS B 2022)
    cells: int = 1
    level: float = 0.05

    def threshold(self, rounds: int) -> float:
        """The ln B from which on there is a change."""
        start, fall = _EVERY_LOOK if self.sequential else _ONE_LOOK
        own = start - fall * log(max(rounds, 1))
        return max(own, log(self.cells / self.level)) if self.cells > 1 else own

    @property
    def outside(self) -> float:
        return _OUTSIDE_EVERY if self.sequential else _OUTSIDE_ONE


def is_changed(evidence: Evidence, rules: Rules) -> bool:
    """Is there a change? Its sign is that of the shift."""
    return (
        evidence.rounds >= FEWEST
        and abs(evidence.shift) >= rules.practical
        and evidence.log_factor > rules.threshold(evidence.rounds)
    )


def is_same(evidence: Evidence, rules: Rules) -> bool:
    """Is it known that there is none beyond the band? (Schuirmann, JPB 1987, in Bayesian form)"""
    return evidence.rounds >= FEWEST and evidence.outside(rules.band) < rules.outside


def is_futile(evidence: Evidence, rules: Rules, most: int) -> bool:
    """Would even ``most`` rounds hardly end in an answer?

    The error falls with the root of the rounds. At their end it would still be too large to know
    that there is no change, and with 99.5 % too large for a change to be found there: predicted
    from shift and error as they are now (conditional power: Lan, Simon and Halperin, Sequential
    Analysis 1982). Stopping then gives no false answer: the cell stays undecided.
    """
    if not _HOPE <= evidence.rounds < most:
        return False
    share = evidence.rounds / most
    final = evidence.error * sqrt(share)
    if final * -float(ndtri(rules.outside / 2)) < _SLACK * rules.band:
        return False
    found = final * sqrt(2 * max(rules.threshold(most), 0.0) + _PRIOR)
    spread = evidence.error * sqrt(1 - share)
    return found - abs(evidence.shift) > _UNLIKELY * spread


def smallest_seen(evidence: Evidence, rules: Rules) -> float:
    """The smallest shift that as many rounds of this noise would have shown with 80 % power.

    Laplace's approximation: for an estimate z standard errors away ``ln B`` is about
    ``z^2 / 2 + ln(prior density at the shift * error * sqrt(2 pi))``; the shift is the one whose
    estimate passes threshold and practical size with 80 %. Few rounds tell less of their noise than
    that takes for granted: so much more, that planted changes of the size are found four times in
    five (``benchmarks/figures/pairs.py``). ``inf`` before there are rounds enough.
    """
    if evidence.rounds < FEWEST:
        return inf
    error, scale = evidence.error, 5 * rules.practical
    shift = rules.practical
    for _ in range(30):
        density = 1 / (1 + (shift / scale) ** 2) / (2 * scale * (pi / 2 - atan(0.2)))
        needed = rules.threshold(evidence.rounds) - log(density * error * sqrt(2 * pi))
        reached = max(sqrt(2 * max(needed, 0.0)) * error, rules.practical)
        shift = reached + _POWER * error
    return shift * (1 + _FEW / evidence.rounds)
