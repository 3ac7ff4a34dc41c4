"""Where a series ends and goes on in another environment or on another machine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.findings.lineage import line, surroundings
from tracker.model.cells import Coordinate
from tracker.model.findings import FindingKind
from tracker.model.series import History, Point

#: commits measured on both sides of a border so that it can be told from a change of the code
_BRIDGE = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something beside the project changed; not the project's doing."""

    #: environment_change or machine_change
    kind: FindingKind
    #: SHA of the first commit that was measured only after it
    commit: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Border:
    """A series, and the one that goes on from it elsewhere."""

    before: History
    after: History

    @property
    def first(self) -> Point:
        """The first point that was measured only after it."""
        known = _commits(self.before)
        points = _valued(self.after)
        return next((point for point in points if point.commit.sha not in known), points[0])


def borders(histories: Sequence[History]) -> tuple[Border, ...]:
    """Where lines of series go on in another environment, Python or machine.

    Series that run side by side, such as two Pythons of one matrix, do not continue each other:
    at most one commit may be common to both sides.
    """
    lines: dict[object, list[History]] = defaultdict(list)
    for history in histories:
        if any(point.values for point in history.points):
            lines[line(history.coordinate)].append(history)
    found = []
    for members in lines.values():
        members.sort(key=lambda one: _valued(one)[0].commit.position)
        for at, after in enumerate(members):
            if before := _continued(members[:at], after):
                found.append(Border(before=before, after=after))
    return tuple(found)


def events(found: Sequence[Border]) -> tuple[Event, ...]:
    """Changes of environment, Python or machine at borders, each once, in graph order."""
    positions: dict[Event, int] = {}
    for border in found:
        for event, position in _between(border):
            positions.setdefault(event, position)
    return tuple(sorted(positions, key=lambda event: (positions[event], event.kind, event.text)))


def _valued(history: History) -> list[Point]:
    return [point for point in history.points if point.values]


def _commits(history: History) -> set[str]:
    return {point.commit.sha for point in _valued(history)}


def _continued(earlier: list[History], after: History) -> History | None:
    """The series that this one goes on from: the most alike, then the latest."""
    own = _commits(after)
    end = _valued(after)[-1].commit.position
    candidates = [
        one
        for one in earlier
        if len(_commits(one) & own) <= _BRIDGE and _valued(one)[-1].commit.position < end
    ]
    mine = surroundings(after.coordinate)

    def closeness(one: History) -> tuple[int, int]:
        theirs = surroundings(one.coordinate)
        alike = sum(a == b for a, b in zip(mine, theirs, strict=True))
        return alike, _valued(one)[-1].commit.position

    return max(candidates, key=closeness, default=None)


def _between(border: Border) -> list[tuple[Event, int]]:
    first = border.first
    old, new = border.before.coordinate, border.after.coordinate
    found = []
    if old.machine_class != new.machine_class:
        text = f"machine {_step(old, new, 'machine_class')}"
        found.append((FindingKind.machine_change, text))
    changed = [
        f"{word} {_step(old, new, name)}"
        for word, name in (("Python", "python"), ("environment", "environment_class"))
        if getattr(old, name) != getattr(new, name)
    ]
    if changed:
        found.append((FindingKind.environment_change, ", ".join(changed)))
    return [
        (Event(kind=kind, commit=first.commit.sha, text=text), first.commit.position)
        for kind, text in found
    ]


def _step(old: Coordinate, new: Coordinate, name: str) -> str:
    """Both names, shortened like hashes are."""
    return f"{getattr(old, name):.16} → {getattr(new, name):.16}"
