"""Measurements into tables: once each, and at the speed of COPY."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.types.json import Jsonb

from tracker.model.canonical import digest
from tracker.model.cells import Coordinate
from tracker.model.measurements import Measurement, Reading
from tracker.model.telemetry import Telemetry
from tracker.store import summaries
from tracker.store.arrays import Floats, FloatsDumper
from tracker.store.codec import COORDINATE_COLUMNS, provenance_to_json

#: columns of ``measurement`` in the order of ``_row``, and their types
_COLUMNS = {
    "unit": "text",
    "batch_id": "int8",
    "commit_id": "int8",
    "build_id": "int8",
    "cell_id": "int8",
    "round": "int4",
    "position": "int4",
    "state": "text",
    "reason": "text",
    "output": "text",
    "started_at": "timestamptz",
    "seconds": "float8",
    "exit_code": "int4",
    "flags": "text[]",
    "provenance": "jsonb",
    "exceeded": "text",
    "watched_by": "text",
    "peak_bytes": "int8",
    "peak_device_bytes": "int8",
    "sampler_seconds": "float8",
}
_NAMES = ", ".join(_COLUMNS)
_TYPED = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())

_STAGE = f"CREATE TEMP TABLE IF NOT EXISTS staged ({_TYPED}) ON COMMIT DELETE ROWS"

_STORE = f"""
    INSERT INTO measurement (project_id, machine_id, {_NAMES})
    SELECT %s, (SELECT id FROM machine WHERE fingerprint = %s), {_NAMES} FROM staged ORDER BY unit
    ON CONFLICT (project_id, unit) DO NOTHING
    RETURNING unit, id
"""  # noqa: S608  constants of this file

_SERIES = ["hash", "project_id", *COORDINATE_COLUMNS]

_STORE_SERIES = (
    f"INSERT INTO series ({', '.join(_SERIES)}) VALUES ({', '.join(['%s'] * len(_SERIES))})"  # noqa: S608  constants
    " ON CONFLICT (hash) DO NOTHING"
)


def ingest(
    connection: sa.Connection,
    project_id: int,
    machine: str,
    measurements: Sequence[Measurement],
) -> int:
    """Store what is not stored yet, in the connection's transaction; how many that were.

    Raises:
        ValueError: a sample that is not finite, or a reading without samples.
        psycopg.Error: in particular where a commit, build, run or machine was never remembered.
    """
    units = {measurement.key: measurement for measurement in reversed(measurements)}
    for measurement in units.values():
        _check(measurement)
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)  # noqa: S101  the driver of every engine here
    with driver.cursor() as cursor:
        cursor.adapters.register_dumper(Floats, FloatsDumper)
        new = _store_measurements(cursor, project_id, machine, units)
        readings = [(new[unit], reading) for unit in new for reading in units[unit].readings]
        _store_readings(cursor, project_id, readings)
        _store_telemetry(cursor, {new[unit]: units[unit].telemetry for unit in new})
        summaries.add(cursor, [*new.values()])
    return len(new)


def _check(measurement: Measurement) -> None:
    for reading in measurement.readings:
        numbers = (*reading.samples, reading.value)
        if not reading.samples or not all(map(math.isfinite, numbers)):
            raise ValueError(
                f"{reading.coordinate.title}: samples must be finite, and there must be some"
            )


def _store_measurements(
    cursor: psycopg.Cursor[Any], project_id: int, machine: str, units: Mapping[str, Measurement]
) -> dict[str, int]:
    """Store them; unit -> id of those that were new."""
    commits = _ids(cursor, "commit", "sha", {m.commit for m in units.values()}, project_id)
    batches = {batch: _batch_id(cursor, batch) for batch in {_batch(m) for m in units.values()}}
    builds = _ids(cursor, "build", "key", {m.build for m in units.values()})
    cells = _cell_ids(cursor, {m.cell for m in units.values()})
    cursor.execute(_STAGE)
    with cursor.copy(f"COPY staged ({_NAMES}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(list(_COLUMNS.values()))
        for unit, m in units.items():
            # what is no commit has none; one that should be known and is not, is a mistake
            commit = commits[m.commit] if m.commit else None
            copy.write_row(
                _row(unit, m, batches[_batch(m)], commit, builds[m.build], cells[m.cell])
            )
    cursor.execute(_STORE, (project_id, machine))
    return dict(cursor.fetchall())


_Batch = tuple[str, str, str, str]


def _batch(m: Measurement) -> _Batch:
    return m.run, m.purpose.aim.value, m.purpose.key, m.batch


def _batch_id(cursor: psycopg.Cursor[Any], batch: _Batch) -> int:
    find = "SELECT id FROM batch WHERE (run_id, purpose, key, name) = (%s::uuid, %s, %s, %s)"
    if (row := cursor.execute(find, batch).fetchone()) is None:
        cursor.execute(
            "INSERT INTO batch (run_id, purpose, key, name) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            batch,
        )
        row = cursor.execute(find, batch).fetchone()
    assert row is not None  # noqa: S101  it was inserted by us or by another
    return int(row[0])


def _row(
    unit: str, m: Measurement, batch: int, commit: int | None, build: int, cell: int
) -> tuple[Any, ...]:
    return (
        unit,
        batch,
        commit,
        build,
        cell,
        m.round,
        m.position,
        m.state.value,
        m.reason,
        m.output,
        m.started_at,
        m.seconds,
        m.exit_code,
        list(m.flags),
        m.provenance and Jsonb(provenance_to_json(m.provenance)),
        m.guarded and m.guarded.limit,
        m.guarded and m.guarded.watched_by,
        m.guarded and m.guarded.peak_bytes,
        m.guarded and m.guarded.peak_device_bytes,
        m.telemetry and m.telemetry.overhead,
    )


def _store_readings(
    cursor: psycopg.Cursor[Any], project_id: int, readings: Sequence[tuple[int, Reading]]
) -> None:
    if not readings:
        return
    # Hashing a coordinate costs more than storing a reading: once for each coordinate.
    hashes: dict[Coordinate, str] = {}
    for _, reading in readings:
        if reading.coordinate not in hashes:
            hashes[reading.coordinate] = reading.coordinate.series
    cursor.executemany(_STORE_SERIES, [_series(c, h, project_id) for c, h in hashes.items()])
    series = _ids(cursor, "series", "hash", hashes.values())
    rows = {(series[hashes[r.coordinate]], measurement): r for measurement, r in readings}
    with cursor.copy(
        "COPY reading (series_id, measurement_id, value, loops, samples, warmup)"
        " FROM STDIN (FORMAT BINARY)"
    ) as copy:
        copy.set_types(["int8", "int8", "float8", "int4", "float8[]", "float8[]"])
        for key, r in rows.items():
            copy.write_row((*key, r.value, r.loops, Floats(r.samples), Floats(r.warmup)))
    _store_answers(cursor, {key: r.answers for key, r in rows.items() if r.answers})


def _store_answers(
    cursor: psycopg.Cursor[Any], given: Mapping[tuple[int, int], Mapping[str, str]]
) -> None:
    """Store answers by series and measurement, the same ones once."""
    if not given:
        return
    hashes = {key: digest(dict(answers)) for key, answers in given.items()}
    sheets = {hashes[key]: answers for key, answers in given.items()}
    cursor.executemany(
        "INSERT INTO answer_sheet (hash, answers) VALUES (%s, %s) ON CONFLICT (hash) DO NOTHING",
        [(sheet, Jsonb(dict(sheets[sheet]))) for sheet in sorted(sheets)],
    )
    numbers = _ids(cursor, "answer_sheet", "hash", sheets)
    cursor.executemany(
        "INSERT INTO reading_answers (series_id, measurement_id, answer_sheet_id)"
        " VALUES (%s, %s, %s)",
        [(*key, numbers[hashes[key]]) for key in given],
    )


def _store_telemetry(cursor: psycopg.Cursor[Any], recorded: Mapping[int, Telemetry | None]) -> None:
    rows = [
        (measurement, one.name, one.unit, Floats(one.offsets), Floats(one.values))
        for measurement, telemetry in recorded.items()
        for one in (telemetry.channels if telemetry else ())
    ]
    if not rows:
        return
    with cursor.copy(
        "COPY telemetry (measurement_id, channel, unit, offsets, values) FROM STDIN (FORMAT BINARY)"
    ) as copy:
        copy.set_types(["int8", "text", "text", "float8[]", "float8[]"])
        for row in rows:
            copy.write_row(row)


def _series(c: Coordinate, series: str, project_id: int) -> tuple[Any, ...]:
    known = {"hash": series, "project_id": project_id, "parameters": Jsonb(c.parameters)}
    return tuple(known.get(name) or getattr(c, name) for name in _SERIES)


def _cell_ids(cursor: psycopg.Cursor[Any], keys: set[str]) -> dict[str, int]:
    found = _ids(cursor, "cell", "key", keys)
    if missing := sorted(keys - found.keys()):
        cursor.execute(
            "INSERT INTO cell (key) SELECT unnest(%s::text[]) ON CONFLICT (key) DO NOTHING",
            (missing,),
        )
        found = _ids(cursor, "cell", "key", keys)
    return found


def _ids(
    cursor: psycopg.Cursor[Any],
    table: str,
    column: str,
    values: Iterable[str],
    project_id: int | None = None,
) -> dict[str, int]:
    """Value of a unique column -> id."""
    query = f"SELECT {column}, id FROM {table} WHERE {column} = ANY(%s)"  # noqa: S608  names of this file
    if project_id is None:
        cursor.execute(query, (list(values),))
    else:
        cursor.execute(f"{query} AND project_id = %s", (list(values), project_id))
    return dict(cursor.fetchall())
