from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from tracker.config.places import Places
from tracker.config.settings import StoreSettings
from tracker.errors import DiskFullError, StoreError
from tracker.store import binaries
from tracker.store import embedded as module
from tracker.store.embedded import Embedded
from tracker.store.store import open_store

AS_ROOT = os.geteuid() == 0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """A server of this module's own, which its tests kill; running or not when a test begins."""
    home = tmp_path_factory.mktemp("to be killed")
    yield from _stopped_in_the_end(Places(cache=home / "cache", state=home / "state ü"))


@pytest.fixture
def fresh(places: Places) -> Iterator[Embedded]:
    """A server that was never started."""
    yield from _stopped_in_the_end(places)


def _stopped_in_the_end(places: Places) -> Iterator[Embedded]:
    server = Embedded(places)
    yield server
    server.stop()


def _postmaster(server: Embedded) -> int:
    return int((server.places.database / "data/postmaster.pid").read_text().split("\n")[0])


def _write(server: Embedded, text: str) -> None:
    with server.start().connect() as connection:
        connection.execute("DROP TABLE IF EXISTS kept")
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES (%s)", (text,))


def _read(server: Embedded) -> list[str]:
    with server.start().connect() as connection:
        return [row[0] for row in connection.execute("SELECT word FROM kept")]


def test_started_found_and_stopped(fresh: Embedded) -> None:
    server = fresh
    assert server.running() is None
    assert not server.stop()
    address = server.start()
    assert server.running() == address
    assert server.start() == address
    assert address.parameters["host"] == "127.0.0.1"
    assert server.stop()
    assert server.running() is None
    assert not server.stop()


def test_only_this_user_reads_its_secrets(server: Embedded) -> None:
    server.start()
    assert stat.S_IMODE((server.places.database / "password").stat().st_mode) == 0o600
    assert stat.S_IMODE(server.places.database.stat().st_mode) == 0o700
    assert stat.S_IMODE((server.places.database / "data").stat().st_mode) == 0o700
    postmaster = psutil.Process(_postmaster(server))
    assert postmaster.uids().effective != 0
    listening = [c.laddr for c in postmaster.net_connections() if c.status == psutil.CONN_LISTEN]
    assert {address.ip for address in listening} == {"127.0.0.1"}


def test_killed_loses_nothing_and_starts_again(server: Embedded) -> None:
    _write(server, "before")
    os.kill(_postmaster(server), signal.SIGKILL)
    assert _read(server) == ["before"]


def test_a_pid_that_now_belongs_to_another(server: Embedded) -> None:
    _write(server, "before")
    server.stop()
    (server.places.database / "data/postmaster.pid").write_text(f"{os.getpid()}\n/elsewhere\n")
    assert not server.stop()
    assert _read(server) == ["before"]


def test_a_pid_file_that_was_cut_off(server: Embedded) -> None:
    _write(server, "before")
    server.stop()
    (server.places.database / "data/postmaster.pid").write_text("")
    assert _read(server) == ["before"]


def test_its_port_is_kept_and_given_up_when_taken(
    server: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    # servers of tests that run beside this one take what is free of the usual ones
    monkeypatch.setattr(module, "PORTS", range(7433, 7533))
    server.stop()
    (server.places.database / "port").unlink(missing_ok=True)
    port = int(server.start().parameters["port"])
    server.stop()
    assert int(server.start().parameters["port"]) == port
    server.stop()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        assert int(server.start().parameters["port"]) != port


def test_a_port_taken_between_the_look_and_the_start(
    server: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        monkeypatch.setattr(module, "PORTS", (taken, *module.PORTS))
        is_free = module._is_free
        answers = iter([True])
        monkeypatch.setattr(
            module,
            "_is_free",
            lambda port: next(answers, False) if port == taken else is_free(port),
        )
        assert int(server.start().parameters["port"]) != taken


def test_several_commands_at_once_start_one(fresh: Embedded) -> None:
    with ThreadPoolExecutor(4) as pool:
        addresses = list(pool.map(lambda _: Embedded(fresh.places).start(), range(4)))
    assert len(set(map(str, addresses))) == 1


_PROGRAM = """
import signal, sys, time
from pathlib import Path
from tracker.config.places import Places
from tracker.store.embedded import Embedded
signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's jobs in the background ignore it
places = Places(cache=Path(sys.argv[1]), state=Path(sys.argv[2]))
print(Embedded(places).start(), flush=True)
time.sleep(float(sys.argv[3]))
"""


def _start_elsewhere(places: Places, seconds: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(places.cache), str(places.state), str(seconds)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_it_outlives_the_command_that_started_it(server: Embedded, how: signal.Signals) -> None:
    with _start_elsewhere(server.places, 60) as command:
        assert command.stdout is not None
        address = command.stdout.readline().strip()
        os.killpg(command.pid, how)
    assert str(server.running()) == address


def test_another_process_finds_it(server: Embedded) -> None:
    address = server.start()
    with _start_elsewhere(server.places, 0) as command:
        assert command.stdout is not None
        assert command.stdout.readline().strip() == str(address)


def test_what_a_killed_initdb_leaves_is_cleared(fresh: Embedded) -> None:
    leftover = fresh.places.database / "data.new"
    leftover.mkdir(parents=True)
    (leftover / "PG_VERSION").write_text("18\n")
    assert fresh.start()
    assert not leftover.exists()


def test_a_broken_cluster_is_one_clear_error(server: Embedded) -> None:
    server.start()
    server.stop()
    (server.places.database / "data/global/pg_control").rename(server.places.database / "aside")
    with pytest.raises(StoreError) as broken:
        server.start()
    assert broken.value.code == "store.not-started"
    assert "pg_control" in broken.value.message
    assert str(server.log) in broken.value.hint
    (server.places.database / "aside").rename(server.places.database / "data/global/pg_control")


def test_a_store_goes_on_after_its_server_was_killed(server: Embedded) -> None:
    with open_store(StoreSettings(url=""), places=server.places) as store:
        before = store.counts()
        os.kill(_postmaster(server), signal.SIGKILL)
        assert store.counts() == before


def test_no_programs_for_this_platform(monkeypatch: pytest.MonkeyPatch, fresh: Embedded) -> None:
    monkeypatch.setattr(binaries, "_INSTALLATIONS", {})
    with pytest.raises(StoreError) as missing:
        fresh.start()
    assert missing.value.code == "store.no-server"
    assert "store.url" in missing.value.hint


@pytest.mark.skipif(not AS_ROOT, reason="every other test is about an ordinary user")
def test_an_ordinary_user(tmp_path: Path) -> None:
    places = Places(cache=tmp_path / "cache", state=tmp_path / "state of somebody else")
    places.state.mkdir()
    binaries.give_to_service_user(places.state)
    program = [sys.executable, "-c", _PROGRAM + "print(Embedded(places).stop())"]
    done = subprocess.run(
        # may read what is root's, to get to this interpreter
        [*binaries._as_service_user(), *program, str(places.cache), str(places.state), "0"],
        env={"PATH": os.defpath},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "True"
    assert (places.database / "data").stat().st_uid == places.state.stat().st_uid != 0


@pytest.mark.skipif(not AS_ROOT, reason="only root may mount")
def test_a_full_disk(tmp_path: Path) -> None:
    small = tmp_path / "small disk"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", small], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("this system lets nobody mount")
    server = Embedded(Places(cache=small / "cache", state=small / "state"))
    try:
        with pytest.raises(DiskFullError) as full:
            server.start()
        assert full.value.exit_status == 4
    finally:
        server.stop()
        subprocess.run(["umount", small], check=True)


def test_waiting_has_an_end(server: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    server.start()
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    os.kill(_postmaster(server), signal.SIGSTOP)
    try:
        monkeypatch.setattr("tracker.store.address.CONNECT_TIMEOUT", 2)
        with pytest.raises(StoreError, match="does not answer"):
            server.start()
    finally:
        os.kill(_postmaster(server), signal.SIGCONT)
