"""From what builds gave and where they failed to the points of histories. Pure.

A commit that fails is a point too, of the series whose environment class it failed in;
where that series never had values, of the series of the family that it would have continued.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tracker.model.cells import Coordinate
from tracker.model.commits import Commit
from tracker.model.measurements import State
from tracker.model.series import History, Point


@dataclass(frozen=True, slots=True)
class Installed:
    """What one commit installs in one environment class, or why it does not."""

    build_id: int | None
    build: str
    environment_class: str
    reason: str


@dataclass(frozen=True, slots=True)
class Failure:
    """How the last attempt of a cell at a build ended."""

    state: State
    reason: str


class Values(NamedTuple):
    """What one build gave: one value a process."""

    rounds: tuple[int, ...]
    #: numbers of the batches
    batches: tuple[int, ...]
    values: tuple[float, ...]
    state: State = State.measured
    #: of a state that is not ``measured``
    reason: str = ""


@dataclass(slots=True)
class Member:
    """One series of a family."""

    series: str
    coordinate: Coordinate
    #: by number of the build
    values: dict[int, Values] = field(default_factory=dict)
    #: numbers of the cells that it was measured for
    cells: set[int] = field(default_factory=set)


#: SHA -> what it installs
Builds = Mapping[str, Sequence[Installed]]
#: (cell, build, machine class; "-" for any) -> how it failed
Failures = Mapping[tuple[int, int, str], Failure]


def assemble(
    members: Sequence[Member],
    commits: Sequence[Commit],
    installed: Builds,
    failures: Failures,
) -> Iterator[History]:
    """The histories of a family, their points in the order of the commits."""
    points: dict[str, list[Point]] = {member.series: [] for member in members}
    last = _first_measured(members, commits, installed)
    cells = {cell for member in members for cell in member.cells}
    machine_class = members[0].coordinate.machine_class
    for commit in commits:
        of_commit = installed.get(commit.sha, ())
        found = {
            member.series: point
            for member in members
            if (point := _point(member, commit, of_commit)) is not None
        }
        if found:
            last = next(reversed(found))
        for failed_class, point in _failed_points(
            cells, machine_class, commit, of_commit, failures
        ):
            own = [m.series for m in members if m.coordinate.environment_class == failed_class]
            for series in own or ([] if found else [last]):
                found.setdefault(series, point)
        for series, point in found.items():
            points[series].append(point)
    for member in members:
        yield History(
            series=member.series, coordinate=member.coordinate, points=tuple(points[member.series])
        )


def _first_measured(members: Sequence[Member], commits: Sequence[Commit], installed: Builds) -> str:
    """The series that failures before the first value belong to."""
    for commit in commits:
        for member in members:
            if _point(member, commit, installed.get(commit.sha, ())) is not None:
                return member.series
    return members[0].series


def _point(member: Member, commit: Commit, installed: Sequence[Installed]) -> Point | None:
    for i in installed:
        if i.build_id is not None and (given := member.values.get(i.build_id)):
            return Point(
                commit=commit,
                build=i.build,
                values=given.values,
                rounds=given.rounds,
                batches=given.batches,
                state=given.state,
                reason=given.reason,
            )
    return None


def _failed_points(
    cells: Collection[int],
    machine_class: str,
    commit: Commit,
    installed: Sequence[Installed],
    failures: Failures,
) -> Iterator[tuple[str, Point]]:
    """What failed at a commit: environment class and point."""
    for i in installed:
        failure = None
        if i.build_id is None:
            if all(other.build_id is None for other in installed):
                failure = Failure(State.build_failed, i.reason)
        elif failures:
            tried = (failures.get((cell, i.build_id, machine_class)) for cell in cells)
            failure = next(filter(None, tried), None)
        if failure is not None:
            yield (
                i.environment_class,
                Point(
                    commit=commit,
                    build=i.build,
                    values=(),
                    rounds=(),
                    state=failure.state,
                    reason=failure.reason,
                ),
            )
