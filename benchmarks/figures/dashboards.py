"""How long does Grafana wait for each statement of each dashboard, over years of nights?

Ten million processes of 2,000 commits and 1,000 series in the embedded server as it comes. Every
statement of a panel, a variable or an annotation is sent as Grafana sends it, as a user who may
only read: first with what Grafana chooses by itself, then with what users may choose, each several
times. A time is that of the answer with all of its rows, without Grafana's own work on them. Where
it was long, the dashboard is asked once more, since machines have other work: of a statement the
quietest try counts, and how many there were stands beside it.
Loading takes a quarter of an hour and ten gigabytes.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from benchmarks.dashboards.choices import Choice, choices
from benchmarks.dashboards.load import Size, load
from benchmarks.dashboards.plans import lines, scanned
from benchmarks.figures.desk import opened
from benchmarks.figures.figure import RESULTS, Figure
from tests.support import grafana
from tracker.config.settings import StoreSettings
from tracker.store.store import open_store

#: milliseconds, for 95 of 100 answers to each statement
TARGET = 100.0
CHOICES = 20
REPETITIONS = 5
TRIES = 4

#: it prepares nothing: each statement is planned each time
_OF_GRAFANA: dict[str, Any] = {"autocommit": True, "prepare_threshold": None}

Reader = psycopg.Connection[dict[str, Any]]


@dataclass(slots=True)
class Asked:
    """One statement and how it was answered."""

    statement: grafana.Asked
    #: milliseconds of each answer, of the quietest try
    times: list[float] = field(default_factory=list)
    tries: int = 0
    #: most rows of an answer
    rows: int = 0
    #: what took longest, and its shortest time
    worst: tuple[float, Choice | None] = (0.0, None)
    #: large tables that a plan read whole
    scanned: set[str] = field(default_factory=set)

    @property
    def p95(self) -> float:
        return _p95(self.times)

    def tried(self, times: list[float]) -> None:
        self.tries += 1
        if not self.times or _p95(times) < self.p95:
            self.times = times


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20, method="inclusive")[-1]


def measure(directory: Path) -> list[Figure]:
    """Times of all statements; stores their plans beside the figures."""
    with opened(directory) as desk, open_store(StoreSettings(url=""), places=desk.places) as store:
        load(store, Size())
        with psycopg.connect(store.address.url, row_factory=dict_row, **_OF_GRAFANA) as reader:
            reader.execute("SET ROLE tracker_reader")
            return figures(reader)


def figures(reader: Reader) -> list[Figure]:
    """Ask everything of a database that is there."""
    answered = [
        one
        for name in sorted({a.dashboard for a in grafana.asked()})
        for one in _asked(reader, name)
    ]
    _store_plans(reader, answered)
    return [
        Figure(
            name="statements that read a large table whole",
            value=sum(bool(one.scanned) for one in answered),
            unit="",
            target=0,
            parts={str(one.statement): len(one.scanned) for one in answered if one.scanned},
        ),
        *(
            Figure(
                name=str(one.statement),
                value=one.p95,
                unit="ms",
                target=TARGET,
                parts={
                    "median": statistics.median(one.times),
                    "most": max(one.times),
                    "rows": one.rows,
                    "tries": one.tries,
                },
            )
            for one in answered
        ),
    ]


def _asked(reader: Reader, dashboard: str) -> list[Asked]:
    """Ask the statements of a dashboard, those that took long some times more."""
    answered = [Asked(one) for one in grafana.asked() if one.dashboard == dashboard]
    made = list(choices(dashboard, lambda sql: _offered(reader, sql), CHOICES))
    for one in answered:
        for choice in made:
            one.scanned |= set(scanned(_plan(reader, choice.expanded(one.statement.sql))))
    slow = answered
    for _ in range(TRIES):
        _try(reader, slow, made)
        slow = [one for one in slow if one.p95 > TARGET]
    return answered


def _try(reader: Reader, statements: Sequence[Asked], made: Sequence[Choice]) -> None:
    """Ask statements by turns, so that a busy moment hits all alike."""
    times: dict[int, list[float]] = {number: [] for number, _ in enumerate(statements)}
    for choice in made:
        for number, one in enumerate(statements):
            times[number] += _ask(reader, one, choice)
    for number, one in enumerate(statements):
        one.tried(times[number])


def _ask(reader: Reader, one: Asked, choice: Choice) -> list[float]:
    """Milliseconds of each answer."""
    sql = choice.expanded(one.statement.sql).encode()
    times = []
    for _ in range(REPETITIONS):
        start = time.perf_counter()
        answer = reader.execute(sql)
        times.append((time.perf_counter() - start) * 1e3)
        one.rows = max(one.rows, answer.rowcount)
    one.worst = max(one.worst, (min(times), choice), key=lambda worst: worst[0])
    return times


def _offered(reader: Reader, sql: str) -> Sequence[str]:
    rows = reader.execute(sql.encode()).fetchall()
    return [str(row.get("__value", next(iter(row.values())))) for row in rows]


def _plan(reader: Reader, sql: str, options: str = "FORMAT JSON") -> dict[str, Any]:
    row = reader.execute(f"EXPLAIN ({options}) {sql}".encode()).fetchone()
    assert row is not None  # noqa: S101  a plan is always told
    return dict(row["QUERY PLAN"][0]["Plan"])


def _store_plans(reader: Reader, answered: Sequence[Asked]) -> None:
    """The plan of what took longest of each statement."""
    plans = {}
    for one in answered:
        milliseconds, choice = one.worst
        assert choice is not None  # noqa: S101  every statement was asked
        sql = choice.expanded(one.statement.sql)
        plans[str(one.statement)] = {
            "milliseconds": round(milliseconds, 1),
            "plan": list(lines(_plan(reader, sql, "ANALYZE, BUFFERS, FORMAT JSON"))),
        }
    path = RESULTS / "dashboards-plans.json"
    path.write_text(json.dumps(plans, indent=1, ensure_ascii=False) + "\n", "utf-8")
