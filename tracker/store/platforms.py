"""Which platform gave which value of a quality."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by, distinct_on

from tracker.model.cells import Parameters
from tracker.model.purposes import HISTORY
from tracker.model.quality import AnswerSheet, Observation, Platform
from tracker.model.suites import Kind
from tracker.store import tables as t
from tracker.store.knowledge import WITH_VALUES, of_purpose, texts

#: of ``measurement``: what the process told of where it ran
_DEVICE = t.measurement.c.provenance["device"].astext
_THREADS = sa.cast(t.measurement.c.provenance["threads"].astext, sa.Integer)


def observations(
    connection: sa.Connection, project_id: int, commits: Sequence[str], *, suite_hash: str
) -> tuple[Observation, ...]:
    m, s = t.measurement.c, t.series.c
    of_commits = (
        sa.select(t.commit_build.c.build_id)
        .join(t.commit)
        .where(t.commit.c.project_id == project_id, t.commit.c.sha == sa.any_(texts(commits)))
    )
    where = (
        s.hash.label("series"),
        t.build.c.key.label("build"),
        t.machine.c.machine_class,
        _DEVICE.label("device"),
        _THREADS.label("threads"),
        t.cell.c.parameters.label("asked"),
        s.parameters,
    )
    in_order = (m.round, m.id)
    rows = connection.execute(
        sa.select(
            *where,
            *(
                sa.func.array_agg(aggregate_order_by(column, *in_order)).label(name)
                for name, column in (
                    ("given", t.reading.c.value),
                    ("rounds", m.round),
                    ("batches", m.batch_id),
                )
            ),
        )
        .select_from(
            t.series.join(t.reading).join(t.measurement).join(t.build).join(t.machine).join(t.cell)
        )
        .where(
            s.project_id == project_id,
            s.kind == Kind.quality.value,
            s.suite_hash == suite_hash,
            m.state.in_(WITH_VALUES),
            m.build_id.in_(of_commits),
            of_purpose(HISTORY),
        )
        .group_by(*where)
        .order_by(sa.func.min(m.id))
    )
    return tuple(
        Observation(
            series=row.series,
            build=row.build,
            platform=platform(row),
            values=tuple(row.given),
            rounds=tuple(row.rounds),
            batches=tuple(row.batches),
        )
        for row in rows
    )


def answer_sheets(
    connection: sa.Connection, project_id: int, commits: Sequence[str], *, suite_hash: str
) -> tuple[AnswerSheet, ...]:
    m, s, kept = t.measurement.c, t.series.c, t.reading_answers
    where = (
        s.hash.label("series"),
        t.commit.c.sha,
        t.machine.c.machine_class,
        _DEVICE.label("device"),
        _THREADS.label("threads"),
        t.cell.c.parameters.label("asked"),
        s.parameters,
    )
    sheet = kept.c.answer_sheet_id
    rows = connection.execute(
        sa.select(*where, sheet)
        .ext(distinct_on(*where))
        .select_from(
            kept.join(t.series, s.id == kept.c.series_id)
            .join(t.measurement, m.id == kept.c.measurement_id)
            .join(t.machine)
            .join(t.cell)
            .join(t.commit_build, t.commit_build.c.build_id == m.build_id)
            .join(t.commit, t.commit.c.id == t.commit_build.c.commit_id)
        )
        .where(
            t.commit.c.project_id == project_id,
            t.commit.c.sha == sa.any_(texts(commits)),
            s.suite_hash == suite_hash,
            of_purpose(HISTORY),
        )
        .group_by(*where, sheet)
        .order_by(*where, sa.func.count().desc(), sheet)
    ).all()
    sheets = t.answer_sheet.c
    wanted = sa.cast(sorted({row.answer_sheet_id for row in rows}), sa.ARRAY(sa.BigInteger))
    answers = {
        row.id: row.answers
        for row in connection.execute(
            sa.select(sheets.id, sheets.answers).where(sheets.id == sa.any_(wanted))
        )
    }
    return tuple(
        AnswerSheet(
            series=row.series,
            commit=row.sha,
            platform=platform(row),
            answers=answers[row.answer_sheet_id],
        )
        for row in rows
    )


def platform(row: sa.Row[Any]) -> Platform:
    """Of a row with ``machine_class``, ``device``, ``threads``, ``asked`` and ``parameters``."""
    kept = {name for name, _ in row.parameters}
    asked: Parameters = tuple((name, value) for name, value in row.asked or ())
    return Platform(
        machine_class=row.machine_class,
        device=row.device,
        threads=row.threads,
        parameters=tuple(pair for pair in asked if pair[0] not in kept),
    )
