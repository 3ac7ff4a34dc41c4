"""Series along the history, read one family at a time so that memory stays flat.

A *family* is what differs in environment alone: the series of one benchmark, metric
and machine before and after a border of environment classes. A commit that fails is a
point too, of the series whose class it failed in; where that series never had values,
of the series of the family that it would have continued.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by

from tracker.model.cells import Coordinate
from tracker.model.commits import Commit
from tracker.model.measurements import State
from tracker.model.series import History, Point
from tracker.store import tables as t
from tracker.store.codec import COORDINATE_COLUMNS, coordinate_from_json
from tracker.store.knowledge import WITH_VALUES, texts

#: fields of a coordinate that may differ between the series of a family
_VARYING = ("environment_class", "python")


@dataclass(frozen=True, slots=True)
class _Installed:
    """What one commit installs in one environment class, or that it does not."""

    build_id: int | None
    build: str
    environment_class: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Failure:
    state: State
    reason: str


@dataclass(slots=True)
class _Member:
    """One series of a family."""

    series: str
    coordinate: Coordinate
    #: build -> (rounds, values, state, reason)
    values: dict[int, tuple[tuple[int, ...], tuple[float, ...], State, str]] = field(
        default_factory=dict
    )
    cells: set[int] = field(default_factory=set)


#: SHA -> what it installs
_Builds = Mapping[str, Sequence[_Installed]]
#: (cell, build, machine class) -> how it failed
_Failures = Mapping[tuple[int, int, str], _Failure]


def histories(
    connection: sa.Connection,
    project_id: int,
    commits: Sequence[Commit],
    *,
    suite_hash: str | None,
    cells: Sequence[str] | None,
) -> Iterator[History]:
    project = connection.scalar(sa.select(t.project.c.name).where(t.project.c.id == project_id))
    installed, requests = _installed(connection, project_id, [c.sha for c in commits])
    failures = _failures(connection, project_id)
    rows = connection.execution_options(yield_per=1000).execute(
        _values(project_id, installed, suite_hash, cells)
    )
    for _, family in groupby(rows, key=_family):
        members = _members(family, str(project))
        asked_for = requests.get(members[0].coordinate.environment_class)
        yield from _assemble(members, commits, installed.get(asked_for, {}), failures)


Request = tuple[str, str]


def _installed(
    connection: sa.Connection, project_id: int, shas: Sequence[str]
) -> tuple[dict[Request | None, _Builds], dict[str, Request]]:
    """What the commits install by what was asked for; and which class answers what request."""
    c = t.commit_build.c
    installed: dict[Request | None, dict[str, list[_Installed]]] = defaultdict(
        lambda: defaultdict(list)
    )
    requests: dict[str, Request] = {}
    for sha, recipe, python, class_hash, build_id, build, reason in connection.execute(
        sa.select(
            t.commit.c.sha,
            c.recipe,
            c.python,
            t.environment_class.c.hash,
            c.build_id,
            t.build.c.key,
            c.reason,
        )
        .select_from(
            t.commit.join(t.commit_build).outerjoin(t.build).outerjoin(t.environment_class)
        )
        .where(t.commit.c.project_id == project_id, t.commit.c.sha == sa.any_(texts(shas)))
        .order_by(c.id)
    ):
        if class_hash is not None:
            requests[class_hash] = (recipe, python)
        installed[recipe, python][sha].append(
            _Installed(build_id, build or "", class_hash or "", reason or "")
        )
    return dict(installed), requests


def _values(
    project_id: int,
    installed: Mapping[Any, _Builds],
    suite_hash: str | None,
    cells: Sequence[str] | None,
) -> sa.Select[Any]:
    """One row a series and build, the series of a family together."""
    builds = {
        i.build_id
        for of_request in installed.values()
        for of_commit in of_request.values()
        for i in of_commit
        if i.build_id is not None
    }
    m, r, s = t.measurement.c, t.reading.c, t.series.c
    by_round = (m.round, m.id)
    columns = [s[name] for name in COORDINATE_COLUMNS]
    family = [s[name] for name in COORDINATE_COLUMNS if name not in _VARYING]
    query = (
        sa.select(
            s.hash,
            *columns,
            m.build_id,
            sa.func.array_agg(aggregate_order_by(m.round, *by_round)).label("rounds"),
            sa.func.array_agg(aggregate_order_by(r.value, *by_round)).label("values"),
            sa.func.array_agg(m.cell_id.distinct()).label("cells"),
            sa.func.bool_or(m.state == State.early_stopped).label("early"),
            sa.func.max(m.reason).label("reason"),
        )
        .select_from(t.series.join(t.reading).join(t.measurement))
        .where(
            s.project_id == project_id,
            m.state.in_(WITH_VALUES),
            m.build_id == sa.any_(sa.cast(sorted(builds), sa.ARRAY(sa.BigInteger))),
        )
        .group_by(t.series.c.id, m.build_id)
        .order_by(*family, s.id)
    )
    if suite_hash is not None:
        query = query.where(s.suite_hash == suite_hash)
    if cells is not None:
        wanted = sa.select(t.cell.c.id).where(t.cell.c.key == sa.any_(texts(cells)))
        query = query.where(m.cell_id.in_(wanted))
    return query


def _failures(connection: sa.Connection, project_id: int) -> _Failures:
    """The last failure of each cell at each build."""
    m = t.measurement.c
    rows = connection.execute(
        sa.select(m.cell_id, m.build_id, t.machine.c.machine_class, m.state, m.reason)
        .join(t.machine)
        .where(m.project_id == project_id, m.state.not_in(WITH_VALUES))
        .order_by(m.started_at, m.id)
    )
    return {
        (cell, build, machine_class): _Failure(State(state), reason)
        for cell, build, machine_class, state, reason in rows
    }


def _family(row: Any) -> tuple[Any, ...]:
    named = row._mapping  # noqa: SLF001  SQLAlchemy's public name for it
    return tuple(str(named[name]) for name in COORDINATE_COLUMNS if name not in _VARYING)


def _members(rows: Iterable[Any], project: str) -> list[_Member]:
    members: dict[str, _Member] = {}
    for row in rows:
        named = row._mapping  # noqa: SLF001  SQLAlchemy's public name for it
        if row.hash not in members:
            known = {name: named[name] for name in COORDINATE_COLUMNS} | {"project": project}
            members[row.hash] = _Member(row.hash, coordinate_from_json(known))
        state = State.early_stopped if row.early else State.measured
        member = members[row.hash]
        member.values[row.build_id] = (tuple(row.rounds), tuple(named["values"]), state, row.reason)
        member.cells.update(row.cells)
    return list(members.values())


def _assemble(
    members: Sequence[_Member],
    commits: Sequence[Commit],
    installed: _Builds,
    failures: _Failures,
) -> Iterator[History]:
    """The histories of a family, their points in the order of the commits."""
    points: dict[str, list[Point]] = {member.series: [] for member in members}
    last = _first_measured(members, commits, installed)
    for commit in commits:
        of_commit = installed.get(commit.sha, ())
        found = {
            member.series: point
            for member in members
            if (point := _point(member, commit, of_commit)) is not None
        }
        if found:
            last = next(reversed(found))
        for failed_class, point in _failed_points(members, commit, of_commit, failures):
            own = [m.series for m in members if m.coordinate.environment_class == failed_class]
            for series in own or ([] if found else [last]):
                found.setdefault(series, point)
        for series, point in found.items():
            points[series].append(point)
    for member in members:
        yield History(
            series=member.series, coordinate=member.coordinate, points=tuple(points[member.series])
        )


def _first_measured(
    members: Sequence[_Member], commits: Sequence[Commit], installed: _Builds
) -> str:
    """The series that failures before the first value belong to."""
    for commit in commits:
        for member in members:
            if _point(member, commit, installed.get(commit.sha, ())) is not None:
                return member.series
    return members[0].series


def _point(member: _Member, commit: Commit, installed: Sequence[_Installed]) -> Point | None:
    for i in installed:
        if i.build_id is not None and i.build_id in member.values:
            rounds, values, state, reason = member.values[i.build_id]
            return Point(
                commit=commit,
                build=i.build,
                values=values,
                rounds=rounds,
                state=state,
                reason=reason if state is not State.measured else "",
            )
    return None


def _failed_points(
    members: Sequence[_Member],
    commit: Commit,
    installed: Sequence[_Installed],
    failures: _Failures,
) -> Iterator[tuple[str, Point]]:
    """What failed at a commit: environment class and point."""
    machine_class = members[0].coordinate.machine_class
    cells = {cell for member in members for cell in member.cells}
    built = any(i.build_id is not None for i in installed)
    for i in installed:
        failure = None
        if i.build_id is not None:
            tried = (failures.get((cell, i.build_id, machine_class)) for cell in cells)
            failure = next(filter(None, tried), None)
        elif not built:
            failure = _Failure(State.build_failed, i.reason)
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
