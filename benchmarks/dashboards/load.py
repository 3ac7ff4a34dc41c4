"""Fill an empty database with years of nights."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from tracker.store.store import Store
from tracker.store.summaries import SUMMARIES, rebuild

_STATEMENTS = Path(__file__).with_name("history.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much there is: a process for each commit, series and round."""

    commits: int = 2000
    series: int = 1000
    rounds: int = 5
    #: commits that one night measures
    a_night: int = 5
    #: nights, the latest, whose sensors are stored: with all of them it would not fit on a desk
    sensed: int = 20


def load(store: Store, size: Size) -> None:
    """Store it, with what is summed up of it, and let PostgreSQL learn what it has."""
    with store.transaction() as connection:
        driver = _driver(connection)
        driver.execute("SET LOCAL maintenance_work_mem = '512MB'")
        driver.execute("SET LOCAL work_mem = '256MB'")
        cursor = psycopg.ClientCursor(driver)
        for statement in _STATEMENTS.read_text("utf-8").split(";\n\n"):
            start = time.perf_counter()
            cursor.execute(statement.encode(), asdict(size))
            _tell(statement, time.perf_counter() - start)
        for summary in SUMMARIES:
            start = time.perf_counter()
            rebuild(connection, summary)
            _tell(summary.table, time.perf_counter() - start)
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM (ANALYZE)"))


def _tell(what: str, seconds: float) -> None:
    """Some statements take minutes: say which one was just done."""
    if seconds > 1:
        named = next(line for line in what.splitlines() if line and not line.startswith("--"))
        print(f"  {seconds:6.1f} s  {named[:60]}", flush=True)


def _driver(connection: sa.Connection) -> psycopg.Connection[Any]:
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)  # noqa: S101  the store's only driver
    return driver
