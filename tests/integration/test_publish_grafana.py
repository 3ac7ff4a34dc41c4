"""Every statement of every dashboard, sent as Grafana would send it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.support import grafana, values
from tests.support.stored import PROJECT, World, world
from tracker.config.places import Places
from tracker.config.settings import StoreSettings
from tracker.model.cells import Cell
from tracker.model.environments import Build
from tracker.model.findings import Confirmation, Effect, Finding, FindingKind, Outcome, Verdict
from tracker.model.measurements import Measurement, Reading, State
from tracker.model.suites import Direction, Kind
from tracker.model.telemetry import Channel, Telemetry
from tracker.store.address import Address
from tracker.store.binaries import programs
from tracker.store.embedded import Embedded
from tracker.store.store import Store, open_store
from tracker.store.summaries import SUMMARIES

Choice = dict[str, str | Sequence[str]]
Reader = psycopg.Connection[dict[str, Any]]

SINCE = datetime(2023, 1, 1, tzinfo=UTC)
UNTIL = datetime(2100, 1, 1, tzinfo=UTC)
CELL = values.cell("parse", parameters=(("size", "'it''s {8}; --'"),))
HOSTILE = (
    "'; DROP TABLE reading; --",
    "''",
    "\\'; SELECT pg_sleep(60); --",
    "}${project}",
    "$$ {a,b} {{c}} [d]",
    "größe 漢字 🙂",
    "",
    'a "quoted" one',
    "%s %(name)s :name",
    "/* " + "x" * 10_000,
)
ASKED = list(grafana.asked())
SWEPT = [
    values.cell("generate", parameters=(("batch", batch), ("compiled", compiled)))
    for batch in ("1", "8")
    for compiled in ("False", "True")
]
ANSWERS = values.cell("answers", kind=Kind.quality)
CALLS = ("time", "first_call", "second_call", "third_call", "fourth_call")
TOKENS = ("first_token", "second_token", "third_token", "later_token")
TELEMETRY = Telemetry(
    channels=(
        Channel(name="cpu_time", unit="s", offsets=(0.0, 0.5), values=(0.1, 0.35)),
        Channel(name="gpu0_memory", unit="bytes", offsets=(0.0, 0.5), values=(4e9, 6e9)),
        Channel(name="gpu0_utilization", unit="share", offsets=(0.5,), values=(0.75,)),
        Channel(name="memory", unit="B", offsets=(0.0, 0.5), values=(1e9, 2e9)),
        Channel(name="temperature", unit="°C", offsets=(0.5,), values=(61.5,)),
    ),
    overhead=0.001,
)


@pytest.fixture(scope="module")
def url(embedded: Embedded) -> Iterator[str]:
    """One database for all statements: none of them can change it."""
    address = embedded.start()
    with address.connect(autocommit=True) as connection:
        connection.execute("CREATE DATABASE dashboards")
    yield address.with_parameters(dbname="dashboards").url
    with address.connect(autocommit=True) as connection:
        connection.execute("DROP DATABASE dashboards WITH (FORCE)")


@pytest.fixture(scope="module")
def here(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Four commits: 1.0 s, 1.0 s, 1.2 s with a finding, and one that does not run."""
    home = tmp_path_factory.mktemp("store")
    places = Places(cache=home / "cache", state=home / "state")
    with open_store(StoreSettings(url=url), places=places) as store:
        yield _filled(store)


def _filled(store: Store) -> World:
    here = world(store)
    store.remember_cells([CELL])
    for number, value in enumerate((1.0, 1.0, 1.2)):
        build = values.build(f"{number}" * 64)
        here.built(number, build)
        here.ingest(
            *(
                here.measurement(number, build, CELL, n, value=value + n / 100, telemetry=TELEMETRY)
                for n in range(3)
            )
        )
        if number == 0:
            here.ingest(_with_two_threads(here, build))
        else:
            here.ingest(_of(here, number, build, ANSWERS, {"accuracy": (0.9 - number / 10, "1")}))
        if number == 2:
            here.ingest(*(_generated(here, build, cell) for cell in SWEPT))
    broken = values.build("9" * 64)
    here.built(3, broken)
    here.ingest(here.measurement(3, broken, CELL, state=State.benchmark_failed, reason="boom <b>"))
    series = here.coordinate(values.build(), CELL)
    verdict = Verdict(outcome=Outcome.slower, effect=0.2, low=0.19, high=0.21, mde=0.01, p=1e-6)
    effect = Effect(
        series=series.series,
        title="parse",
        metric="time",
        unit="s",
        verdict=verdict,
        before=1.01,
        after=1.21,
        q=1e-5,
    )
    found = Finding(
        kind=FindingKind.regression,
        commit=here.shas[2],
        after=here.shas[1],
        effects=(effect,),
        confirmation=Confirmation.confirmed,
    )
    gone = replace(found, kind=FindingKind.failed, commit=here.shas[3], after=here.shas[2])
    store.save_findings(here.project_id, here.run, [found, gone])
    store.finish_run(here.run, "finished")
    store.remember_machine(values.machine(kernel="7"))
    with store.transaction() as connection:
        connection.exec_driver_sql(
            "INSERT INTO calibration (project_id, run_id, machine_class, suite_hash, profile, at,"
            " decisions, alarms, powers, seconds_a_commit)"
            " SELECT project_id, id, 'test-2', '5', 'nightly', now(), 2000, 1, '[]', 5 FROM run"
        )
        connection.exec_driver_sql("UPDATE project SET commit_url = 'https://example.org/{sha}'")
        connection.exec_driver_sql(
            "UPDATE commit SET subject = '<script>alert(1)</script> & more' WHERE sha = %s",
            (here.shas[1],),
        )
    return here


def _generated(here: World, build: Build, cell: Cell) -> Measurement:
    """Twice as fast compiled; eight at once take four times as long as one."""
    batch, compiled = (value for _, value in cell.parameters)
    seconds = (0.1 if batch == "1" else 0.4) / (2 if compiled == "True" else 1)
    given = dict.fromkeys((*CALLS, *TOKENS), (seconds, "s"))
    return _of(here, 2, build, cell, {**given, "peak_memory": (1e9, "bytes")})


def _of(
    here: World, number: int, build: Build, cell: Cell, given: dict[str, tuple[float, str]]
) -> Measurement:
    readings = tuple(
        Reading(
            coordinate=here.coordinate(
                build,
                cell,
                metric=metric,
                unit=unit,
                direction=Direction.more if metric == "accuracy" else Direction.less,
            ),
            samples=(value,),
            loops=1,
            warmup=(),
            value=value,
        )
        for metric, (value, unit) in given.items()
    )
    return here.measurement(number, build, cell, readings=readings, telemetry=TELEMETRY)


def _with_two_threads(here: World, build: Build) -> Measurement:
    """A value of another series that reads the same."""
    coordinate = here.coordinate(build, CELL, threads=2)
    reading = Reading(coordinate=coordinate, samples=(5.0,), loops=1, warmup=(), value=5.0)
    return here.measurement(0, build, CELL, 9, readings=(reading,), telemetry=TELEMETRY)


@pytest.fixture
def reader(url: str, here: World) -> Iterator[Reader]:
    """A session that may only read."""
    with psycopg.connect(url, row_factory=dict_row, autocommit=True) as connection:
        connection.execute("SET ROLE tracker_reader")
        connection.execute("SET statement_timeout = '5s'")
        yield connection


@pytest.fixture(scope="module")
def everything(url: str, here: World) -> Choice:
    """What a user has chosen who chose everything, by asking the variables."""
    choice: Choice = {
        "project": PROJECT.name,
        "branch": "(default)",
        "last": "100",
        "commit": here.shas[2],
        "base": here.shas[0],
        "head": here.shas[2],
        "commits": here.shas,
        "run": here.run,
    }
    with psycopg.connect(url, row_factory=dict_row) as connection:
        for one in ASKED:
            if one.kind == "variable" and one.name not in choice:
                rows = _ask(connection, one.sql, choice)
                choice[one.name] = [str(next(iter(row.values()))) for row in rows]
    return choice


def _ask(connection: Reader, sql: str, choice: Choice) -> list[dict[str, Any]]:
    return connection.execute(grafana.expanded(sql, choice, SINCE, UNTIL).encode()).fetchall()


def _panel(connection: Reader, choice: Choice, dashboard: str, name: str) -> list[dict[str, Any]]:
    (one,) = (a for a in ASKED if (a.dashboard, a.name) == (dashboard, name))
    return _ask(connection, one.sql, choice)


#: what has no rows because nothing of the kind happened
QUIET = {"commit: Failures A"}


@pytest.mark.parametrize("one", ASKED, ids=str)
def test_every_statement_gives_the_columns_that_grafana_needs(
    one: grafana.Asked, everything: Choice, reader: Reader
) -> None:
    rows = _ask(reader, one.sql, everything)
    assert bool(rows) is (str(one) not in QUIET)
    if one.form == "time_series":
        assert {"time", "metric", "value"} == set(rows[0])
        assert all(isinstance(row["time"], datetime) for row in rows)
        assert all(isinstance(row["value"], float) for row in rows)
        moments = [row["time"] for row in rows]
        assert moments == sorted(moments)
        # long rows are made wide: one value a line and moment
        assert len({(row["time"], row["metric"]) for row in rows}) == len(rows)
    if one.kind == "annotation":
        assert {"time", "text", "tags"} == set(rows[0])


@pytest.mark.parametrize("one", ASKED, ids=str)
@pytest.mark.parametrize(
    "hostile",
    [HOSTILE, [f"value {n}" for n in range(1000)], []],
    ids=["hostile", "many", "none"],
)
def test_hostile_values_are_values(
    one: grafana.Asked,
    hostile: Sequence[str],
    everything: Choice,
    reader: Reader,
) -> None:
    choice: Choice = dict.fromkeys(everything, hostile) | {"last": "100"}
    rows = _ask(reader, one.sql, choice)
    depends = "${project:sqlstring}" in one.sql and one.form == "table"
    if depends and one.kind != "variable":
        assert all(set(row.values()) <= {None, 0} for row in rows)


def test_a_number_that_is_none_is_refused_and_nothing_happens(
    everything: Choice, reader: Reader
) -> None:
    (one,) = (a for a in ASKED if str(a) == "series: Along the commits A")
    with pytest.raises(psycopg.DataError):
        _ask(reader, one.sql, everything | {"last": HOSTILE[0]})


def test_a_reader_cannot_write(reader: Reader) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute("DELETE FROM reading")


def test_the_login_for_grafana_reads_and_not_for_long(url: str, here: World) -> None:
    password = 'it\'s a "secret" $HOME'  # noqa: S105  of a role that lives for this test
    script = grafana.DASHBOARDS.parent / "reader.sql"
    address = Address.parse(url)
    make: list[str | Path] = [
        programs() / "psql",
        url,
        "-v",
        "ON_ERROR_STOP=1",
        "-v",
        f"password={password}",
    ]
    try:
        for _ in range(2):  # a second time changes the password
            subprocess.run([*make, "-f", script], check=True, capture_output=True)
        login = address.with_parameters(user="dashboard", password=password)
        with login.connect(autocommit=True) as connection:
            assert connection.execute("SHOW statement_timeout").fetchone() == ("10s",)
            assert connection.execute("SELECT count(*) FROM line_commit").fetchone() == (4,)
            # of the metrics recorder's tables, the other schema need not be named
            assert connection.execute("SELECT count(*) FROM benchmarks").fetchone() == (16,)
            for summary in SUMMARIES:
                assert connection.execute(f"TABLE {summary.table} LIMIT 1".encode()).fetchone()
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                connection.execute("CREATE TEMPORARY TABLE mine ()")
    finally:
        with address.connect(autocommit=True) as connection:
            connection.execute("DROP ROLE IF EXISTS dashboard")


def test_a_series_runs_along_the_commits(everything: Choice, reader: Reader) -> None:
    choice = everything | {"benchmark": "parse"}
    medians = _panel(reader, choice, "series", "Along the commits A")
    assert sorted(row["value"] for row in medians) == pytest.approx([1.01, 1.01, 1.21, 5.0])
    assert len({row["metric"] for row in medians}) == 2
    processes = _panel(reader, choice, "series", "Along the commits B")
    assert [
        row["value"] for row in sorted(processes, key=lambda row: float(row["value"]))
    ] == pytest.approx([1.0, 1.0, 1.01, 1.01, 1.02, 1.02, 1.2, 1.21, 1.22, 5.0])
    assert len(_panel(reader, choice, "series", "Along the commits C")) == 8
    newest, middle, *oldest = _panel(reader, choice, "series", "Values by commit A")
    assert newest["change"] == pytest.approx(0.2 / 1.01)
    assert [row["change"] for row in (middle, *oldest)] == [0, None, None]
    first, second = _panel(reader, choice, "series", "Findings")
    assert first["text"] == "regression 00000000 Change 2: parse +20.0 %"
    assert second["tags"] == "failed,confirmed,open"


def test_hovering_over_a_commit_tells_its_subject_as_text(
    here: World, everything: Choice, reader: Reader
) -> None:
    marks = _panel(reader, everything, "series", "Commits")
    assert [row["tags"] for row in marks] == ["commit"] * 4
    assert marks[1]["text"] == (
        f'<a href="https://example.org/{here.shas[1]}">00000000</a>'
        " &lt;script>alert(1)&lt;/script> &amp; more, A. Author"
    )


@pytest.mark.parametrize(
    ("dashboard", "panel"),
    [
        ("commit", "Against the measured commit before it A"),
        ("compare", "Head against base A"),
    ],
)
def test_two_commits_stand_side_by_side(
    dashboard: str, panel: str, everything: Choice, reader: Reader
) -> None:
    row = _panel(reader, everything, dashboard, panel)[0]
    assert (row["before"], row["after"]) == pytest.approx((1.01, 1.21))
    assert row["change"] == pytest.approx(0.2 / 1.01)
    assert (row["processes_before"], row["processes_after"]) == (3, 3)


def test_scaling_is_against_a_parameter(everything: Choice, reader: Reader) -> None:
    choice = everything | {"parameter": "batch"}
    rows = _panel(reader, choice, "scaling", "Throughput A")
    of_time = [row for row in rows if "generate[compiled=False] time " in row["line"]]
    assert [(row["x"], row["throughput"]) for row in of_time] == [(1, 10.0), (8, 20.0)]
    efficiency = _panel(reader, choice, "scaling", "Efficiency A")
    assert [row["efficiency"] for row in efficiency[:2]] == [1.0, 0.25]
    memory = _panel(reader, choice, "scaling", "Memory A")
    assert {row["bytes"] for row in memory} == {1e9}


def test_quality_stands_beside_speed(everything: Choice, reader: Reader) -> None:
    choice = everything | {"beside": "parse"}
    newest, *_ = _panel(reader, choice, "quality", "What commits changed A")
    assert newest["quality"] == pytest.approx(-1 / 8)
    assert newest["time"] == pytest.approx(0.2 / 1.01)
    quality = _panel(reader, choice, "quality", "Quality A")
    assert [row["value"] for row in quality] == pytest.approx([0.8, 0.7])


def test_eager_and_compiled_calls_are_apart(
    here: World, everything: Choice, reader: Reader
) -> None:
    commits = _panel(reader, everything, "transformers", "Commits A")
    assert commits[0]["commit_id"] == here.shas[3]
    assert [row["processes"] for row in commits] == [1, 8, 4, 4]
    for title, seconds in (
        ("First eager forward pass A", [0.1, 0.4]),
        ("Fourth compile generate A", [0.05, 0.2]),
        ("Time to third token A", [0.05, 0.1, 0.2, 0.4]),
    ):
        bars = _panel(reader, everything, "transformers", title)
        assert sorted(row["value"] for row in bars) == pytest.approx(seconds)
    (processor,) = {
        row["value"] for row in _panel(reader, everything, "transformers", "CPU utilization A")
    }
    assert processor == pytest.approx(0.5)


def test_the_overview_counts(everything: Choice, reader: Reader) -> None:
    (regressions,) = _panel(reader, everything, "overview", "Open regressions A")
    assert regressions == {"findings": 1}
    (alarms,) = _panel(
        reader, everything, "overview", "False alarms per 1,000 decisions, measured A"
    )
    assert alarms == {"alarms": 0.5}
    (share,) = _panel(reader, everything, "overview", "Cells measured at the newest commit A")
    assert share == {"share": 0.0}
    commits = _panel(reader, everything, "overview", "Commits and what they have A")
    assert [(row["measured"], row["without"], row["failed"]) for row in commits] == [
        (0, 1, 1),
        (6, 0, 0),
        (2, 0, 0),
        (1, 0, 0),
    ]
    findings = _panel(reader, everything, "overview", "Open findings A")
    assert [row["kind"] for row in findings] == ["regression", "failed"]


def test_sensors_and_machines(everything: Choice, reader: Reader) -> None:
    sensors = _panel(reader, everything, "device", "Sensors during the run A")
    assert {row["metric"]: row["value"] for row in sensors} == {
        "cpu_time (s)": pytest.approx(0.225),
        "gpu0_memory (bytes)": 5e9,
        "gpu0_utilization (share)": 0.75,
        "memory (B)": 1.5e9,
        "temperature (°C)": 61.5,
    }
    (failed,) = _panel(reader, everything, "fleet", "Processes that failed, of the last run A")
    assert failed == {"share": pytest.approx(1 / 17)}
    (failure,) = _panel(reader, everything, "fleet", "Failures A")
    assert (failure["state"], failure["reason"]) == ("benchmark-failed", "boom <b>")
    changed, before = _panel(reader, everything, "fleet", "Machines A")
    assert "kernel" in changed["changes"]
    assert before["changes"] is None
