"""What the processes of an experiment gave, one by one, for those who compare them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa

from tracker.model.cells import Cell, Coordinate
from tracker.model.measurements import Process, Reading
from tracker.model.purposes import Aim, Purpose
from tracker.model.requests import Known
from tracker.store import knowledge
from tracker.store import tables as t
from tracker.store.codec import COORDINATE_COLUMNS, coordinate_from_json
from tracker.store.knowledge import WITH_VALUES, BuildKeys, of_purpose, texts

#: (build, cell key) -> its processes
Processes = Mapping[tuple[str, str], tuple[Process, ...]]


def known_pairs(
    connection: sa.Connection,
    project_id: int,
    commits: Sequence[str],
    cells: Sequence[Cell],
    *,
    purposes: Sequence[Purpose],
    also: BuildKeys,
) -> Known:
    known = knowledge.known(connection, project_id, commits, cells, purposes[0], also)
    builds = sorted({build for of_commit in known.builds.values() for build in of_commit})
    keys = [cell.key for cell in cells]
    found: dict[tuple[str, str], tuple[Process, ...]] = {}
    for purpose in purposes:
        for target, given in _processes(connection, project_id, purpose, builds, keys).items():
            found[target] = (*found.get(target, ()), *given)
    return replace(known, classes=_classes(connection, builds), processes=found)


def _processes(
    connection: sa.Connection,
    project_id: int,
    purpose: Purpose,
    builds: Sequence[str],
    cells: Sequence[str],
) -> Processes:
    """The processes of a purpose that gave values, in the order of batches and rounds."""
    m, r = t.measurement.c, t.reading.c
    query = (
        sa.select(
            t.build.c.key.label("build"),
            t.cell.c.key.label("cell"),
            m.id,
            m.round,
            m.batch_id,
            m.flags,
            m.seconds,
            r.series_id,
            r.value,
            r.loops,
            r.samples,
        )
        .select_from(t.measurement.join(t.reading).join(t.build).join(t.cell))
        .where(
            m.project_id == project_id,
            m.state.in_(WITH_VALUES),
            of_purpose(purpose),
            t.build.c.key == sa.any_(texts(builds)),
            t.cell.c.key == sa.any_(texts(cells)),
        )
        .order_by(m.batch_id, m.round, m.id, r.series_id)
    )
    rows = connection.execute(query).all()
    coordinates = _coordinates(connection, sorted({row.series_id for row in rows}))
    found: dict[tuple[str, str], dict[int, Process]] = defaultdict(dict)
    for row in rows:
        reading = Reading(
            coordinate=coordinates[row.series_id],
            samples=tuple(row.samples),
            loops=row.loops,
            value=row.value,
        )
        known = found[row.build, row.cell]
        earlier = known[row.id].readings if row.id in known else ()
        known[row.id] = Process(
            round=row.round,
            batch=row.batch_id,
            readings=(*earlier, reading),
            flags=tuple(row.flags),
            seconds=row.seconds,
        )
    return {target: tuple(of_target.values()) for target, of_target in found.items()}


def _coordinates(connection: sa.Connection, numbers: Sequence[int]) -> dict[int, Coordinate]:
    columns = [t.series.c[name] for name in COORDINATE_COLUMNS]
    rows = connection.execute(
        sa.select(t.series.c.id, t.project.c.name, *columns)
        .join(t.project)
        .where(t.series.c.id == sa.any_(sa.cast(list(numbers), sa.ARRAY(sa.BigInteger))))
    )
    return {
        number: coordinate_from_json(
            dict(zip(COORDINATE_COLUMNS, fields, strict=True)) | {"project": project}
        )
        for number, project, *fields in rows
    }


def _classes(connection: sa.Connection, builds: Sequence[str]) -> dict[str, str]:
    """Build (key) -> hash of its environment class."""
    rows = connection.execute(
        sa.select(t.build.c.key, t.environment_class.c.hash)
        .select_from(t.build.join(t.environment).join(t.environment_class))
        .where(t.build.c.key == sa.any_(texts(builds)))
    )
    return {row.key: row.hash for row in rows}


def last_reference(connection: sa.Connection, project_id: int, machine_class: str) -> str:
    m, b = t.measurement.c, t.batch.c
    found = connection.scalar(
        sa.select(t.commit.c.sha)
        .select_from(t.measurement.join(t.batch).join(t.commit).join(t.machine))
        .where(
            m.project_id == project_id,
            b.purpose == Aim.reference.value,
            t.machine.c.machine_class == machine_class,
            m.state.in_(WITH_VALUES),
        )
        .order_by(m.batch_id.desc())
        .limit(1)
    )
    return found or ""


def reference_sessions(
    connection: sa.Connection, project_id: int, machine_class: str, run: str, most: int
) -> tuple[tuple[str, dict[str, tuple[float, ...]]], ...]:
    """(run, series -> values) of the reference commit of a run, up to that run, oldest first."""
    m, b, r, s = t.measurement.c, t.batch.c, t.reading.c, t.series.c
    of_reference = (
        sa.select(t.run.c.id, t.run.c.started_at, s.hash, r.value, m.commit_id)
        .select_from(t.measurement.join(t.batch).join(t.run).join(t.reading).join(t.series))
        .where(
            m.project_id == project_id,
            b.purpose == Aim.reference.value,
            s.machine_class == machine_class,
            ~s.exact,
            r.value > 0,
            m.state.in_(WITH_VALUES),
        )
        .subquery()
    )
    o = of_reference.c
    this = sa.select(o.commit_id, o.started_at).where(o.id == run).limit(1).subquery()
    rows = connection.execute(
        sa.select(o.id, o.started_at, o.hash, sa.func.array_agg(o.value))
        .join(this, sa.and_(o.commit_id == this.c.commit_id, o.started_at <= this.c.started_at))
        .group_by(o.id, o.started_at, o.hash)
        .order_by(o.started_at, o.id)
    )
    found: dict[str, dict[str, tuple[float, ...]]] = {}
    for identifier, _, series, values in rows:
        found.setdefault(identifier, {})[series] = tuple(values)
    return tuple(found.items())[-most:]
