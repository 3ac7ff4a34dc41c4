"""How fast are measurements stored, beside a bare COPY of the same rows?

The bare COPY is psycopg's, one a table, into tables of the same columns without an index or a
constraint. It gets its rows ready made; the store computes units, numbers and series, checks the
samples, and keeps every unit once.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from benchmarks.figures.desk import opened
from benchmarks.figures.figure import Figure
from tests.support import stored, values
from tracker.config.settings import StoreSettings
from tracker.model.measurements import Measurement, Reading
from tracker.store.store import Store, open_store

COMMITS = 125
CELLS = 20
ROUNDS = 5
METRICS = ("time", "instructions")
SAMPLES = 20
#: measurements that are stored at once, as from the file of a run that lost its database
BATCH = 2500
#: measurements that are stored one by one, as a run does
SINGLE = 250
REPETITIONS = 5

TABLES = ("measurement", "reading")


def measure(directory: Path) -> list[Figure]:
    """Seconds of a COPY of half a million samples / seconds in which the store takes them."""
    with opened(directory) as desk, open_store(StoreSettings(url=""), places=desk.places) as store:
        world = stored.world(store, COMMITS)
        measurements = _measurements(world)
        world.ingest(*measurements)
        rows = {table: _rows(store, table) for table in TABLES}
        bare, ingested, single = [], [], []
        for _ in range(REPETITIONS):
            bare.append(_seconds(lambda: _copy(store, rows)))
            _empty(store)
            ingested.append(_seconds(lambda: _ingest(world, measurements, BATCH)))
            _empty(store)
            single.append(_seconds(lambda: _ingest(world, measurements[:SINGLE], 1)) / SINGLE)
            _empty(store)
    seconds = statistics.median(ingested)
    return [
        Figure(
            name="speed of ingest / bare COPY",
            value=statistics.median(bare) / seconds,
            unit="×",
            target=0.5,
            at_least=True,
            parts={
                "bare COPY": statistics.median(bare),
                "ingest": seconds,
                "samples a second": len(rows["reading"]) * SAMPLES / seconds,
                "one measurement alone": statistics.median(single),
            },
        )
    ]


def _measurements(world: stored.World) -> list[Measurement]:
    """Measurements of two readings of twenty samples, in the order of a run."""
    random = Random(1)
    builds = [values.build(f"{number:064d}") for number in range(COMMITS)]
    cells = [values.cell(f"benchmark_{number}") for number in range(CELLS)]
    for number, build in enumerate(builds):
        world.built(number, build)
    coordinates = {
        (cell.key, metric): world.coordinate(builds[0], cell, metric=metric)
        for cell in cells
        for metric in METRICS
    }
    world.store.remember_cells(cells)

    def reading(cell: str, metric: str) -> Reading:
        samples = tuple(random.gauss(1e-3, 1e-5) for _ in range(SAMPLES))
        return Reading(
            coordinate=coordinates[cell, metric],
            samples=samples,
            loops=10,
            value=statistics.median(samples),
        )

    return [
        replace(
            world.measurement(number, build, cell, number_of_round),
            readings=tuple(reading(cell.key, metric) for metric in METRICS),
        )
        for number_of_round in range(ROUNDS)
        for number, build in enumerate(builds)
        for cell in cells
    ]


def _seconds(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _ingest(world: stored.World, measurements: Sequence[Measurement], size: int) -> None:
    for start in range(0, len(measurements), size):
        world.ingest(*measurements[start : start + size])


def _rows(store: Store, table: str) -> list[tuple[Any, ...]]:
    """The rows of a table, as psycopg takes them; an empty copy of the table beside it."""
    with store.transaction() as connection:
        driver = _driver(connection.connection.driver_connection)
        driver.execute(f"CREATE TABLE bare_{table} (LIKE {table})")
        return [
            tuple(Jsonb(value) if isinstance(value, dict) else value for value in row)
            for row in driver.execute(f"SELECT * FROM {table}")  # noqa: S608  a name of this file
        ]


def _copy(store: Store, rows: dict[str, list[tuple[Any, ...]]]) -> None:
    with store.transaction() as connection:
        driver = _driver(connection.connection.driver_connection)
        for table in TABLES:
            with driver.cursor() as cursor, cursor.copy(f"COPY bare_{table} FROM STDIN") as copy:
                for row in rows[table]:
                    copy.write_row(row)


def _empty(store: Store) -> None:
    with store.transaction() as connection:
        _driver(connection.connection.driver_connection).execute(
            "TRUNCATE bare_measurement, bare_reading, measurement, reading, telemetry, series,"
            " build_point, build_tally, run_build"
        )


def _driver(connection: object) -> psycopg.Connection[Any]:
    assert isinstance(connection, psycopg.Connection)  # noqa: S101  the store's only driver
    return connection
