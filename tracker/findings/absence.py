"""A benchmark that had values and has none any more is a finding, never a gap."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.findings.effects import told
from tracker.findings.lineage import cell, line
from tracker.model.findings import Finding, FindingKind
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
    losses = [loss for history in histories if (loss := _loss(history))]
    newest = _newest(histories) if losses else {}
    groups: dict[tuple[str, FindingKind], dict[object, _Loss]] = defaultdict(dict)
    for loss in losses:
        coordinate = loss.history.coordinate
        # Measured again later, in another environment or on another machine: not lost.
        if newest[line(coordinate)] <= loss.first.commit.position:
            group = groups[loss.first.commit.sha, _kind(loss.first.state)]
            group.setdefault(cell(coordinate), loss)
    return [
        Finding(
            kind=kind,
            commit=commit,
            after=next(iter(losses.values())).last_good.commit.sha,
            effects=tuple(
                told(loss.history, loss.first.reason or loss.first.state.words)
                for loss in losses.values()
            ),
        )
        for (commit, kind), losses in groups.items()
    ]


def _newest(histories: Sequence[History]) -> dict[object, int]:
    """The position of the last good point along each line of series."""
    newest: dict[object, int] = {}
    for history in histories:
        key = line(history.coordinate)
        positions = (point.commit.position for point in history.points if _is_good(point))
        newest[key] = max(newest.get(key, 0), *positions, 0)
    return newest


def _is_good(point: Point) -> bool:
    return point.state is State.measured and bool(point.values)


def _loss(history: History) -> _Loss | None:
    first = None
    for point in reversed(history.points):
        if _is_good(point):
            return _Loss(history, first, point) if first else None
        # Quarantined is a decision about measurements, not about the project.
        if point.state is not State.quarantined:
            first = point
    return None


def _kind(state: State) -> FindingKind:
    """A benchmark that cannot be run says nothing about the commit; one that failed does."""
    says_nothing = state in (State.unsupported, State.harness_incompatible)
    return FindingKind.missing if says_nothing else FindingKind.failed
