"""Rounds: what all commits of a batch have in common because it was measured together."""

from __future__ import annotations

import numpy as np

from tracker.statistics.arrays import Floats
from tracker.statistics.robust import huber_scale, row_medians

#: neighbours on each side that tell what a round was like; most were in the same batch
_REACH = 3
_FEWEST = 3
#: the rounds are taken out where that leaves less than this share of the scatter
_WORTHWHILE = 0.8


def without_rounds(rows: Floats) -> Floats:
    """(builds, rounds) less what the neighbours show each round to have added.

    A round is a randomized block: drift of the machine moves all of its commits alike. Which
    commits shared a batch is not known here, and round 2 of another batch is another block; so
    the effect is a running median over three neighbours on each side, without the build itself,
    which can take nothing out of its own scatter. It is taken out only where that predicts the
    residuals (a leave-one-out check over the series), otherwise the rows come back as they are.
    """
    builds, rounds = rows.shape
    if builds <= _FEWEST or rounds < _FEWEST:
        return rows
    residuals = rows - row_medians(rows)[:, None]
    padded = np.pad(residuals, ((_REACH, _REACH), (0, 0)), constant_values=np.nan)
    offsets = [at for at in range(2 * _REACH + 1) if at != _REACH]
    near = np.stack([padded[at : at + builds] for at in offsets], axis=-1)
    flat = near.reshape(builds * rounds, len(offsets))
    known = np.count_nonzero(~np.isnan(flat), axis=1) >= _FEWEST
    effect = np.where(known, row_medians(flat), 0.0).reshape(builds, rounds)
    present = ~np.isnan(rows)
    effect -= row_medians(np.where(present, effect, np.nan))[:, None]
    left = huber_scale((residuals - effect)[present])
    return rows - effect if left < _WORTHWHILE * huber_scale(residuals[present]) else rows
