"""What a commit did to one series, as findings tell it. Pure."""

from __future__ import annotations

from tracker.model.findings import ChangePoint, Drift, Effect
from tracker.model.series import History


def changed(history: History, change: ChangePoint | Drift, q: float) -> Effect:
    """What a change did to a series."""
    coordinate = history.coordinate
    return Effect(
        series=history.series,
        title=coordinate.title,
        metric=coordinate.metric,
        unit=coordinate.unit,
        verdict=change.verdict,
        before=change.before,
        after=change.after,
        q=q,
        kind=coordinate.kind,
        dataset=coordinate.dataset,
    )


def told(history: History, reason: str) -> Effect:
    """What happened to a series, in words: there is no number for it."""
    coordinate = history.coordinate
    return Effect(
        series=history.series,
        title=coordinate.title,
        metric=coordinate.metric,
        unit=coordinate.unit,
        verdict=None,
        before=None,
        after=None,
        q=None,
        reason=reason,
        kind=coordinate.kind,
        dataset=coordinate.dataset,
    )
