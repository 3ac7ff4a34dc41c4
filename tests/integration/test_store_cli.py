from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support.stored import world
from tracker.cli.db import db
from tracker.config.places import Places
from tracker.config.settings import StoreSettings
from tracker.errors import StoreError, UsageError
from tracker.machine.checks import Level
from tracker.store import schema
from tracker.store.checks import check_store
from tracker.store.embedded import Embedded
from tracker.store.store import Store

Call = Callable[..., Result]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """The command, in an empty directory; its errors are raised, as the main program wants them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRACKER_HOME", str(tmp_path / "my home ü"))

    def called(*arguments: str) -> Result:
        result = CliRunner().invoke(db, arguments)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return called


def test_the_life_of_the_embedded_server(call: Call) -> None:
    places = Places.of_user()
    try:
        stopped = call("status")
        assert stopped.exit_code == 4
        assert "not running" in stopped.output
        assert not places.database.exists()
        assert "running at postgresql://tracker@127.0.0.1:" in call("start").output
        status = call("status")
        assert status.exit_code == 0
        assert f"schema       {schema.newest()} of {schema.newest()}" in status.output
        assert "PostgreSQL" in status.output
        url = call("url").output.strip()
        password = (places.database / "password").read_text()
        assert password in url
        assert password not in call("url", "--no-password").output + status.output
        assert call("stop").output == "stopped\n"
        assert call("stop").output == "it was not running\n"
    finally:
        Embedded(places).stop()


def test_a_server_of_others_is_neither_started_nor_stopped(call: Call, database_url: str) -> None:
    for command in ("start", "stop"):
        with pytest.raises(UsageError, match="not the tracker's"):
            call(command, "--url", database_url)


def test_migrating_there_and_back(call: Call, database_url: str) -> None:
    newest = schema.newest()
    assert call("migrate", "--url", database_url).output == f"schema {newest}, was 0\n"
    assert call("migrate", "--url", database_url).output == f"schema {newest}, as it was\n"
    assert call("migrate", "--url", database_url, "--to", "0").exit_code == 1
    down = call("migrate", "--url", database_url, "--to", "0", "--yes")
    assert down.output.endswith(f"was {newest}\n")
    with pytest.raises(UsageError, match="no schema 99"):
        call("migrate", "--url", database_url, "--to", "99")


def test_verification_names_what_it_looked_at(call: Call, store: Store) -> None:
    world(store)
    result = call("verify", "--url", store.address.url)
    assert "1 branches count their commits without a gap" in result.output
    with store.transaction() as connection:
        connection.exec_driver_sql("UPDATE line_position SET position = 77 WHERE position = 2")
    with pytest.raises(StoreError) as wrong:
        call("verify", "--url", store.address.url)
    assert (wrong.value.code, wrong.value.exit_status) == ("store.inconsistent", 4)


def test_a_dump_can_be_read_again(call: Call, store: Store, tmp_path: Path) -> None:
    world(store)
    file = tmp_path / "it's a dump ü.sql"
    assert "MiB" in call("dump", "--url", store.address.url, str(file)).output
    text = file.read_text("utf-8")
    assert "Prüfling 'a b'" in text
    assert "COMMENT ON TABLE" in text
    assert [path.name for path in tmp_path.glob("*.part")] == []


def test_a_dump_that_fails_leaves_nothing(call: Call, store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be dumped"):
        call("dump", "--url", store.address.url, str(tmp_path / "no such directory" / "x.sql"))


@pytest.mark.parametrize("command", ["start", "stop", "status", "url", "migrate", "verify", "dump"])
def test_help_has_an_example(call: Call, command: str) -> None:
    assert "Example:" in call(command, "--help").output


def test_the_doctor_starts_nothing(places: Places, database_url: str) -> None:
    idle = check_store(StoreSettings(url=""), places)
    assert (idle.level, "not running" in idle.found) == (Level.ok, True)
    assert not places.database.exists()
    assert check_store(StoreSettings(url=database_url), places).level is Level.ok
    away = check_store(StoreSettings(url="postgresql://a:geheim@127.0.0.1:1/x"), places)
    assert (away.level, bool(away.advice)) == (Level.failure, True)
    assert "geheim" not in away.found + away.advice
