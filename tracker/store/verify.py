"""Does the database hold what it should? What PostgreSQL's own constraints cannot say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from tracker.model.measurements import State, unit_key
from tracker.model.purposes import Aim, Purpose
from tracker.store import schema, summaries
from tracker.store import tables as t
from tracker.store.codec import COORDINATE_COLUMNS, coordinate_from_json
from tracker.store.store import Store

#: problems of one kind that are named; the rest is only counted
NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """One thing looked at."""

    what: str
    #: rows looked at
    count: int
    #: what is wrong, empty where nothing is
    problems: tuple[str, ...]

    def __str__(self) -> str:
        if not self.problems:
            return f"{self.count:>9} {self.what}"
        more = len(self.problems) - NAMED
        named = "; ".join(self.problems[:NAMED]) + (f"; and {more} more" if more > 0 else "")
        return f"{self.count:>9} {self.what}: {len(self.problems)} wrong: {named}"


def verify(store: Store) -> Iterator[Verified]:
    """Check everything, one thing after the other. Summaries that are wrong are made anew.

    Raises:
        StoreError: the database is away, or has another schema.
    """
    with store.transaction() as connection:
        schema.check(connection)
        streaming = connection.execution_options(yield_per=1000)
        for check in (_series, _units, _samples, _values, _lines, _effects):
            yield check(streaming)
        for summary in summaries.SUMMARIES:
            verified = _summary(streaming, summary)
            if verified.problems:
                summaries.rebuild(connection, summary)
            yield verified


_Check = Callable[[sa.Connection], Verified]


def _verified(what: str, found: Iterator[str | None]) -> Verified:
    count, problems = 0, []
    for problem in found:
        count += 1
        if problem is not None:
            problems.append(problem)
    return Verified(what=what, count=count, problems=tuple(problems))


def _series(connection: sa.Connection) -> Verified:
    columns = [t.series.c[name] for name in COORDINATE_COLUMNS]
    rows = connection.execute(
        sa.select(t.series.c.hash, t.project.c.name, *columns).join(t.project)
    )
    return _verified(
        "series have the hash of their coordinate",
        (
            None
            if coordinate_from_json(
                dict(zip(COORDINATE_COLUMNS, fields, strict=True)) | {"project": project}
            ).series
            == series
            else series
            for series, project, *fields in rows
        ),
    )


def _units(connection: sa.Connection) -> Verified:
    m, b = t.measurement.c, t.batch.c
    rows = connection.execute(
        sa.select(m.unit, t.build.c.key, t.cell.c.key, m.round, b.purpose, b.key)
        .join(t.build)
        .join(t.cell)
        .join(t.batch)
    )
    return _verified(
        "measurements have the key of their unit of work",
        (
            None if unit_key(build, cell, number, Purpose(aim=Aim(aim), key=key)) == unit else unit
            for unit, build, cell, number, aim, key in rows
        ),
    )


def _samples(connection: sa.Connection) -> Verified:
    r = t.reading.c
    numbers = sa.func.unnest(r.samples).column_valued("number")
    infinite = sa.cast(["NaN", "Infinity", "-Infinity"], t.FLOATS)
    good = (
        (sa.func.cardinality(r.samples) > 0)
        & (sa.cast(r.value, sa.Double) != sa.all_(infinite))
        & ~sa.select(1).where(numbers == sa.any_(infinite)).exists()
    )
    rows = connection.execute(sa.select(r.measurement_id, good))
    return _verified(
        "readings have samples, all of them finite",
        (None if is_good else f"measurement {number}" for number, is_good in rows),
    )


def _values(connection: sa.Connection) -> Verified:
    m = t.measurement.c
    has_readings = sa.exists().where(t.reading.c.measurement_id == m.id)
    rows = connection.execute(sa.select(m.id, m.state, has_readings))
    return _verified(
        "measurements have readings where their state says so",
        (
            None if _may(State(state), has) else f"measurement {number} ({state})"
            for number, state, has in rows
        ),
    )


def _may(state: State, has_readings: bool) -> bool:
    return has_readings == state.has_values or (has_readings and state.may_have_samples)


def _lines(connection: sa.Connection) -> Verified:
    c = t.line_position.c
    rows = connection.execute(
        sa.select(
            c.project_id,
            c.branch,
            sa.func.count(),
            sa.func.min(c.position),
            sa.func.max(c.position),
        ).group_by(c.project_id, c.branch)
    )
    return _verified(
        "branches count their commits without a gap",
        (
            None if (first, last) == (0, count - 1) else f"project {project}, {branch or 'default'}"
            for project, branch, count, first, last in rows
        ),
    )


def _effects(connection: sa.Connection) -> Verified:
    e = t.finding_effect.c
    known = sa.exists().where(t.series.c.hash == e.series)
    rows = connection.execute(sa.select(e.finding_id, known))
    return _verified(
        "effects of findings are about series that exist",
        (None if is_known else f"finding {number}" for number, is_known in rows),
    )


def _summary(connection: sa.Connection, summary: summaries.Summary) -> Verified:
    rows = connection.execute(sa.text(summary.verdicts))
    return _verified(
        f"rows of {summary.table} are what they sum up",
        (None if is_right else f"{key}, made anew" for key, is_right in rows),
    )
