"""The PostgreSQL server that comes with the tracker: one for each state directory.

It is started by the first command that needs it and goes on after that command has
ended, for the next ones and for dashboards; ``tracker db stop`` ends it. Whether it
runs is never believed from a file: only a login with the generated password counts.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from tracker.config.places import Places
from tracker.errors import DiskFullError, StoreError
from tracker.store import binaries
from tracker.store.address import Address

#: user and database
NAME = "tracker"
HOST = "127.0.0.1"
FIRST_PORT = 54_320
PORTS = range(FIRST_PORT, FIRST_PORT + 200)

#: seconds until a server must have started, recovery after a crash included, or stopped
PATIENCE = 60.0

#: Modest memory, nothing but loopback, no socket files (their paths may be 107 bytes long
#: at most), and fsync as it comes: on.
_SETTINGS = (
    f"listen_addresses={HOST}",
    "unix_socket_directories=",
    "shared_buffers=64MB",
    "max_connections=60",
    "max_wal_size=512MB",
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
)


@dataclass(frozen=True, slots=True)
class Embedded:
    """The embedded server of one state directory."""

    places: Places

    def running(self) -> Address | None:
        """The address of the server if it accepts this user now."""
        try:
            address = self._address()
            address.connect().close()
        except (OSError, ValueError, psycopg.OperationalError):
            return None
        return address

    def start(self) -> Address:
        """The address of the server; it is started, and its cluster made, where needed.

        Raises:
            StoreError: it does not start; with what it said.
            DiskFullError: no space for its files.
        """
        if address := self.running():
            return address
        with self._alone():
            self._make_cluster()
            return self._wait_for_another() or self._launch()

    def stop(self) -> bool:
        """End the server after its transactions have been undone; whether it ran.

        Raises:
            StoreError: it does not end.
        """
        if not self._data.is_dir():
            return False
        with self._alone():
            if (process := self._postmaster()) is None:
                return False
            os.kill(process, signal.SIGINT)  # PostgreSQL's "fast" shutdown
            if not _until(lambda: self._postmaster() is None):
                raise StoreError(
                    f"the embedded server (process {process}) does not end",
                    hint=f"its log is {self.log}",
                )
            return True

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.places.database / "server.log"

    @property
    def _data(self) -> Path:
        return self.places.database / "data"

    @property
    def _password(self) -> Path:
        return self.places.database / "password"

    @property
    def _port(self) -> Path:
        return self.places.database / "port"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Only one command at a time starts or stops the server."""
        self.places.database.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.places.database / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _address(self) -> Address:
        return Address(
            parameters={
                "host": HOST,
                "port": str(int(self._port.read_text("ascii"))),
                "user": NAME,
                "password": self._password.read_text("ascii"),
                "dbname": "postgres",
            }
        )

    # making ----------------------------------------------------------------------------

    def _make_cluster(self) -> None:
        if self._data.is_dir():
            return
        unfinished = self._data.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        binaries.give_to_service_user(unfinished)
        with open(self._password, "w", opener=_private) as file:
            file.write(secrets.token_urlsafe(32))
        self._run(
            "initdb",
            f"--username={NAME}",
            "--auth=scram-sha-256",
            f"--pwfile={self._password}",
            "--encoding=UTF8",
            "--locale=C",
            "--no-instructions",
            data=unfinished,
        )
        unfinished.rename(self._data)

    # starting --------------------------------------------------------------------------

    def _wait_for_another(self) -> Address | None:
        """The address, once a server that is there but not ready accepts; None without one."""
        if self._postmaster() is None:
            return None
        _until(lambda: self.running() is not None or self._postmaster() is None)
        if address := self.running():
            return address
        if process := self._postmaster():
            raise StoreError(
                f"the embedded server (process {process}) does not answer",
                hint=f"see {self.log}; `tracker db stop` ends it, `tracker db start` starts it",
            )
        return None

    def _launch(self) -> Address:
        self._forget_dead_server()
        options = " ".join(f"-c {setting}" for setting in _SETTINGS)
        for port in self._free_ports():
            self._port.write_text(str(port), "ascii")
            try:
                # The directory goes by the environment: pg_ctl would hand it to a shell.
                self._run(
                    "pg_ctl", "start", "-w", "-s", f"-t{PATIENCE:.0f}", f"-o-p {port} {options}"
                )
            except StoreError:
                if not _is_free(port):
                    continue  # somebody took the port after we looked
                raise
            if address := self.running():
                return address
            break
        raise StoreError(
            "the embedded server started but does not answer",
            hint=f"see {self.log}, or set store.url to a server of yours",
        )

    def _free_ports(self) -> Iterator[int]:
        """The port of the last time first: dashboards remember it."""
        remembered = self._port.read_text("ascii") if self._port.is_file() else ""
        preferred = (int(remembered),) if remembered.isdecimal() else ()
        yield from filter(_is_free, dict.fromkeys((*preferred, *PORTS)))

    def _postmaster(self) -> int | None:
        """The process that serves this directory.

        After a crash the number in the pid file may belong to anybody.
        """
        try:
            number = int((self._data / "postmaster.pid").read_text("utf-8").split("\n")[0])
        except (OSError, ValueError):
            return None
        return number if number in self._processes() else None

    def _processes(self) -> set[int]:
        """PostgreSQL processes that work in this directory, zombies aside."""
        found = set()
        for process in psutil.process_iter(["name", "cwd"]):
            cwd = process.info["cwd"]
            if process.info["name"] == "postgres" and cwd and Path(cwd) == self._data.resolve():
                found.add(process.pid)
        return found

    def _forget_dead_server(self) -> None:
        """Remove the pid file of a server that was killed, once its helpers have ended too."""
        if not _until(lambda: not self._processes()):
            raise StoreError(
                "processes of an embedded server that was killed are still there",
                hint=f"end the processes named postgres that work in {self._data}",
            )
        (self._data / "postmaster.pid").unlink(missing_ok=True)

    # programs --------------------------------------------------------------------------

    def _run(self, program: str, *arguments: str, data: Path | None = None) -> None:
        directory = data or self._data
        marker = directory / "PG_VERSION"
        version = marker.read_text("ascii").strip() if marker.is_file() else ""
        with self.log.open("ab") as log:
            start = log.tell()
            status = binaries.run(
                [binaries.programs(version) / program, *arguments],
                output=log,
                environment={"PGDATA": str(directory)},
            )
        if status != 0:
            raise self._failure(program, self.log.read_bytes()[start:].decode("utf-8", "replace"))

    def _failure(self, program: str, said: str) -> StoreError | DiskFullError:
        if "No space left on device" in said:
            return DiskFullError(
                f"no space for the database in {self.places.database}",
                hint="free space there, or set TRACKER_HOME to another disk",
            )
        lines = [line for line in said.splitlines() if line.strip()]
        telling = [line for line in lines if "FATAL" in line or "error" in line] or lines[-1:]
        return StoreError(
            f"the embedded server cannot start: {program}: {' '.join(telling[:1])}",
            code="store.not-started",
            hint=f"its log is {self.log}",
        )


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _until(done: Callable[[], bool]) -> bool:
    """Wait for a condition, ``PATIENCE`` seconds at most; whether it came true."""
    end = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
