"""What the processes of one commit gave, series by series."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import sqlalchemy as sa

from tracker.model.machines import Machine
from tracker.model.measurements import State
from tracker.model.purposes import HISTORY
from tracker.model.standing import Given, Standing
from tracker.store import tables as t
from tracker.store.codec import COORDINATE_COLUMNS, coordinate_from_json
from tracker.store.knowledge import WITH_VALUES, installed_at, of_purpose

Row = sa.Row[*tuple[Any, ...]]


def standings(
    connection: sa.Connection, project_id: int, sha: str, suite_hash: str
) -> tuple[Standing, ...]:
    m, r, s = t.measurement.c, t.reading.c, t.series.c
    fields = [s[name].label(f"s_{name}") for name in COORDINATE_COLUMNS]
    query = (
        sa.select(
            r.series_id,
            t.project.c.name.label("s_project"),
            *fields,
            t.cell.c.threads.label("asked"),
            r.value,
            r.loops,
            r.samples,
            sa.func.cardinality(r.warmup).label("warmup"),
            m.state,
            m.reason,
            m.flags,
        )
        .select_from(
            t.measurement.join(t.reading)
            .join(t.series, t.series.c.id == r.series_id)
            .join(t.project, t.project.c.id == s.project_id)
            .join(t.cell, t.cell.c.id == m.cell_id)
        )
        .where(
            _gave_values(project_id, sha),
            s.suite_hash == suite_hash,
        )
        .order_by(r.series_id, m.started_at, m.id)
    )
    rows: dict[int, list[Row]] = defaultdict(list)
    for row in connection.execute(query):
        rows[row.series_id].append(row)
    return tuple(map(_standing, rows.values()))


def machine_at(connection: sa.Connection, project_id: int, sha: str) -> Machine:
    """Where a commit was measured last, in the condition that the machine was in then."""
    m = t.measurement.c
    row = connection.execute(
        sa.select(t.machine.c.name, t.machine.c.machine_class, t.machine.c.facts)
        .join(t.measurement)
        .where(_gave_values(project_id, sha))
        .order_by(m.started_at.desc(), m.id.desc())
        .limit(1)
    ).one()
    return Machine(name=row.name, machine_class=row.machine_class, facts=row.facts)


def _gave_values(project_id: int, sha: str) -> sa.ColumnElement[bool]:
    """Measurements of a history that a commit stands for."""
    m = t.measurement.c
    return sa.and_(
        m.project_id == project_id,
        m.build_id.in_(installed_at(project_id, sha)),
        m.state.in_(WITH_VALUES),
        of_purpose(HISTORY),
    )


def _standing(rows: list[Row]) -> Standing:
    first = rows[0]._mapping  # noqa: SLF001  the public way to read a row by name
    known = {name: first[f"s_{name}"] for name in (*COORDINATE_COLUMNS, "project")}
    return Standing(
        coordinate=coordinate_from_json(known),
        threads=first["asked"],
        processes=tuple(
            Given(
                samples=tuple(row.samples),
                loops=row.loops,
                warmup=row.warmup,
                value=row.value,
                state=State(row.state),
                reason=row.reason,
                flags=tuple(row.flags),
            )
            for row in rows
        ),
    )
