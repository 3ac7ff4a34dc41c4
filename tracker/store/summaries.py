"""What dashboards draw, kept in step with what is stored, in the same transaction.

Stored measurements are added to the tables; where something was deleted, rows are made anew from
the views ``fresh_...``, which say what each table has to hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
import sqlalchemy as sa

# Rows are taken in one order by everybody: two transactions never wait for each other in a ring.

_ADD_POINTS = """
    INSERT INTO build_point (series_id, build_id, values)
    SELECT r.series_id, m.build_id, array_agg(r.value ORDER BY r.value)
    FROM measurement m
    JOIN batch h ON h.id = m.batch_id AND h.purpose = 'history'
    JOIN reading r ON r.measurement_id = m.id
    WHERE m.id = ANY(%(new)s) AND m.state IN ('measured', 'early-stopped')
    GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (series_id, build_id) DO UPDATE SET values = (
        SELECT array_agg(v ORDER BY v) FROM unnest(build_point.values || excluded.values) AS u (v)
    )
"""

# An update of nothing locks the row: what others add to a build is seen by the next statement.
_LOCK_TALLIES = """
    INSERT INTO build_tally (project_id, build_id, cells, measured, failed)
    SELECT DISTINCT m.project_id, m.build_id, 0, 0, 0
    FROM measurement m JOIN batch h ON h.id = m.batch_id AND h.purpose = 'history'
    WHERE m.id = ANY(%(new)s)
    ORDER BY 1, 2
    ON CONFLICT (project_id, build_id) DO UPDATE SET cells = build_tally.cells
"""

_ADD_TALLIES = """
    WITH added AS (
        SELECT m.project_id, m.build_id, m.cell_id, count(*) AS tried,
               count(*) FILTER (WHERE m.state IN ('measured', 'early-stopped')) AS good
        FROM measurement m JOIN batch h ON h.id = m.batch_id AND h.purpose = 'history'
        WHERE m.id = ANY(%(new)s)
        GROUP BY 1, 2, 3
    ), cells AS (
        SELECT a.project_id, a.build_id, a.tried, a.good, count(*) AS tried_now,
               count(*) FILTER (WHERE m.state IN ('measured', 'early-stopped')) AS good_now
        FROM added a
        JOIN measurement m USING (project_id, build_id, cell_id)
        JOIN batch h ON h.id = m.batch_id AND h.purpose = 'history'
        GROUP BY a.project_id, a.build_id, a.cell_id, a.tried, a.good
    ), builds AS (
        SELECT project_id, build_id, count(*) FILTER (WHERE tried_now = tried) AS cells,
               count(*) FILTER (WHERE good > 0 AND good_now = good) AS measured,
               sum(tried - good) AS failed
        FROM cells GROUP BY 1, 2
    )
    UPDATE build_tally y
    SET cells = y.cells + b.cells, measured = y.measured + b.measured, failed = y.failed + b.failed
    FROM builds b WHERE (y.project_id, y.build_id) = (b.project_id, b.build_id)
"""

_ADD_RUNS = """
    INSERT INTO run_build
    SELECT h.run_id, m.build_id, count(*),
           count(*) FILTER (WHERE m.state NOT IN ('measured', 'early-stopped')),
           min(m.started_at), max(m.started_at)
    FROM measurement m JOIN batch h ON h.id = m.batch_id
    WHERE m.id = ANY(%(new)s)
    GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (run_id, build_id) DO UPDATE SET
        processes = run_build.processes + excluded.processes,
        failed = run_build.failed + excluded.failed,
        first_at = least(run_build.first_at, excluded.first_at),
        last_at = greatest(run_build.last_at, excluded.last_at)
"""

_ADD_SENSORS = """
    INSERT INTO run_sensor
    SELECT run_id, channel, date_bin('1 minute', at, timestamptz '2000-01-01 00:00:00Z'),
           min(unit), count(*), sum(value), min(value), max(value), sum(rise), sum(seconds)
    FROM sensor_reading
    WHERE measurement_id = ANY(%(new)s)
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (run_id, channel, minute) DO UPDATE SET
        readings = run_sensor.readings + excluded.readings,
        total = run_sensor.total + excluded.total,
        lowest = least(run_sensor.lowest, excluded.lowest),
        highest = greatest(run_sensor.highest, excluded.highest),
        rise = run_sensor.rise + excluded.rise,
        seconds = run_sensor.seconds + excluded.seconds
"""

_ADD = (_ADD_POINTS, _LOCK_TALLIES, _ADD_TALLIES, _ADD_RUNS, _ADD_SENSORS)


def add(cursor: psycopg.Cursor[Any], measurements: Sequence[int]) -> None:
    """Add measurements (ids) that were stored in this transaction, with what belongs to them."""
    if measurements:
        for statement in _ADD:
            cursor.execute(statement, {"new": list(measurements)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One of the tables."""

    table: str
    #: columns that tell its rows apart
    key: tuple[str, ...]
    #: columns that have to be what the view says
    exact: tuple[str, ...]
    #: sums of fractions, which depend on their order a little
    sums: tuple[str, ...] = ()

    @property
    def columns(self) -> str:
        return ", ".join((*self.key, *self.exact, *self.sums))

    @property
    def verdicts(self) -> str:
        """A statement: the key of each row that is there or should be, and whether it is right."""
        key = ", ".join(self.key)
        told = ", ".join(f"'{name}', {name}" for name in self.key)
        conditions = (
            *(f"s.{name} IS NOT DISTINCT FROM f.{name}" for name in self.exact),
            *(f"abs(s.{name} - f.{name}) <= 1e-9 * (1 + abs(f.{name}))" for name in self.sums),
        )
        return f"""
            SELECT concat_ws(' ', {told}), coalesce({" AND ".join(conditions)}, false)
            FROM {self.table} s FULL JOIN fresh_{self.table} f USING ({key})
        """  # noqa: S608  names of this file


POINTS = Summary(table="build_point", key=("series_id", "build_id"), exact=("values",))
TALLIES = Summary(
    table="build_tally", key=("project_id", "build_id"), exact=("cells", "measured", "failed")
)
RUNS = Summary(
    table="run_build",
    key=("run_id", "build_id"),
    exact=("processes", "failed", "first_at", "last_at"),
)
SENSORS = Summary(
    table="run_sensor",
    key=("run_id", "channel", "minute"),
    exact=("unit", "readings", "lowest", "highest"),
    sums=("total", "rise", "seconds"),
)
#: in the order in which their rows are locked
SUMMARIES = (POINTS, TALLIES, RUNS, SENSORS)


def forget(connection: sa.Connection, builds: Sequence[int]) -> None:
    """Make anew what failures of builds (ids) had been added to, after they were deleted."""
    these = list(builds)
    runs = _driver(connection).execute(
        "SELECT DISTINCT run_id FROM run_build WHERE build_id = ANY(%s)", (these,)
    )
    of_runs = [run for (run,) in runs]
    for summary in (TALLIES, RUNS):
        _remake(connection, summary, "build_id = ANY(%s)", these)
    _remake(connection, SENSORS, "run_id = ANY(%s)", of_runs)


def rebuild(connection: sa.Connection, summary: Summary) -> None:
    """Make a table anew."""
    _remake(connection, summary, "true")


def _remake(connection: sa.Connection, summary: Summary, which: str, *values: object) -> None:
    """Make rows anew. Nobody else writes meanwhile; who reads sees the table as it was."""
    table, columns, driver = summary.table, summary.columns, _driver(connection)
    driver.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE".encode())
    for statement in (
        f"DELETE FROM {table} WHERE {which}",  # noqa: S608  names of this file
        f"INSERT INTO {table} ({columns}) SELECT {columns} FROM fresh_{table} WHERE {which}",  # noqa: S608
    ):
        driver.execute(statement.encode(), values)


def _driver(connection: sa.Connection) -> psycopg.Connection[Any]:
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)  # noqa: S101  the driver of every engine here
    return driver
