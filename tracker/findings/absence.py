"""A benchmark that had values and has none any more is a finding, never a gap."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.findings.lineage import cell, line
from tracker.model.findings import Effect, Finding, FindingKind
from tracker.model.measurements import State
from tracker.model.series import History, Point


@dataclass(frozen=True, slots=True)
class _Loss:
    history: History
    first: Point
    last_good: Point


def absence_findings(histories: Sequence[History]) -> list[Finding]:
    """Findings for what fails, stops early or is unsupported at its newest commit.

    Named at the first commit since which it does; a failure that healed stays what the history
    shows, and is no finding. One effect for a cell, however many metrics it had.
    """
    newest: dict[object, int] = {}
    for history in histories:
        good = _good(history)
        if good:
            key = line(history.coordinate)
            newest[key] = max(newest.get(key, 0), *(point.commit.position for point in good))
    groups: dict[tuple[str, FindingKind], dict[object, _Loss]] = defaultdict(dict)
    for history in histories:
        loss = _loss(history)
        # Measured again later, in another environment or on another machine: not lost.
        if loss and newest[line(history.coordinate)] <= loss.first.commit.position:
            group = groups[loss.first.commit.sha, _kind(loss.first.state)]
            group.setdefault(cell(history.coordinate), loss)
    return [
        Finding(
            kind=kind,
            commit=commit,
            after=next(iter(losses.values())).last_good.commit.sha,
            effects=tuple(_effect(loss) for loss in losses.values()),
        )
        for (commit, kind), losses in groups.items()
    ]


def _good(history: History) -> list[Point]:
    return [point for point in history.points if point.state is State.measured and point.values]


def _loss(history: History) -> _Loss | None:
    good = _good(history)
    if not good:
        return None
    last = max(index for index, point in enumerate(history.points) if point is good[-1])
    # Quarantined is a decision about measurements, not about the project.
    since = [p for p in history.points[last + 1 :] if p.state is not State.quarantined]
    return _Loss(history, since[0], good[-1]) if since else None


def _kind(state: State) -> FindingKind:
    return FindingKind.missing if state is State.unsupported else FindingKind.failed


def _effect(loss: _Loss) -> Effect:
    coordinate = loss.history.coordinate
    return Effect(
        series=loss.history.series,
        title=coordinate.title,
        metric=coordinate.metric,
        unit=coordinate.unit,
        verdict=None,
        before=None,
        after=None,
        q=None,
        reason=loss.first.reason or loss.first.state.value,
    )
