"""Every statement of every dashboard, sent as Grafana would send it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import NoneType
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.support import grafana
from tests.support.grafana_data import history
from tests.support.stored import PROJECT, World
from tracker.config.places import Places
from tracker.config.settings import StoreSettings
from tracker.store.address import Address
from tracker.store.binaries import programs
from tracker.store.embedded import Embedded
from tracker.store.store import open_store
from tracker.store.summaries import SUMMARIES

Choice = dict[str, str | Sequence[str]]
Reader = psycopg.Connection[dict[str, Any]]

SINCE = datetime(2023, 1, 1, tzinfo=UTC)
UNTIL = datetime(2100, 1, 1, tzinfo=UTC)
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
        yield history(store)


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
                offered = [
                    str(next(iter(row.values()))) for row in _ask(connection, one.sql, choice)
                ]
                choice[one.name] = offered if one.several else offered[0]
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
        assert "time" in rows[0]
        assert all(isinstance(row["time"], datetime) for row in rows)
        numbers = [v for row in rows for name, v in row.items() if name not in ("time", "metric")]
        assert {type(number) for number in numbers} <= {float, NoneType}
        moments = [row["time"] for row in rows]
        assert moments == sorted(moments)
        if "metric" in rows[0]:
            assert {"time", "metric", "value"} == set(rows[0])
            assert None not in numbers
        # long rows are made wide: one value a line and moment
        assert len({(row["time"], row.get("metric")) for row in rows}) == len(rows)
    if one.kind == "variable":
        # each text is offered once
        texts = [row.get("__text", next(iter(row.values()))) for row in rows]
        assert len(set(texts)) == len(texts)
        assert all(isinstance(text, str) for text in texts)
    if one.kind == "annotation":
        assert {"time", "text", "tags"} == set(rows[0])


@pytest.mark.parametrize("panel", grafana.panels(), ids=str)
def test_what_a_panel_refers_to_is_in_its_answer(
    panel: grafana.Panel, everything: Choice, reader: Reader
) -> None:
    drawn = set[str]()
    for target in panel.document["targets"]:
        cursor = reader.execute(
            grafana.expanded(target["rawSql"], everything, SINCE, UNTIL).encode()
        )
        columns = {column.name for column in cursor.description or ()}
        lines = target["format"] == "time_series" and "metric" in columns
        drawn |= {row["metric"] for row in cursor} if lines else columns
    assert panel.referred() <= drawn
    for pattern in panel.patterns():
        assert any(pattern.search(name) for name in drawn)


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
            assert connection.execute("SELECT count(*) FROM line_commit").fetchone() == (6,)
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
    earliest, _, latest = _panel(reader, choice, "series", "Along the commits C")
    assert sorted(value for name, value in earliest.items() if name != "time" and value) == (
        pytest.approx([1.0, 1.02, 5.0, 5.0])
    )
    assert [latest[end] for end in ("low_s_1", "high_s_1")] == pytest.approx([1.2, 1.22])
    newest, middle, *oldest = _panel(reader, choice, "series", "Values by commit A")
    assert newest["change"] == pytest.approx(0.2 / 1.01)
    assert [row["change"] for row in (middle, *oldest)] == [0, None, None]
    first, second = _panel(reader, choice, "series", "Findings")
    assert first["text"] == "regression 00000000 Change 2: parse +20.0 %"
    assert second["tags"] == "failed,confirmed,open"


def test_findings_are_told_of_the_series_that_are_shown(everything: Choice, reader: Reader) -> None:
    worst, _ = _panel(reader, everything, "series", "Findings")
    assert worst["text"] == "regression 00000000 Change 2: parse +20.0 %, and 1 more"
    (other,) = _panel(reader, everything | {"benchmark": "generate"}, "series", "Findings")
    assert other["text"] == "regression 00000000 Change 2: generate &lt;b> +20.0 %"
    assert _panel(reader, everything | {"benchmark": "answers"}, "series", "Findings") == []
    (better,) = _panel(reader, everything, "series", "Improvements")
    assert better["tags"] == "improvement,confirmed,open"


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


def test_the_newest_of_two_branches_are_compared(
    here: World, everything: Choice, reader: Reader
) -> None:
    first: Choice = everything | {"branch": "topic", "base_branch": "(default)"}
    head = _panel(reader, first, "compare", "head")[0]["__value"]
    assert head not in here.shas
    assert _panel(reader, first | {"head": head}, "compare", "base")[0]["__value"] == here.shas[3]
    chosen = first | {"head": head, "base": here.shas[2]}
    sides = _panel(reader, chosen, "compare", "The commits A")
    assert [(row["side"], row["branch"], row["subject"]) for row in sides] == [
        ("head", "topic", "On a branch"),
        ("base", "(default)", "Change 2"),
    ]


def test_a_commit_and_what_it_is_held_against(
    here: World, everything: Choice, reader: Reader
) -> None:
    sides = _panel(
        reader,
        everything | {"commit": here.shas[3]},
        "commit",
        "The commit, and the measured one before it A",
    )
    assert [(row["side"], row["sha"]) for row in sides] == [
        ("head", here.shas[3]),
        ("before", here.shas[2]),
    ]


def test_at_first_a_commit_is_compared_with_the_one_before_it(
    here: World, everything: Choice, reader: Reader
) -> None:
    first: Choice = everything | {"base_branch": "(default)", "head": here.shas[3]}
    offered = [row["__value"] for row in _panel(reader, first, "compare", "base")]
    assert offered == [here.shas[number] for number in (2, 1, 0, 3)]


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
    (failing,) = _panel(reader, everything, "overview", "Benchmarks that fail or are missing A")
    assert failing == {"findings": 1}
    assert _panel(reader, everything, "overview", "Last night A") == [{"state": "running"}]
    (since,) = _panel(reader, everything, "overview", "Since it began A")
    assert 7200 <= since["seconds"] < 10_000
    newest, *_, before = _panel(reader, everything, "overview", "Nights A")
    assert newest["command"] == "tracker run HEAD~3..HEAD"
    assert before["command"].endswith("nightly")
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
    assert [row["kind"] for row in findings] == ["regression", "failed", "improvement"]


def test_an_address_leads_to_the_time_of_the_data(everything: Choice, reader: Reader) -> None:
    (start,), (end,) = (
        [row["moment"] for row in _panel(reader, everything, "series", name)]
        for name in ("start", "end")
    )
    first = datetime(2024, 1, 1, 12, tzinfo=UTC)
    assert int(start) == first.timestamp() * 1000 - 5000
    assert int(end) == (first + timedelta(days=3)).timestamp() * 1000 + 3 + 5000
    nothing = everything | {"project": []}
    assert _panel(reader, nothing, "device", "start") == [{"moment": "now-1y"}]


def test_sensors_and_machines(everything: Choice, reader: Reader) -> None:
    charts = ("Utilization", "Memory", "Power", "Temperature", "Frequency")
    means, reads = (
        {
            (chart, row["metric"]): row["value"]
            for chart in charts
            for row in _panel(reader, everything, "device", f"{chart} {query}")
        }
        for query in "AB"
    )
    assert means == {
        ("Utilization", "cpu_time"): pytest.approx(0.5),
        ("Utilization", "gpu0_utilization"): 0.75,
        ("Memory", "gpu0_memory"): 5e9,
        ("Memory", "memory"): 1.5e9,
        ("Power", "gpu0_power"): 250,
        ("Temperature", "temperature"): 61.5,
        ("Frequency", "frequency"): 3e9,
    }
    assert reads["Utilization", "cpu_time, read"] == pytest.approx(0.5)
    assert len(reads) == len(means)
    (failed,) = _panel(reader, everything, "fleet", "Processes that failed, of the last run A")
    assert failed == {"share": pytest.approx(1 / 17)}
    (claimed,) = _panel(reader, everything, "fleet", "Queue: what is claimed A")
    assert (claimed["machine_name"], claimed["units"], claimed["lapsed"]) == ("bench-2", 2, 0)
    assert claimed["command"] == "nightly"
    (waiting,) = _panel(reader, everything, "fleet", "Commits newer than the newest measured one A")
    assert waiting == {"commits": 1}
    (failure,) = _panel(reader, everything, "fleet", "Failures A")
    assert (failure["state"], failure["reason"]) == ("benchmark-failed", "boom <b>")
    machines = _panel(reader, everything, "fleet", "Machines A")
    changes = {row["changes"] for row in machines if row["machine_name"] == "bench-1"}
    assert [change for change in changes if change and "kernel" in change]
    assert None in changes
