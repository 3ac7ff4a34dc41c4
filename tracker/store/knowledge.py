"""What is known when a strategy asks: counted by the database, not here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from tracker.model.cells import Cell, EnvironmentRequest
from tracker.model.measurements import NOISY_FLAGS, State
from tracker.model.purposes import Purpose
from tracker.model.requests import Ending, Known
from tracker.model.runs import RunSummary
from tracker.store import tables as t

WITH_VALUES = tuple(state.value for state in State if state.has_values)

BuildKeys = Mapping[tuple[str, EnvironmentRequest], tuple[str, ...]]


def texts(values: Sequence[str]) -> sa.ColumnElement[Sequence[str]]:
    """One parameter, however many there are."""
    return sa.cast(list(values), ARRAY(sa.Text))


def builds(
    connection: sa.Connection,
    project_id: int,
    commits: Sequence[str],
    requests: Sequence[EnvironmentRequest],
) -> BuildKeys:
    c = t.commit_build.c
    by_class = aggregate_order_by(t.build.c.key, c.environment_class_id)
    keys = sa.func.array_agg(by_class).filter(c.build_id.is_not(None))
    rows = connection.execute(
        sa.select(t.commit.c.sha, c.recipe, c.python, c.settings, keys)
        .select_from(t.commit.join(t.commit_build).outerjoin(t.build))
        .where(
            t.commit.c.project_id == project_id,
            t.commit.c.sha == sa.any_(texts(commits)),
            sa.tuple_(c.recipe, c.python, c.settings).in_(
                [(r.recipe, r.python, r.settings) for r in requests]
            ),
        )
        .group_by(t.commit.c.sha, c.recipe, c.python, c.settings)
    )
    return {
        (sha, EnvironmentRequest(recipe=recipe, python=python, settings=settings)): tuple(
            found or ()
        )
        for sha, recipe, python, settings, found in rows
    }


def known(
    connection: sa.Connection,
    project_id: int,
    commits: Sequence[str],
    cells: Sequence[Cell],
    purpose: Purpose,
    also: BuildKeys,
) -> Known:
    requests = list({cell.environment for cell in cells})
    found = {**builds(connection, project_id, commits, requests), **also}
    keys = sorted({key for of_commit in found.values() for key in of_commit})
    attempts = _attempts(project_id, keys, [cell.key for cell in cells], purpose)
    measured, noisy = _measured(connection, attempts)
    return Known(
        builds=found,
        measured=measured,
        failed=_failed(connection, attempts),
        noisy=noisy,
    )


def installed_at(project_id: int, sha: str) -> sa.Select[tuple[int]]:
    """Numbers of the builds that a commit points at."""
    return (
        sa.select(t.commit_build.c.build_id)
        .join(t.commit)
        .where(t.commit.c.project_id == project_id, t.commit.c.sha == sha)
    )


def of_purpose(purpose: Purpose) -> sa.ColumnElement[bool]:
    """Measurements for a purpose alone."""
    b = t.batch.c
    batches = sa.select(b.id).where(b.purpose == purpose.aim.value, b.key == purpose.key)
    return t.measurement.c.batch_id.in_(batches)


def _attempts(
    project_id: int, builds: Sequence[str], cells: Sequence[str], purpose: Purpose
) -> sa.Select[Any]:
    """Numbers of builds and cells of all that was tried."""
    m = t.measurement.c
    return sa.select(m.build_id, m.cell_id).where(
        m.project_id == project_id,
        m.build_id.in_(sa.select(t.build.c.id).where(t.build.c.key == sa.any_(texts(builds)))),
        m.cell_id.in_(sa.select(t.cell.c.id).where(t.cell.c.key == sa.any_(texts(cells)))),
        of_purpose(purpose),
    )


Target = tuple[str, str]


def _measured(
    connection: sa.Connection, attempts: sa.Select[Any]
) -> tuple[dict[Target, frozenset[int]], dict[Target, int]]:
    """Rounds that gave values, and how many of them are too noisy."""
    m = t.measurement.c
    is_noisy = m.flags.overlap(texts(NOISY_FLAGS))
    rounds = (
        attempts.add_columns(
            sa.func.array_agg(m.round).label("rounds"),
            sa.func.count().filter(is_noisy).label("noisy"),
        )
        .where(m.state.in_(WITH_VALUES))
        .group_by(m.build_id, m.cell_id)
        .subquery()
    )
    rows = connection.execute(
        sa.select(t.build.c.key, t.cell.c.key, rounds.c.rounds, rounds.c.noisy)
        .join(rounds, rounds.c.build_id == t.build.c.id)
        .join(t.cell, rounds.c.cell_id == t.cell.c.id)
    ).all()
    return (
        {(build, cell): frozenset(numbers) for build, cell, numbers, _ in rows},
        {(build, cell): noisy for build, cell, _, noisy in rows if noisy},
    )


def _failed(connection: sa.Connection, attempts: sa.Select[Any]) -> dict[Target, Ending]:
    """Where the last attempt gave no values: how it ended."""
    m = t.measurement.c
    have_failures = attempts.where(m.state.not_in(WITH_VALUES))
    newest = [
        sa.func.array_agg(aggregate_order_by(told, m.started_at.desc(), m.id.desc()))[1]
        for told in (m.state, m.reason)
    ]
    last = (
        attempts.add_columns(newest[0].label("state"), newest[1].label("reason"))
        .where(sa.tuple_(m.build_id, m.cell_id).in_(have_failures))
        .group_by(m.build_id, m.cell_id)
        .subquery()
    )
    rows = connection.execute(
        sa.select(t.build.c.key, t.cell.c.key, last.c.state, last.c.reason)
        .join(last, last.c.build_id == t.build.c.id)
        .join(t.cell, last.c.cell_id == t.cell.c.id)
        .where(last.c.state.not_in(WITH_VALUES))
    )
    return {
        (build, cell): Ending(state=State(state), reason=reason)
        for build, cell, state, reason in rows
    }


def runs(
    connection: sa.Connection, project_id: int, limit: int, run: str | None
) -> tuple[RunSummary, ...]:
    m, r = t.measurement.c, t.run.c
    latest = (
        sa.select(t.run)
        .where(r.project_id == project_id, sa.true() if run is None else r.id == run)
        .order_by(r.started_at.desc())
        .limit(limit)
    ).subquery()
    has_values = m.state.in_(WITH_VALUES)
    rows = connection.execute(
        sa.select(
            latest,
            t.machine.c.name.label("machine"),
            sa.func.count(m.id).filter(has_values).label("measured"),
            sa.func.count(m.id).filter(~has_values).label("failed"),
        )
        .join(t.machine, t.machine.c.id == latest.c.machine_id)
        .outerjoin(t.batch, t.batch.c.run_id == latest.c.id)
        .outerjoin(t.measurement, m.batch_id == t.batch.c.id)
        .group_by(*latest.c, t.machine.c.name)
        .order_by(latest.c.started_at.desc())
    )
    return tuple(
        RunSummary(
            run=row.id,
            command=tuple(row.command),
            machine=row.machine,
            state=row.state,
            started_at=row.started_at,
            finished_at=row.finished_at,
            measured=row.measured,
            failed=row.failed,
            note=row.note,
            tool_version=row.tool_version,
        )
        for row in rows
    )


def counts(connection: sa.Connection) -> dict[str, int]:
    """How much is stored, by table."""
    tables = (t.project, t.commit, t.build, t.run, t.series, t.measurement, t.finding)
    return {
        table.name: connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
        for table in tables
    }


def places(connection: sa.Connection, project_id: int) -> dict[str, str]:
    b, s = t.benchmark.c, t.suite.c
    rows = connection.execute(
        sa.select(b.name, b.location)
        .select_from(t.benchmark.join(t.suite))
        .where(s.project_id == project_id)
        .order_by(s.created_at, s.id)
    )
    return {row.name: row.location for row in rows}
