"""Results are judged with those before them, and shown without. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tracker.findings.detection import Analysis
from tracker.model.commits import Commit
from tracker.model.findings import Drift, Judgement
from tracker.model.series import History


def cropped(
    histories: Sequence[History], analysis: Analysis, commits: Sequence[Commit]
) -> tuple[tuple[History, ...], Analysis]:
    """What the histories and their analysis say about the newest commits alone.

    Series without points there are left out; a level that began before goes on from the first.
    """
    shas = {commit.sha for commit in commits}
    shown = []
    judgements = {}
    for history in histories:
        dropped = sum(point.commit.sha not in shas for point in history.points)
        if dropped < len(history.points):
            shown.append(replace(history, points=history.points[dropped:]))
            judgements[history.series] = _cropped(analysis.judgements[history.series], dropped)
    return tuple(shown), replace(
        analysis,
        judgements=judgements,
        findings=tuple(one for one in analysis.findings if one.commit in shas),
        events=tuple(one for one in analysis.events if one.commit in shas),
    )


def _cropped(judgement: Judgement, dropped: int) -> Judgement:
    if not dropped:
        return judgement
    levels = [(start - dropped, value) for start, value in judgement.levels]
    last_before = max((at for at, (start, _) in enumerate(levels) if start <= 0), default=0)
    return replace(
        judgement,
        changes=tuple(
            replace(change, index=change.index - dropped)
            for change in judgement.changes
            if change.index >= dropped
        ),
        levels=tuple((max(start, 0), value) for start, value in levels[last_before:]),
        drifts=tuple(_rest(drift, dropped) for drift in judgement.drifts if drift.last >= dropped),
    )


def _rest(drift: Drift, dropped: int) -> Drift:
    """What is left of a drift: it begins at the value that it had come to."""
    missed = max(dropped - drift.first, 0) / (drift.last - drift.first)
    return replace(
        drift,
        first=max(drift.first - dropped, 0),
        last=drift.last - dropped,
        before=drift.before + missed * (drift.after - drift.before),
    )
