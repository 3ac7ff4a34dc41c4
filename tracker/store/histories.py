"""Series along the history, read one family at a time so that memory stays flat.

A *family* is what differs in environment alone: the series of one benchmark, metric
and machine before and after a border of environment classes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by

from tracker.model.cells import NOT_APPLICABLE, Coordinate
from tracker.model.commits import Commit
from tracker.model.measurements import State
from tracker.model.purposes import HISTORY
from tracker.model.series import History
from tracker.store import tables as t
from tracker.store.codec import COORDINATE_COLUMNS, coordinate_from_json
from tracker.store.knowledge import WITH_VALUES, of_purpose, texts
from tracker.store.points import Builds, Failure, Failures, Installed, Member, Values, assemble

#: what was asked for: recipe and Python
Request = tuple[str, str]

#: fields of a coordinate that may differ between the series of a family
_VARYING = ("environment_class", "python")

#: series whose values are fetched together
_SERIES_AT_ONCE = 16


def histories(
    connection: sa.Connection,
    project_id: int,
    commits: Sequence[Commit],
    *,
    suite_hash: str | None,
    cells: Sequence[str] | None,
) -> Iterator[History]:
    installed, requests = _installed(connection, project_id, [c.sha for c in commits])
    series = _series(connection, project_id, suite_hash)
    family = {
        number: _family(known.coordinate, requests.get(known.coordinate.environment_class))
        for number, known in series.items()
    }
    failures = _failures(connection, project_id)
    in_order = sorted(series, key=lambda number: (*family[number], number))
    # All of the rows will be read: no plan that brings the first ones early.
    connection.execute(sa.text("SET LOCAL cursor_tuple_fraction = 1"))
    rows = connection.execution_options(yield_per=_SERIES_AT_ONCE).execute(
        _values(project_id, in_order, _build_ids(installed), cells)
    )
    for (recipe, python, *_), of_family in groupby(rows, key=lambda row: family[row.series_id]):
        members = [_member(row, series) for row in of_family]
        yield from assemble(members, commits, installed.get((recipe, python), {}), failures)


def measured(connection: sa.Connection, project_id: int, commits: Sequence[str]) -> frozenset[str]:
    c, m = t.commit_build.c, t.measurement.c
    values = sa.select(m.id).where(
        m.build_id == c.build_id,
        m.project_id == project_id,
        of_purpose(HISTORY),
        m.state.in_(WITH_VALUES),
    )
    query = (
        sa.select(t.commit.c.sha)
        .join(t.commit_build)
        .where(
            t.commit.c.project_id == project_id,
            t.commit.c.sha == sa.any_(texts(commits)),
            values.exists(),
        )
    )
    return frozenset(connection.scalars(query))


def _family(coordinate: Coordinate, request: Request | None) -> tuple[str, ...]:
    fields = (str(getattr(coordinate, n)) for n in COORDINATE_COLUMNS if n not in _VARYING)
    return (*(request or ("", "")), *fields)


def _series(
    connection: sa.Connection, project_id: int, suite_hash: str | None
) -> dict[int, Member]:
    """The series of a project by number, without values."""
    s = t.series.c
    columns = [s[name] for name in COORDINATE_COLUMNS]
    query = (
        sa.select(s.id, s.hash, t.project.c.name, *columns)
        .join(t.project)
        .where(s.project_id == project_id)
    )
    if suite_hash is not None:
        query = query.where(s.suite_hash == suite_hash)
    found = {}
    for number, series, project, *fields in connection.execute(query):
        known = dict(zip(COORDINATE_COLUMNS, fields, strict=True)) | {"project": project}
        found[number] = Member(series, coordinate_from_json(known))
    return found


def _installed(
    connection: sa.Connection, project_id: int, shas: Sequence[str]
) -> tuple[dict[Request, Builds], dict[str, Request]]:
    """What the commits install by what was asked for; and which class answers what request."""
    c = t.commit_build.c
    installed: dict[Request, dict[str, list[Installed]]] = defaultdict(lambda: defaultdict(list))
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
            Installed(build_id, build or "", class_hash or "", reason or "")
        )
    return dict(installed), requests


def _build_ids(installed: Mapping[Request, Builds]) -> list[int]:
    every = (i for builds in installed.values() for of_commit in builds.values() for i in of_commit)
    return sorted({i.build_id for i in every if i.build_id is not None})


def _values(
    project_id: int, series: Sequence[int], builds: Sequence[int], cells: Sequence[str] | None
) -> sa.Select[Any]:
    """One row a series, in the order given: arrays of its processes in the order of builds."""
    m, r = t.measurement.c, t.reading.c
    in_order = (m.build_id, m.round, m.id)
    numbers = sa.cast(list(series), sa.ARRAY(sa.BigInteger))
    ordered = sa.func.unnest(numbers).table_valued("id", with_ordinality="place").render_derived()
    stopped = m.state == State.early_stopped
    query = (
        sa.select(
            r.series_id,
            *(
                sa.func.array_agg(aggregate_order_by(column, *in_order)).label(name)
                for name, column in (
                    ("builds", m.build_id),
                    ("rounds", m.round),
                    ("batches", m.batch_id),
                    ("values", r.value),
                    ("cells", m.cell_id),
                )
            ),
            sa.func.array_agg(m.build_id).filter(stopped).label("stopped"),
            sa.func.array_agg(m.reason).filter(stopped).label("reasons"),
        )
        .select_from(ordered)
        .join(t.reading, r.series_id == ordered.c.id)
        .join(t.measurement)
        .where(
            m.project_id == project_id,
            of_purpose(HISTORY),
            m.state.in_(WITH_VALUES),
            m.build_id == sa.any_(sa.cast(list(builds), sa.ARRAY(sa.BigInteger))),
        )
        .group_by(ordered.c.place, r.series_id)
        .order_by(ordered.c.place)
    )
    if cells is not None:
        wanted = sa.select(t.cell.c.id).where(t.cell.c.key == sa.any_(texts(cells)))
        query = query.where(m.cell_id.in_(wanted))
    return query


def _failures(connection: sa.Connection, project_id: int) -> Failures:
    """The last failure of each cell at each build, by machine class and on any machine."""
    m = t.measurement.c
    rows = connection.execute(
        sa.select(m.cell_id, m.build_id, t.machine.c.machine_class, m.state, m.reason)
        .join(t.machine)
        .where(m.project_id == project_id, of_purpose(HISTORY), m.state.not_in(WITH_VALUES))
        .order_by(m.started_at, m.id)
    )
    return {
        (cell, build, where): Failure(State(state), reason)
        for cell, build, machine_class, state, reason in rows
        for where in (machine_class, NOT_APPLICABLE)
    }


def _member(row: Any, series: Mapping[int, Member]) -> Member:
    """A series with its values; they leave memory with its family."""
    number, builds, *arrays, cells, stopped, reasons = row
    rounds, batches, values = map(tuple, arrays)
    known = series[number]
    why: dict[int, str] = {}
    for build, reason in zip(stopped or (), reasons or (), strict=True):
        why[build] = max(why.get(build, ""), reason)
    given: dict[int, Values] = {}
    start = 0
    for build, count in Counter(builds).items():
        stop = start + count
        given[build] = Values(rounds[start:stop], batches[start:stop], values[start:stop])
        start = stop
    for build, reason in why.items():
        given[build] = given[build]._replace(state=State.early_stopped, reason=reason)
    return Member(known.series, known.coordinate, given, set(cells))
