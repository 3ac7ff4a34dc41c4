from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from tests.support.grafana_contract import violations
from tracker import resources
from tracker.cli import grafana as command
from tracker.errors import InfrastructureError, TrackerError, UsageError
from tracker.model.findings import Confirmation, Finding, FindingKind, Triage
from tracker.model.sightings import Sighting
from tracker.publish.grafana import compose
from tracker.publish.grafana.api import alerts, contents, files, steps
from tracker.publish.grafana.api.access import access, secret
from tracker.publish.grafana.api.marks import mark
from tracker.store.address import Address

SHIPPED = resources.directory("grafana")
COMPARE = "commit-tracker-compare"
TOKEN = "glsa_very_s3cret"  # noqa: S105  of nobody


# access ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://localhost:3000", "http://localhost:3000"),
        ("https://grafana.example.org/", "https://grafana.example.org"),
        ("https://example.org/a/grafana?orgId=1", "https://example.org/a/grafana"),
        ("http://[::1]:3000/", "http://[::1]:3000"),
    ],
)
def test_addresses_as_people_write_them(url: str, shown: str) -> None:
    reached = access(url, TOKEN)
    assert str(reached) == shown
    assert TOKEN not in repr(reached)


@pytest.mark.parametrize(
    ("url", "token", "code"),
    [
        ("", TOKEN, "grafana.url"),
        ("localhost:3000", TOKEN, "grafana.url"),
        ("ftp://example.org", TOKEN, "grafana.url"),
        ("http://example.org:port", TOKEN, "grafana.url"),
        ("http://admin:s3cret@example.org", TOKEN, "grafana.url"),
        ("http://example.org", "", "grafana.token"),
        ("http://example.org", "two s3cret words", "grafana.token"),
        ("http://example.org", "s3cret\r\nX-Header: 1", "grafana.token"),
    ],
)
def test_what_is_no_address_or_no_token(url: str, token: str, code: str) -> None:
    with pytest.raises(UsageError) as caught:
        access(url, token)
    assert caught.value.code == code
    assert "s3cret" not in caught.value.message + caught.value.hint


def test_secrets_come_from_a_file_before_a_variable(tmp_path: Path) -> None:
    path = tmp_path / "geheim ü"
    path.write_text("of the file\n", encoding="utf-8")
    environ = {"X": " of the variable ", "Y_FILE": str(path), "Y": "of the variable"}
    assert secret("X", environ) == "of the variable"
    assert secret("Y", environ) == "of the file"
    assert secret("X", environ, path) == "of the file"
    assert secret("Z", environ) == ""
    path.write_bytes(b"\xff")
    with pytest.raises(UsageError, match="it is not text"):
        secret("Y", environ)


_WITHOUT = """
import sys
sys.modules["grafana_client"] = None
from click.testing import CliRunner
from tracker.cli.grafana import grafana
from tracker.errors import UsageError
rendered = CliRunner().invoke(grafana, ["render", sys.argv[1]])
assert rendered.exit_code == 0, rendered.output
for name in ("push", "check"):
    error = CliRunner().invoke(grafana, [name]).exception
    assert isinstance(error, UsageError), error
    print(error.code, error.hint)
"""


def test_only_who_speaks_with_grafana_needs_the_library(tmp_path: Path) -> None:
    """What it brings takes a name from others."""
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT, tmp_path], check=True, capture_output=True, text=True
    )
    line = "grafana.library pip install 'commit-tracker[grafana-api]'"
    assert done.stdout.splitlines() == [line, line]
    assert (tmp_path / "dashboards" / "overview.json").is_file()
    assert (tmp_path / files.RULES).is_file()


# contents -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "host", "mode"),
    [
        ("postgresql://me@127.0.0.1:5433/results", "127.0.0.1:5433", "disable"),
        ("postgresql://me@localhost/results", "localhost:5432", "disable"),
        ("postgresql://db.example.org/results", "db.example.org:5432", "require"),
        ("postgresql://db/results?sslmode=verify-full", "db:5432", "verify-full"),
        ("postgresql://db/results?sslmode=prefer", "db:5432", "require"),
    ],
)
def test_grafana_reads_the_database_that_the_tracker_writes(url: str, host: str, mode: str) -> None:
    source = contents.source(Address.parse(url), {}, "s3cret")
    document = source.document()
    assert (document["url"], document["jsonData"]["sslmode"]) == (host, mode)
    assert document["jsonData"]["database"] == "results"
    assert "s3cret" not in repr(source) + json.dumps(document)


def test_variables_say_where_grafana_finds_it() -> None:
    environ = {
        "TRACKER_GRAFANA_HOST": "database:5432",
        "TRACKER_GRAFANA_DATABASE": "tracker",
        "TRACKER_GRAFANA_SSLMODE": "verify-ca",
    }
    found = contents.source(Address.parse("postgresql://127.0.0.1/other"), environ, "")
    assert (found.host, found.database, found.sslmode) == ("database:5432", "tracker", "verify-ca")


def test_a_push_and_the_files_make_the_same_data_source() -> None:
    text = (SHIPPED / "provisioning/datasources/tracker.yaml").read_text("utf-8")
    (by_file,) = yaml.safe_load(text)["datasources"]
    pushed = contents.source(Address.parse("postgresql://db/results"), {}, "").document()
    chosen = {"url", "jsonData"}
    assert {k: pushed[k] for k in pushed.keys() - chosen} == {
        k: by_file[k] for k in pushed.keys() - chosen
    }
    assert pushed["jsonData"].keys() == by_file["jsonData"].keys()


def test_the_signature_of_a_dashboard_follows_its_content() -> None:
    first, *others = contents.dashboards()
    changed = replace(first, document=first.document | {"title": "Other"})
    signatures = {one.signature for one in (first, changed, *others)}
    assert len(signatures) == len(others) + 2
    assert all(one.startswith("commit-tracker ") for one in signatures)


# alerts ---------------------------------------------------------------------------------


def test_the_file_with_rules_is_what_the_code_makes() -> None:
    """`tracker grafana render grafana` writes it anew."""
    assert (SHIPPED / files.RULES).read_text("utf-8") == alerts.provisioning()


def test_files_and_interface_have_the_same_rules() -> None:
    (group,) = yaml.safe_load(alerts.provisioning())["groups"]
    sent = alerts.group(None)
    place = {"folderUID", "ruleGroup", "orgID"}
    assert group["rules"] == [
        {key: value for key, value in rule.items() if key not in place} for rule in sent["rules"]
    ]
    assert (group["name"], group["interval"]) == (sent["title"], f"{sent['interval']}s")


def test_rules_have_nothing_that_files_would_fill_in() -> None:
    assert "$" not in alerts.provisioning()


def test_files_say_whom_rules_call_but_not_the_address_of_a_webhook() -> None:
    text = alerts.provisioning(alerts.contact("https://talk.example.org/s3cret"))
    assert "s3cret" not in text
    whole = yaml.safe_load(text)
    (point,) = whole["contactPoints"]
    (receiver,) = point["receivers"]
    assert (receiver["uid"], receiver["type"]) == ("commit-tracker", "webhook")
    assert receiver["settings"] == {"url": "$TRACKER_GRAFANA_CONTACT", "httpMethod": "POST"}
    called = {rule["notification_settings"]["receiver"] for rule in whole["groups"][0]["rules"]}
    assert called == {point["name"]}


def test_text_of_people_in_files_is_not_filled_in() -> None:
    (point,) = yaml.safe_load(alerts.provisioning(alerts.contact("mailto:a$HOME@example.org")))[
        "contactPoints"
    ]
    assert point["receivers"][0]["settings"]["addresses"] == "a$$HOME@example.org"
    whole = yaml.safe_load(alerts.provisioning(alerts.contact("those of $HOME")))
    assert "contactPoints" not in whole
    (group,) = whole["groups"]
    assert group["rules"][0]["notification_settings"] == {"receiver": "those of $$HOME"}


@pytest.mark.parametrize("text", ["mailto:", "ftp://s3cret.example.org", "slack://s3cret@talk"])
def test_a_contact_of_an_unknown_kind_is_not_repeated(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        alerts.contact(text)
    assert caught.value.code == "grafana.contact"
    assert "s3cret" not in caught.value.message + caught.value.hint


# marks ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("confirmation", "triage", "there"),
    [
        (Confirmation.suspected, Triage.open, True),
        (Confirmation.confirmed, Triage.expected, True),
        (Confirmation.confirmed, Triage.fixed, True),
        (Confirmation.confirmed, Triage.false_alarm, False),
        (Confirmation.refuted, Triage.open, False),
    ],
)
def test_what_is_nothing_has_no_annotation(
    confirmation: Confirmation, triage: Triage, there: bool
) -> None:
    finding = Finding(
        kind=FindingKind.failed,
        commit="c" * 40,
        after="",
        effects=(),
        confirmation=confirmation,
        triage=triage,
        id=7,
    )
    seen = Sighting(finding=finding, subject="a\x1b[31m 'b'", at=datetime(2024, 5, 1, tzinfo=UTC))
    made = mark("demo", seen)
    assert (made is not None) is there
    if made is not None:
        assert made.key == "finding:7"
        assert made.text.startswith("failed cccccccc a[31m &#x27;b&#x27;<br>")


# steps ----------------------------------------------------------------------------------


def test_fields_that_a_server_adds_are_no_difference() -> None:
    wanted = {"a": {"b": 1}, "c": [{"d": 2}], "e": 3}
    found = {"a": {"b": 1, "id": 9}, "c": [{"d": 2, "version": 1}], "e": 3, "updated": "now"}
    assert steps.as_asked(found, wanted) == wanted
    assert steps.as_asked(found | {"c": []}, wanted)["c"] == []
    assert steps.as_asked({"a": {}}, wanted) == {"a": {}}
    empty = {"f": False, "g": "", "h": {"i": 0}}
    assert steps.as_asked({"h": {}}, empty) == empty


# the contract ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/folders", {"title": "A", "colour": "red"}),
        ("POST", "/api/annotations", {"tags": ["a"]}),
        ("POST", "/api/annotations", {"text": "a", "time": "now"}),
        ("POST", "/api/annotations", {"text": "a", "panelId": None}),
        ("POST", "/api/dashboards/db", {"dashboard": {"title": "without the rest"}}),
        ("PUT", "/api/v1/provisioning/folder/a/rule-groups/b", {"rules": [{"title": "A"}]}),
        ("DELETE", "/api/annotations/1", {"text": "a"}),
        ("GET", "/api/annotation", None),
    ],
)
def test_the_contract_sees_what_grafana_would_refuse(
    method: str, path: str, body: dict[str, object]
) -> None:
    assert violations(method, path, body)


@pytest.mark.parametrize(
    ("spoilt", "told"),
    [
        ({"gridPos": {"h": 1, "w": 25, "x": 0, "y": 0}}, "25 is greater than the maximum of 24"),
        ({"options": {"showHeader": True, "colour": "red"}}, "'colour' was unexpected"),
        ({"fieldConfig": {"defaults": {"custom": {"align": "up"}}, "overrides": []}}, "'up'"),
    ],
)
def test_the_contract_sees_panels_that_grafana_does_not_know(
    spoilt: dict[str, object], told: str
) -> None:
    (dashboard,) = (it.document for it in contents.dashboards() if it.document["uid"] == COMPARE)
    assert violations("POST", "/api/dashboards/db", {"dashboard": dashboard}) == []
    dashboard["panels"][0] |= spoilt
    assert told in "".join(violations("POST", "/api/dashboards/db", {"dashboard": dashboard}))


def test_the_contract_sees_queries_that_are_not_published() -> None:
    assert violations("GET", "/api/annotations", None, ["tags", "limit"]) == []
    assert violations("GET", "/api/annotations", None, ["colour"])


# compose --------------------------------------------------------------------------------

_DOCKER = """\
#!/bin/sh
echo "$@" >> "{log}"
[ "$1 $2" = "compose version" ] && exit {version}
exit {up}
"""
PASSWORDS = ("TRACKER_PASSWORD", "TRACKER_GRAFANA_PASSWORD", "GRAFANA_ADMIN_PASSWORD")


@pytest.fixture
def passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PASSWORDS:
        monkeypatch.setenv(name, "s3cret")


def _docker(directory: Path, monkeypatch: pytest.MonkeyPatch, *, version: int, up: int) -> Path:
    log = directory / "log"
    program = directory / "docker"
    program.write_text(_DOCKER.format(log=log, version=version, up=up), encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(directory), prepend=os.pathsep)
    return log


def test_up_starts_the_compose_file_and_says_what_is_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passwords: None
) -> None:
    log = _docker(tmp_path, monkeypatch, version=0, up=0)
    done = CliRunner().invoke(command.grafana, ["up"])
    assert done.exit_code == 0
    assert log.read_text("utf-8").splitlines() == [
        "compose version",
        f"compose --file {SHIPPED / 'compose.yaml'} up --detach --wait",
    ]
    assert f"docker compose --file {SHIPPED / 'compose.yaml'} run --rm reader" in done.output
    assert "s3cret" not in done.output


@pytest.mark.parametrize(
    ("version", "up", "told"),
    [(1, 0, "this docker has no `docker compose`"), (0, 17, "it ended with 17")],
)
def test_a_docker_that_cannot_is_told_in_a_line(
    version: int,
    up: int,
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    passwords: None,
) -> None:
    _docker(tmp_path, monkeypatch, version=version, up=up)
    with pytest.raises(InfrastructureError, match=told):
        compose.up(os.environ)


def test_without_docker_or_passwords_nothing_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = _docker(tmp_path, monkeypatch, version=0, up=0)
    with pytest.raises(UsageError) as caught:
        compose.up({"TRACKER_PASSWORD": "s3cret"})
    assert caught.value.message.endswith(": TRACKER_GRAFANA_PASSWORD, GRAFANA_ADMIN_PASSWORD")
    assert not log.exists()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(TrackerError, match="docker is not installed here") as missing:
        compose.up(dict.fromkeys(PASSWORDS, "s3cret"))
    assert missing.value.exit_status == 4
