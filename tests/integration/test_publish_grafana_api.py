"""`tracker grafana` against a server that checks what it is sent, with a real database."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from psycopg.rows import dict_row

from tests.support import values
from tests.support.grafana_server import TOKEN, FakeGrafana, State
from tests.support.stored import PROJECT, World, world
from tracker.cli import errors
from tracker.cli import grafana as command
from tracker.cli.options import load_settings
from tracker.config.places import Places
from tracker.config.settings import Settings, StoreSettings
from tracker.errors import TrackerError
from tracker.model.findings import (
    Confirmation,
    Effect,
    Finding,
    FindingKind,
    Outcome,
    Triage,
    Verdict,
)
from tracker.model.measurements import State as Ended
from tracker.publish.grafana import compose
from tracker.publish.grafana.api import alerts
from tracker.store.address import Address
from tracker.store.embedded import Embedded
from tracker.store.sightings import sightings
from tracker.store.store import Store, open_store

PASSWORD = "of 'the' \"login\" $HOME"  # noqa: S105  of a role that lives for a test
OVERVIEW = "commit-tracker-overview"
GROUP = ("commit-tracker", "commit-tracker")
VERDICT = Verdict(outcome=Outcome.slower, effect=0.2, low=0.19, high=0.21, mde=0.01, p=1e-6)
EFFECT = Effect(
    series="a" * 64,
    title="parse[<b>size</b>=8]",
    metric="time",
    unit="s",
    verdict=VERDICT,
    before=1.0,
    after=1.2,
    q=1e-5,
)


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a command ended."""

    status: int
    out: str


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A database with findings, a Grafana, and the command between them."""

    here: World
    server: FakeGrafana

    @property
    def state(self) -> State:
        return self.server.state

    def call(self, *arguments: str) -> Result:
        """The command; what it shows never has a secret in it."""
        result = CliRunner().invoke(command.grafana, arguments)
        out, status = result.output, result.exit_code
        if isinstance(result.exception, TrackerError):
            out += errors.text(result.exception)
            status = result.exception.exit_status
        elif result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert TOKEN not in out
        assert PASSWORD not in out
        return Result(status=status, out=out)

    def writes(self, *arguments: str, status: int = 0) -> list[str]:
        """What a command changes at the server."""
        self.server.writes.clear()
        assert self.call(*arguments).status == status
        return list(self.server.writes)


@pytest.fixture(scope="module")
def here(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A regression at the third commit, a failure at the fourth: one database for all pushes."""
    home = tmp_path_factory.mktemp("store")
    places = Places(cache=home / "cache", state=home / "state")
    address = embedded.start()
    with address.connect(autocommit=True) as connection:
        connection.execute("CREATE DATABASE pushed")
    url = address.with_parameters(dbname="pushed").url
    with open_store(StoreSettings(url=url), places=places) as store:
        yield _filled(world(store))
    with address.connect(autocommit=True) as connection:
        connection.execute("DROP DATABASE pushed WITH (FORCE)")


def _filled(own: World) -> World:
    regression = Finding(
        kind=FindingKind.regression,
        commit=own.shas[2],
        after=own.shas[1],
        effects=(EFFECT,),
        confirmation=Confirmation.confirmed,
    )
    failed = Finding(kind=FindingKind.failed, commit=own.shas[3], after=own.shas[2], effects=())
    own.store.save_findings(own.project_id, own.run, [regression, failed])
    with own.store.transaction() as connection:
        connection.exec_driver_sql(
            "UPDATE commit SET subject = '<script>alert(1)</script>' WHERE sha = %s",
            (own.shas[2],),
        )
    return own


@pytest.fixture
def login(here: World) -> Iterator[None]:
    """The login that can only read, and findings that nobody has looked at."""
    with here.store.address.connect(autocommit=True) as connection:
        connection.execute("CREATE ROLE dashboard LOGIN IN ROLE tracker_reader")
        connection.execute("UPDATE finding SET triage = 'open'")
        yield
        connection.execute("DROP ROLE IF EXISTS dashboard")


@cache
def _settings(config: Path | None, overrides: tuple[str, ...]) -> Settings:
    """Read once: it takes longer than all else that a command does here."""
    return load_settings(config, overrides)


@pytest.fixture
def desk(
    here: World, login: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRACKER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TRACKER_DATABASE_URL", here.store.address.url)
    Path("tracker.yaml").write_text(
        "defaults: [tracker, override store: server, _self_]\n"
        f'project: {{name: "{PROJECT.name}", repository: ., package: sample}}\n'
        "suite: {name: sample, path: suite.py}\n",
        encoding="utf-8",
    )
    Path("suite.py").touch()
    monkeypatch.setattr(command, "load_settings", _settings)
    for name in ("TOKEN_FILE", "PASSWORD_FILE", "CONTACT", "CONTACT_FILE", "HOST", "SSLMODE"):
        monkeypatch.delenv(f"TRACKER_GRAFANA_{name}", raising=False)
    with FakeGrafana() as server:
        monkeypatch.setenv("TRACKER_GRAFANA_URL", server.url)
        monkeypatch.setenv("TRACKER_GRAFANA_TOKEN", TOKEN)
        monkeypatch.setenv("TRACKER_GRAFANA_PASSWORD", PASSWORD)
        yield Desk(here=here, server=server)
    assert not server.violations, "\n".join(server.violations)


def test_a_push_makes_everything_and_a_second_one_nothing(desk: Desk) -> None:
    before = desk.call("check")
    assert before.status == 5
    dry = desk.call("push", "--dry-run")
    assert (dry.status, desk.server.writes) == (0, [])
    assert "+ folder Commit tracker\n" in dry.out
    assert '    +  "database": ' in dry.out
    first = desk.writes("push")
    assert len(first) == 1 + 1 + len(desk.state.dashboards) + 2 + 1
    assert OVERVIEW in desk.state.dashboards
    assert desk.writes("push") == []
    done = desk.call("check")
    assert (done.status, done.out) == (0, "Grafana has all of it.\n")
    source = desk.state.sources["commit-tracker"]
    address = desk.here.store.address.parameters
    assert source["url"] == f"{address['host']}:{address['port']}"
    assert source["jsonData"]["database"] == address["dbname"]
    assert (source["user"], source["jsonData"]["sslmode"]) == ("dashboard", "disable")
    assert desk.state.secrets == {"password": PASSWORD}
    rules = desk.state.groups[GROUP]["rules"]
    assert [rule["uid"] for rule in rules] == [rule.uid for rule in alerts.RULES]


def test_annotations_keep_step_with_triage_and_leave_those_of_others(desk: Desk) -> None:
    others = [
        {"id": 9001, "time": 5, "timeEnd": 5, "text": "deployed", "tags": ["commit-tracker"]},
        {
            "id": 9002,
            "time": 5,
            "text": "of another project",
            "tags": ["commit-tracker", "project:other", "finding:1"],
        },
        {"id": 9003, "time": 5, "text": "a person's", "tags": ["finding:1"]},
    ]
    desk.state.annotations |= {int(str(one["id"])): one for one in others}
    desk.call("push")
    regression, failed = desk.here.store.findings(desk.here.project_id)
    own = {one["id"]: one for one in desk.state.annotations.values() if one["id"] < others[0]["id"]}
    assert len(own) == 2
    mark = next(one for one in own.values() if f"finding:{regression.id}" in one["tags"])
    assert mark["text"] == (
        "regression 00000000 &lt;script&gt;alert(1)&lt;/script&gt;"
        "<br>parse[&lt;b&gt;size&lt;/b&gt;=8] +20.0 %<br>● confirmed"
    )
    assert {"commit-tracker", f"project:{PROJECT.name}", "regression", "open"} <= {*mark["tags"]}
    committed = desk.here.commits[2].committed_at
    at = datetime.fromtimestamp(mark["time"] / 1000, UTC)
    assert timedelta(0) <= at - committed < timedelta(seconds=1)

    assert regression.id is not None
    assert failed.id is not None
    decide = desk.here.store.decide
    decide(desk.here.project_id, regression.id, Triage.acknowledged, who="me", note="known")
    dry = desk.call("push", "--dry-run").out
    assert "● confirmed, acknowledged" in dry
    assert desk.writes("push") == [f"PUT /api/annotations/{mark['id']}"]
    assert desk.state.annotations[mark["id"]]["text"].endswith("● confirmed, acknowledged")

    decide(desk.here.project_id, regression.id, Triage.false_alarm, who="me", note="noise")
    # what somebody copied is there once again afterwards
    copied = next(one for one in own.values() if f"finding:{failed.id}" in one["tags"])
    desk.state.annotations[9004] = copied | {"id": 9004}
    assert desk.writes("push") == [
        f"DELETE /api/annotations/{mark['id']}",
        "DELETE /api/annotations/9004",
    ]
    assert mark["id"] not in desk.state.annotations
    assert [desk.state.annotations[int(str(one["id"]))] for one in others] == others


def test_a_dashboard_that_somebody_changed_is_kept_unless_forced(desk: Desk) -> None:
    desk.call("push")
    desk.state.edit_dashboard(OVERVIEW, "by hand", description="mine", panels=[])
    kept = desk.call("push")
    assert kept.status == 5
    assert kept.out == (
        "! dashboard Commit tracker: Overview: somebody changed it in Grafana;"
        " --force writes over it\n"
    )
    assert desk.state.dashboards[OVERVIEW][-1]["dashboard"]["description"] == "mine"
    assert '    - "description": "mine"' in desk.call("push", "--dry-run", "--force").out
    assert desk.writes("push", "--force") == ["POST /api/dashboards/db"]
    assert "description" not in desk.state.dashboards[OVERVIEW][-1]["dashboard"]
    assert desk.writes("push") == []


def test_an_older_dashboard_of_ours_is_brought_up_to_date_where_it_was_moved(desk: Desk) -> None:
    desk.call("push")
    desk.state.folders["mine"] = {"uid": "mine", "title": "Mine"}
    desk.state.edit_dashboard(OVERVIEW, "commit-tracker 0123456789abcdef", panels=[])
    desk.state.dashboards[OVERVIEW][-1]["folder"] = "mine"
    assert desk.writes("push") == ["POST /api/dashboards/db"]
    assert desk.state.dashboards[OVERVIEW][-1]["folder"] == "mine"
    assert desk.state.dashboards[OVERVIEW][-1]["dashboard"]["panels"]


def test_a_folder_that_was_renamed_is_found(desk: Desk) -> None:
    desk.call("push")
    desk.state.folders["commit-tracker"]["title"] = "Benchmarks"
    assert desk.writes("push") == []
    assert [one["title"] for one in desk.state.folders.values()] == ["Benchmarks"]


def test_what_grafana_reads_from_files_is_left_to_them(desk: Desk) -> None:
    desk.call("push")
    desk.state.sources["commit-tracker"] |= {"readOnly": True, "url": "elsewhere:5432"}
    newest = desk.state.dashboards[OVERVIEW][-1]
    newest |= {"provisioned": True, "message": ""}
    newest["dashboard"]["title"] = "Older"
    desk.state.folders.clear()
    group = desk.state.groups.pop(GROUP)
    for rule in group["rules"]:
        rule |= {"provenance": "file", "folderUID": "of-file"}
    group["rules"][0]["title"] = "Older"
    desk.state.groups["of-file", "commit-tracker"] = group
    left = desk.call("push", "--force")
    assert left.status == 5
    assert [line[:30] for line in left.out.splitlines()] == [
        "! data source Commit tracker: ",
        "! dashboard Commit tracker: Ov",
        "! alert rule New confirmed reg",
    ]


def test_whom_the_rules_call(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def called() -> set[str]:
        rules = desk.state.groups[GROUP]["rules"]
        return {rule.get("notification_settings", {}).get("receiver", "") for rule in rules}

    desk.call("push")
    assert called() == {""}
    for contact, kind in (
        ("mailto:a@example.org, b@example.org", "email"),
        ("https://chat.example.org/hooks/s3cret", "webhook"),
    ):
        monkeypatch.setenv("TRACKER_GRAFANA_CONTACT", contact)
        assert "s3cret" not in desk.call("push", "--dry-run").out
        assert desk.call("push").status == 0
        assert called() == {"Commit tracker"}
        assert desk.state.contact_points[-1]["type"] == kind
        assert desk.writes("push") == []
    assert desk.state.contact_points[-1]["settings"]["url"].endswith("s3cret")
    monkeypatch.setenv("TRACKER_GRAFANA_CONTACT", "grafana-default-email")
    assert desk.call("push").status == 0
    assert called() == {"grafana-default-email"}
    monkeypatch.delenv("TRACKER_GRAFANA_CONTACT")
    assert desk.call("push").status == 0
    assert called() == {""}
    monkeypatch.setenv("TRACKER_GRAFANA_CONTACT", "nobody")
    unknown = desk.call("push")
    assert unknown.status == 2
    assert "[grafana.contact]" in unknown.out
    assert "Commit tracker, grafana-default-email" in unknown.out


def test_the_password_of_the_database_is_sent_again_when_it_no_longer_opens_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.call("push")
    desk.state.health = lambda known: "" if known == "new" else "password authentication failed"
    fault = desk.call("check")
    assert fault.status == 4
    assert "error: Grafana cannot read the database: password authentication failed" in fault.out
    assert "[grafana.database]" in desk.call("push").out
    monkeypatch.setenv("TRACKER_GRAFANA_PASSWORD", "new")
    assert desk.writes("push") == ["PUT /api/datasources/uid/commit-tracker"]
    assert desk.call("check").status == 0


@pytest.mark.parametrize(
    ("refused", "status", "told"),
    [
        ("/api/folders", 403, "error: the token for Grafana may not read folders"),
        ("/api/datasources", 401, "does not know the token   [grafana.token]"),
        ("/api/annotations", 500, "failed to read annotations"),
        ("/api/dashboards/db", 403, "may not store the dashboard 'Commit tracker: "),
        ("/api/frontend", 404, "is not Grafana   [grafana.unreachable]"),
        ("/api/datasources/uid", 503, "failed to read data sources: You'll need"),
        ("/api/dashboards/db", 301, "sends changes elsewhere, to https://grafana.example.org/"),
        ("/api/dashboards/db", 412, "would not store the dashboard 'Commit tracker: "),
    ],
)
def test_what_grafana_refuses_is_told_in_a_line_without_the_token(
    refused: str, status: int, told: str, desk: Desk
) -> None:
    desk.state.refusals[refused] = status
    desk.state.echo = f" for {TOKEN} and {PASSWORD}"
    failed = desk.call("push")
    assert failed.status == (2 if status in (401, 403) else 4)
    (line,) = [line for line in failed.out.splitlines() if line.startswith("error: ")]
    assert told in line


def test_an_old_grafana_is_told_in_a_line(desk: Desk) -> None:
    desk.state.version = "9.5.21"
    failed = desk.call("push")
    assert failed.status == 4
    assert failed.out.startswith(f"error: Grafana at {desk.server.url} is version 9.5.21;")
    assert desk.server.writes == []


def test_nobody_there_is_told_in_a_line(desk: Desk) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        failed = desk.call("push", "--url", f"http://127.0.0.1:{taken.getsockname()[1]}/below")
    assert failed.status == 4
    assert "/below cannot be reached: Connection refused   [grafana.unreachable]" in failed.out


def test_a_login_that_reads_is_needed_first(desk: Desk) -> None:
    with desk.here.store.address.connect(autocommit=True) as connection:
        connection.execute("DROP ROLE dashboard")
        failed = desk.call("push")
        connection.execute("CREATE ROLE dashboard LOGIN")
        powerless = desk.call("push")
    assert (failed.status, powerless.status) == (4, 4)
    assert failed.out == powerless.out
    assert "no login 'dashboard' that can read the tracker's tables   [store.reader]" in failed.out
    assert desk.server.writes == []


def test_a_new_data_source_needs_its_password(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRACKER_GRAFANA_PASSWORD")
    failed = desk.call("push")
    assert failed.status == 2
    assert "[grafana.password]" in failed.out
    assert desk.server.writes == []
    assert desk.call("check").status == 5


def test_a_token_comes_from_a_file_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_GRAFANA_TOKEN", "another")
    assert desk.call("check").status == 2
    Path("token").write_text(f"{TOKEN}\n", encoding="ascii")
    assert desk.call("check", "--token-file", "token").status == 5
    missing = desk.call("check", "--token-file", "nowhere")
    assert missing.status == 2
    assert "the secret in nowhere cannot be read: No such file" in missing.out


def test_a_project_without_results_gets_its_dashboards(desk: Desk) -> None:
    assert desk.call("push", "project.name=unheard-of").status == 0
    assert desk.state.annotations == {}
    assert desk.here.store.counts()["project"] == 1


def test_findings_stand_where_charts_show_their_commits(here: World) -> None:
    when = datetime(2030, 1, 1, tzinfo=UTC)
    with here.store.engine.connect() as connection, connection.begin() as begun:
        run = connection.exec_driver_sql
        # the clock of an earlier commit went wrong
        run("UPDATE commit SET committed_at = %s WHERE sha = %s", (when, here.shas[1]))
        on_line = [one.at for one in sightings(connection, PROJECT.name)]
        run("DELETE FROM line_position")
        on_none = [one.at for one in sightings(connection, PROJECT.name)]
        begun.rollback()
    assert [at - when for at in on_line] == [timedelta(milliseconds=n) for n in (2, 3)]
    assert on_none == [commit.committed_at for commit in here.commits[2:]]


def test_the_compose_file_is_one() -> None:
    lint = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*lint, compose.file()], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_rules_find_what_they_are_about(store: Store) -> None:
    here = _filled(world(store))
    drift = Finding(
        kind=FindingKind.drift,
        commit=here.shas[3],
        after=here.shas[0],
        effects=(replace(EFFECT, verdict=replace(VERDICT, outcome=Outcome.faster)),),
        confirmation=Confirmation.confirmed,
    )
    moved = replace(drift, kind=FindingKind.machine_change)
    store.save_findings(here.project_id, here.run, [drift, moved])
    store.remember_machine(values.machine(kernel="7"))
    cell, build = values.cell("parse"), values.build()
    store.remember_cells([cell])
    here.built(0, build)
    here.ingest(
        here.measurement(0, build, cell, 0),
        here.measurement(0, build, cell, 1, state=Ended.benchmark_failed, reason="boom"),
    )
    store.finish_run(here.run, "finished")
    with store.transaction() as connection:
        connection.exec_driver_sql(
            "UPDATE run SET command = '{tracker,nightly}', started_at = now() - interval '40 hours'"
        )
    found = {rule.name: _rows(store.address, rule.sql) for rule in alerts.RULES}
    (regression,) = found["regression"]
    assert (
        regression.items()
        >= {
            "project": PROJECT.name,
            "commit": "00000000",
            "benchmark": EFFECT.title,
            "series": 1.0,
        }.items()
    )
    assert [(row["project"], round(row["hours"])) for row in found["nightly"]] == [
        (PROJECT.name, 40)
    ]
    assert found["failures"] == [{"project": PROJECT.name, "percent": 50.0}]
    assert found["machine"] == [
        {"what": "machine bench-1", "changes": 1.0},
        {"what": f"measurements of {PROJECT.name}", "changes": 1.0},
    ]
    for rows in found.values():
        for row in rows:  # one number a row: the others name it
            assert {type(value) for value in row.values()} == {float, str}
            assert sum(isinstance(value, float) for value in row.values()) == 1


def _rows(address: Address, sql: str) -> list[dict[str, Any]]:
    with psycopg.connect(address.url, row_factory=dict_row) as connection:
        connection.execute("SET ROLE tracker_reader")
        return connection.execute(sql.encode()).fetchall()
