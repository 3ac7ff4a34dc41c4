"""The machine's own control chart: the reference commit, session by session. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import expm1, log

import numpy as np

from tracker.statistics.robust import huber_scale

#: earlier sessions that tell how far sessions lie apart anyway
_FEWEST = 4
#: a move: by so many standard deviations of the sessions, and relative
_FAR = 4.0
_WORTH = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What the reference commit took in one run."""

    run: str
    #: series -> the value of each process
    values: Mapping[str, tuple[float, ...]]


def machine_moved(sessions: Sequence[Session]) -> float | None:
    """How much slower the last session is than the earlier ones, relative; None: as ever.

    The level of a session is the median over the series of the log ratio to their own median over
    the earlier sessions; it has moved when it lies more than four of their standard deviations
    (Huber's scale), and 2 %, from theirs.
    """
    if len(sessions) <= _FEWEST:
        return None
    *earlier, last = sessions
    usual = {
        series: float(np.median([_middle(one.values[series]) for one in known]))
        for series in last.values
        if (known := [one for one in earlier if series in one.values])
    }
    if not usual:
        return None
    levels = np.array([level for one in earlier if (level := _level(one, usual)) is not None])
    moved = _level(last, usual)
    if moved is None or levels.size < _FEWEST:
        return None
    away = moved - float(np.median(levels))
    spread = huber_scale(levels - np.median(levels))
    return expm1(away) if abs(away) > max(_FAR * spread, log(1 + _WORTH)) else None


def _level(session: Session, usual: Mapping[str, float]) -> float | None:
    ratios = [
        _middle(session.values[series]) - level
        for series, level in usual.items()
        if series in session.values
    ]
    return float(np.median(ratios)) if ratios else None


def _middle(values: Sequence[float]) -> float:
    return float(np.median(np.log(values)))
