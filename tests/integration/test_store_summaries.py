"""What is summed up for dashboards is what was stored, whatever happens to it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from tests.support import values
from tests.support.stored import World, world
from tracker.model.environments import Build
from tracker.model.measurements import State
from tracker.model.purposes import Aim, Purpose
from tracker.model.telemetry import Channel, Telemetry
from tracker.publish.spots import median_interval
from tracker.store.store import Store
from tracker.store.summaries import SUMMARIES
from tracker.store.verify import verify

CELL = values.cell()
OTHER = values.cell("other")
BUILD = values.build("1" * 64)
TELEMETRY = Telemetry(
    channels=(
        Channel(name="cpu_time", unit="s", offsets=(0.0, 1.0, 61.0), values=(0.25, 1.0, 31.0)),
        Channel(name="memory", unit="B", offsets=(0.5,), values=(1e9,)),
    ),
    overhead=0.001,
)


@pytest.fixture
def here(store: Store) -> World:
    made = world(store)
    made.built(0, BUILD)
    return made


def _rows(here: World, sql: str) -> list[tuple[Any, ...]]:
    with here.store.transaction() as connection:
        return [tuple(row) for row in connection.execute(sa.text(sql))]


def _problems(here: World) -> list[str]:
    return [problem for check in verify(here.store) for problem in check.problems]


def _failed(here: World, build: Build, number: int, **fields: Any) -> int:
    return here.ingest(
        here.measurement(0, build, CELL, number, state=State.timed_out, reason="slow", **fields)
    )


def test_processes_are_added_up_as_they_come(here: World) -> None:
    for number, value in enumerate((3.0, 1.0, 2.0, 4.0)):
        here.ingest(here.measurement(0, BUILD, CELL, number, value=value))
    _failed(here, BUILD, 4)
    _failed(here, BUILD, 5)
    for _ in range(2):  # stored once
        here.ingest(here.measurement(0, BUILD, OTHER, state=State.benchmark_failed, reason="no"))
    # an experiment is work of its run, and no part of the history
    purpose = Purpose(aim=Aim.compare, key="a..b")
    here.ingest(here.measurement(0, BUILD, CELL, 0, value=9.0, purpose=purpose))
    point = "SELECT values, processes, median, low, high FROM build_point"
    assert _rows(here, point) == [([1.0, 2.0, 3.0, 4.0], 4, 2.5, 1.0, 4.0)]
    assert _rows(here, "SELECT cells, measured, failed FROM build_tally") == [(2, 1, 3)]
    assert _rows(here, "SELECT processes, failed FROM run_build") == [(8, 3)]
    assert _problems(here) == []


def test_sensors_are_added_up_and_what_is_forgotten_is_taken_out_again(here: World) -> None:
    here.ingest(here.measurement(0, BUILD, CELL, 0, telemetry=TELEMETRY))
    _failed(here, BUILD, 1, telemetry=TELEMETRY)
    used = """
        SELECT channel, readings, total, lowest, highest, rise, seconds
        FROM run_sensor ORDER BY channel, minute
    """
    assert _rows(here, used) == [
        ("cpu_time", 4, 2.5, 0.25, 1.0, 1.5, 2.0),
        ("cpu_time", 2, 62.0, 31.0, 31.0, 60.0, 120.0),
        ("memory", 2, 2e9, 1e9, 1e9, 0.0, 0.0),
    ]
    # what was measured before there were sums is summed up by the migration
    here.store.migrate(to=6)
    here.store.migrate()
    assert _problems(here) == []
    assert here.store.forget_failed(here.project_id, here.shas) == 1
    assert _rows(here, used) == [
        ("cpu_time", 2, 1.25, 0.25, 1.0, 0.75, 1.0),
        ("cpu_time", 1, 31.0, 31.0, 31.0, 30.0, 60.0),
        ("memory", 1, 1e9, 1e9, 1e9, 0.0, 0.0),
    ]
    assert _rows(here, "SELECT cells, measured, failed FROM build_tally") == [(1, 1, 0)]
    assert _rows(here, "SELECT processes, failed FROM run_build") == [(1, 0)]
    assert _problems(here) == []


def test_commands_that_measure_one_build_at_once_lose_nothing(here: World) -> None:
    def measure(number: int) -> None:
        here.ingest(
            here.measurement(0, BUILD, CELL, number, telemetry=TELEMETRY),
            here.measurement(0, BUILD, OTHER, number, state=State.timed_out, reason="slow"),
        )

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(measure, range(24)))
    assert _rows(here, "SELECT processes FROM build_point") == [(24,)]
    assert _rows(here, "SELECT cells, measured, failed FROM build_tally") == [(2, 1, 24)]
    assert _problems(here) == []


def test_what_is_wrong_is_told_and_made_anew(here: World) -> None:
    here.ingest(here.measurement(0, BUILD, CELL, 0, telemetry=TELEMETRY))
    with here.store.transaction() as connection:
        connection.execute(sa.text("UPDATE build_point SET values = '{7}'"))
        connection.execute(sa.text("UPDATE build_tally SET cells = 7"))
        connection.execute(sa.text("DELETE FROM run_build"))
        connection.execute(sa.text("UPDATE run_sensor SET total = total * 1.01"))
    assert [
        len(check.problems)
        for check in verify(here.store)
        if any(summary.table in check.what for summary in SUMMARIES)
    ] == [1, 1, 1, 3]
    assert _problems(here) == []


def test_the_interval_of_a_median_is_that_of_reports(here: World) -> None:
    ranks = _rows(here, "SELECT n, median_rank(n) FROM generate_series(1, 120) AS n")
    assert [rank for _, rank in ranks] == [median_interval(range(n))[0] for n, _ in ranks]
    assert _rows(here, "SELECT median_rank(1000), median_rank(1001)") == [(468, 469)]
