"""Rounds: what all commits of a batch have in common because it was measured together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.statistics.arrays import Floats
from tracker.statistics.robust import huber_scale, row_medians

#: neighbours on each side that tell what a round was like; most were in the same batch
_REACH = 3
_FEWEST = 3
#: the rounds are taken out where that leaves less than this share of the scatter
_WORTHWHILE = 0.92
#: variance of the median of six normal values, in variances of one
_MEDIAN_OF_SIX = 0.22
#: two patterns of rounds are of two batches when they differ by so much more than their noise
_ANOTHER = 3.0


@dataclass(frozen=True, slots=True)
class Blocks:
    """Values without what the rounds added, and what that leaves unknown."""

    #: (builds, rounds), NaN where there is none
    rows: Floats
    #: (builds,) variance of a step that begins at the build: two batches with two mean drifts
    #: where the pattern of rounds changes there, 0 inside a batch
    borders: Floats


def without_rounds(rows: Floats) -> Blocks:
    """(builds, rounds) less what the neighbours show each round to have added.

    A round is a randomized block: drift of the machine moves all of its commits alike. Which
    commits shared a batch is not known here, and round 2 of another batch is another block; so
    the effect is a running median over three neighbours on each side, without the build itself,
    which can take nothing out of its own scatter. It is taken out only where that predicts the
    residuals (a leave-one-out check over the series), otherwise the rows come back as they are.
    """
    builds, rounds = rows.shape
    unchanged = Blocks(rows, np.zeros(builds))
    if builds <= _FEWEST or rounds < _FEWEST:
        return unchanged
    present = ~np.isnan(rows)
    residuals = rows - row_medians(rows)[:, None]
    effect = _of_neighbours(residuals)
    # What is left in is the mean over the rounds: it cannot be told from the commits' own level.
    effect -= _mean(np.where(present, effect, np.nan), axis=1)[:, None]
    left = huber_scale((residuals - effect)[present])
    if left >= _WORTHWHILE * huber_scale(residuals[present]):
        return unchanged
    noise = left**2 / (1 + _MEDIAN_OF_SIX)
    drift = max(huber_scale(effect[present]) ** 2 - _MEDIAN_OF_SIX * noise, 0.0)
    typical = float(np.median(np.count_nonzero(present, axis=1)))
    residuals = residuals - _mean(residuals, axis=1)[:, None]
    return Blocks(rows - effect, 2 * drift / typical * _border(residuals, noise))


def _of_neighbours(residuals: Floats) -> Floats:
    """Median of the neighbours' residuals of the same round; 0 where fewer than three tell."""
    builds, rounds = residuals.shape
    padded = np.pad(residuals, ((_REACH, _REACH), (0, 0)), constant_values=np.nan)
    offsets = [at for at in range(2 * _REACH + 1) if at != _REACH]
    near = np.stack([padded[at : at + builds] for at in offsets], axis=-1)
    flat = near.reshape(builds * rounds, len(offsets))
    known = np.count_nonzero(~np.isnan(flat), axis=1) >= _FEWEST
    return np.where(known, row_medians(flat), 0.0).reshape(builds, rounds)


def _border(residuals: Floats, noise: float) -> Floats:
    """(builds,) 1 where the rounds before and from the build on have two patterns, else 0."""
    known = ~np.isnan(residuals)
    counts = np.pad(np.cumsum(known, axis=0), ((1, 0), (0, 0)))
    sums = np.pad(np.cumsum(np.where(known, residuals, 0.0), axis=0), ((1, 0), (0, 0)))
    at = np.arange(1, len(residuals))
    start, stop = np.maximum(at - _REACH, 0), np.minimum(at + _REACH, len(residuals))
    before, after = counts[at] - counts[start], counts[stop] - counts[at]
    both = (before > 0) & (after > 0)
    fewest = np.maximum(before, 1), np.maximum(after, 1)
    apart = (sums[at] - sums[start]) / fewest[0] - (sums[stop] - sums[at]) / fewest[1]
    expected = noise * (1 / fewest[0] + 1 / fewest[1])
    ratios = _mean(np.where(both, apart**2 / expected, np.nan), axis=1)
    # Where no round is on both sides, nothing says that it is one batch.
    return np.concatenate(([0.0], np.where(ratios <= _ANOTHER, 0.0, 1.0)))


def _mean(values: Floats, *, axis: int) -> Floats:
    """The mean along the axis, NaN passed over; NaN where nothing is known."""
    counts = np.count_nonzero(~np.isnan(values), axis=axis)
    sums = np.nansum(values, axis=axis)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
