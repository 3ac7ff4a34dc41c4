from __future__ import annotations

import errno
import logging
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support import values
from tests.support.stored import World, world
from tracker.config.places import Places
from tracker.config.settings import StoreSettings
from tracker.errors import DiskFullError, StoreError
from tracker.store import recorder as recorder_module
from tracker.store import spool
from tracker.store.address import Address
from tracker.store.recorder import Recorder
from tracker.store.store import Store, connect, open_store

CELL = values.cell()
BUILD = values.build()


class Away:
    """A switch between the store and a port where nobody listens."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._there = store.address
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        self._nowhere = store.address.with_parameters(port=port)

    def on(self) -> None:
        self._switch(self._nowhere)

    def off(self) -> None:
        self._switch(self._there)

    def _switch(self, address: Address) -> None:
        self._store.engine.dispose()
        self._store.address = address


@pytest.fixture
def here(store: Store, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(recorder_module, "PAUSES", (0.0,))
    made = world(store)
    made.built(0, BUILD)
    return made


@pytest.fixture
def away(here: World) -> Iterator[Away]:
    switch = Away(here.store)
    yield switch
    switch.off()


@pytest.fixture
def recorder(here: World, places: Places) -> Recorder:
    return Recorder(
        store=here.store,
        places=places,
        project_id=here.project_id,
        machine=here.machine.fingerprint,
        run=here.run,
    )


def _stored(here: World) -> int:
    return here.store.counts()["measurement"]


def _reopen(here: World, places: Places) -> None:
    """What the next command does."""
    open_store(StoreSettings(url=here.store.address.url), places=places).close()


def test_while_the_database_is_there_nothing_touches_the_disk(
    here: World, recorder: Recorder, places: Places
) -> None:
    recorder.record([here.measurement(0, BUILD, CELL)])
    assert (_stored(here), recorder.spooled) == (1, 0)
    assert not places.spool.exists()


def test_measurements_wait_on_disk_and_are_stored_once(
    here: World, recorder: Recorder, away: Away, places: Places
) -> None:
    away.on()
    for number in range(3):
        recorder.record([here.measurement(0, BUILD, CELL, number)])
    assert recorder.spooled == 3
    away.off()
    _reopen(here, places)
    assert _stored(here) == 3
    assert list(here.store.spool(places).iterdir()) == []
    _reopen(here, places)
    assert _stored(here) == 3


def test_a_database_that_comes_back_gets_all_in_the_same_run(
    here: World, recorder: Recorder, away: Away
) -> None:
    away.on()
    recorder.record([here.measurement(0, BUILD, CELL, 0)])
    away.off()
    recorder.record([here.measurement(0, BUILD, CELL, 1)])
    assert (_stored(here), recorder.spooled) == (2, 0)


def test_a_connection_that_the_server_ends_is_no_reason_to_spool(
    here: World, recorder: Recorder
) -> None:
    with here.store.address.connect(autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    recorder.record([here.measurement(0, BUILD, CELL)])
    assert (_stored(here), recorder.spooled) == (1, 0)


def test_a_patient_store_waits_for_a_server_to_come_back(
    here: World, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = here.store.address.url
    with connect(StoreSettings(url=url), places=places, patience=4.0) as patient:
        away = Away(patient)
        pauses: list[float] = []

        def sleep(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 3:
                away.off()

        monkeypatch.setattr("tracker.store.database.time.sleep", sleep)
        away.on()
        assert patient.counts()["run"] == 1
        assert pauses == [0.0, 1.0, 2.0]
        away.on()
        with pytest.raises(StoreError, match="is not available"):
            patient.counts()
        assert sum(pauses[3:]) == 4.0


def test_what_is_spooled_belongs_to_one_database(here: World, places: Places) -> None:
    def directory(**parameters: str) -> Path:
        url = here.store.address.with_parameters(**parameters).url
        return connect(StoreSettings(url=url), places=places).spool(places)

    assert directory() == directory(user="another", application_name="x")
    assert directory() != directory(dbname="another")


def test_a_line_that_a_crash_cut_off_is_dropped(
    here: World,
    recorder: Recorder,
    away: Away,
    places: Places,
    caplog: pytest.LogCaptureFixture,
) -> None:
    away.on()
    recorder.record([here.measurement(0, BUILD, CELL, number) for number in range(2)])
    away.off()
    (file,) = here.store.spool(places).iterdir()
    with file.open("r+b") as opened:
        opened.truncate(file.stat().st_size - 40)
    with caplog.at_level(logging.WARNING):
        _reopen(here, places)
    assert _stored(here) == 1
    assert "dropped" in caplog.text
    assert not file.exists()


def test_a_line_that_a_full_disk_cut_off_does_not_spoil_the_next(
    here: World, recorder: Recorder, away: Away, places: Places
) -> None:
    directory = here.store.spool(places)
    away.on()
    recorder.record([here.measurement(0, BUILD, CELL, 0)])
    (file,) = directory.iterdir()
    with file.open("ab") as opened:
        opened.write(b'{"project_id": 1, "mach')
    recorder.record([here.measurement(0, BUILD, CELL, 1)])
    away.off()
    _reopen(here, places)
    assert _stored(here) == 2


@pytest.mark.parametrize("content", [b"not JSON\n", b'{"project_id": 1}\n', b"\xff\xfe\n", b"[]\n"])
def test_what_cannot_be_understood_is_kept(
    here: World, places: Places, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    directory = here.store.spool(places)
    directory.mkdir(parents=True)
    (directory / "run.jsonl").write_bytes(content)
    _reopen(here, places)
    assert (directory / "run.jsonl.unreadable").read_bytes() == content
    assert "is kept" in caplog.text
    caplog.clear()
    _reopen(here, places)
    assert caplog.text == ""


def test_what_the_database_does_not_know_is_kept(
    here: World, recorder: Recorder, away: Away, places: Places
) -> None:
    away.on()
    recorder.record([here.measurement(0, BUILD, CELL, run="00000000-0000-0000-0000-000000000000")])
    recorder.record([here.measurement(0, values.build("f" * 64), CELL)])
    away.off()
    _reopen(here, places)
    assert _stored(here) == 0
    assert [file.suffix for file in here.store.spool(places).iterdir()] == [spool.ASIDE]


def test_no_space_anywhere_is_said(
    here: World, recorder: Recorder, away: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    away.on()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFullError, match="No space left"):
        recorder.record([here.measurement(0, BUILD, CELL)])


def test_a_full_database_is_told_from_one_that_is_away(here: World) -> None:
    with pytest.raises(DiskFullError), here.store.transaction() as connection:
        connection.execute(sa.text("DO $$ BEGIN RAISE SQLSTATE '53100'; END $$"))


def test_a_full_database_spools(
    here: World, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise DiskFullError("full")

    monkeypatch.setattr(here.store, "ingest", full)
    recorder.record([here.measurement(0, BUILD, CELL)])
    assert recorder.spooled == 1


def test_a_server_that_is_down_at_the_start(here: World, away: Away, places: Places) -> None:
    away.on()
    with pytest.raises(StoreError) as down:
        _reopen(here, places)
    assert down.value.code == "store.unavailable"
    assert "Connection refused" in down.value.message
    assert (
        str(here.store.address.parameters["password"]) not in down.value.message + down.value.hint
    )
    assert down.value.hint


def test_a_wrong_password_is_one_clear_error(here: World, places: Places) -> None:
    address = here.store.address.with_parameters(password="geheim")  # noqa: S106  a wrong one
    with pytest.raises(StoreError, match="password authentication failed") as wrong:
        open_store(StoreSettings(url=address.url), places=places)
    assert "geheim" not in wrong.value.message


def test_the_server_killed_in_the_middle_of_a_run(places: Places) -> None:
    """The embedded one: it is started again, and the run goes on."""
    from tracker.store.embedded import Embedded

    server = Embedded(places)
    try:
        with open_store(StoreSettings(url=""), places=places) as store:
            here = world(store)
            here.built(0, BUILD)
            recorder = Recorder(
                store=store,
                places=places,
                project_id=here.project_id,
                machine=here.machine.fingerprint,
                run=here.run,
            )
            pid_file = places.database / "data/postmaster.pid"
            for number in range(3):
                recorder.record([here.measurement(0, BUILD, CELL, number)])
                os.kill(int(pid_file.read_text().split("\n")[0]), signal.SIGKILL)
        with open_store(StoreSettings(url=""), places=places) as store:
            assert store.counts()["measurement"] == 3
            assert store.claim(here.run, ["unit"], 60)
    finally:
        server.stop()
