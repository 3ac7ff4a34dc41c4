"""Run a program that is not trusted to behave: bounded, alone, and gone when it is over."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import selectors
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from tracker.errors import DiskFullError, InfrastructureError
from tracker.machine.family import MARKER, Family
from tracker.machine.intake import Lines, Pipe, Tail
from tracker.machine.sandbox import Sandbox

How = Literal["exited", "timed-out", "memory", "stopped"]

#: number of the pipe that takes JSON lines, in the child's environment
RESULTS_FD = "TRACKER_RESULTS_FD"

#: what a child may inherit: where programs are, how text and time are written, trusted certificates
_ALLOWED = {
    *("PATH", "LANG", "LANGUAGE", "TZ", "TZDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "CUDA_HOME", "CUDA_PATH"),
}

#: seconds between two looks at ``stop``
_BEAT = 0.05
#: seconds between two looks at memory, at least
_LOOK = 0.1
#: looking takes one part in so many of the time, however many processes the machine has
_LOOK_SHARE = 50
#: but memory is never left unwatched for longer, seconds
_UNWATCHED = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a process and its children may take together; 0 means no limit."""

    #: seconds of wall time
    timeout: float = 0.0
    memory_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a launched process ended, and what it left."""

    how: How
    #: negative: the signal that ended it
    exit_code: int
    #: wall time
    seconds: float
    #: what came over the results pipe; a line that is no JSON object is
    #: ``{"event": "garbage", "text": its beginning}``
    lines: tuple[dict[str, Any], ...]
    #: the last 4000 characters of standard output and error; undecodable bytes replaced
    output: str
    #: most resident memory of all its processes together that was seen; 0 where it was too short
    peak_bytes: int


def allowed_environment(passthrough: Sequence[str] = ()) -> dict[str, str]:
    """The part of this process's environment that children may see; never credentials.

    ``passthrough`` names variables that the person allows beside the fixed list.
    """
    names = _ALLOWED | set(passthrough)
    return {
        name: value for name, value in os.environ.items() if name in names or name.startswith("LC_")
    }


def launch(
    argv: Sequence[str],
    *,
    job: Mapping[str, Any] | None,
    limits: Limits,
    environment: Mapping[str, str],
    home: Path,
    stop: threading.Event | None = None,
    sandbox: Sandbox | None = None,
) -> Ended:
    """Run ``argv`` to its end and collect what it reports and prints.

    The process leads a group of its own. Its HOME, TMPDIR and working directory are
    inside ``home`` (made and removed by the caller); it sees ``allowed_environment()``
    and ``environment``, nothing else. ``job`` is written as a JSON file whose path
    becomes the last argument. Results are JSON lines written to the file descriptor
    that ``TRACKER_RESULTS_FD`` names, so that nothing printed can spoil them. At a
    limit, at ``stop``, and after the end, whatever descends from it is killed. It
    does not outlive this process, nor the calling thread (Linux).

    Raises:
        InfrastructureError: the process cannot be started, or its remains not be killed.
        DiskFullError: there is no room for its files.
    """
    with contextlib.ExitStack() as closing:
        results, printed = Pipe(), Pipe()
        closing.callback(results.close)
        closing.callback(printed.close)
        marker = secrets.token_hex(16)
        child = _spawn(
            argv,
            job=job,
            home=home,
            sandbox=sandbox,
            environment={**environment, MARKER: marker},
            results=results,
            printed=printed,
        )
        run = _Run(child, Family(child.pid, marker), results, printed)
        try:
            how = run.until_over(limits, stop or threading.Event())
            ended = run.ended(how)
        except BaseException:
            run.abandon()
            raise
    return replace(ended, exit_code=sandbox.exit_code(ended.exit_code)) if sandbox else ended


def _spawn(
    argv: Sequence[str],
    *,
    job: Mapping[str, Any] | None,
    home: Path,
    sandbox: Sandbox | None,
    environment: Mapping[str, str],
    results: Pipe,
    printed: Pipe,
) -> subprocess.Popen[bytes]:
    with _faults(f"cannot start {argv[0]}"):
        private = _private_places(home)
        given = [*argv, *_job_file(home, job)]
        given[0] = _program(given[0], environment)
        around = sandbox.prefix(home) if sandbox else []
        child = subprocess.Popen(
            [*_leash(), *around, *given],
            stdin=subprocess.DEVNULL,
            stdout=printed.writing,
            stderr=printed.writing,
            pass_fds=(results.writing,),
            cwd=private["PWD"],
            env={
                **allowed_environment(),
                **environment,
                **private,
                RESULTS_FD: str(results.writing),
            },
            start_new_session=True,
        )
    results.close_writing()
    printed.close_writing()
    return child


def _private_places(home: Path) -> dict[str, str]:
    for name in ("tmp", "work"):
        (home / name).mkdir(exist_ok=True)
    tmp = str(home / "tmp")
    return {"HOME": str(home), "TMPDIR": tmp, "TMP": tmp, "TEMP": tmp, "PWD": str(home / "work")}


def _job_file(home: Path, job: Mapping[str, Any] | None) -> list[str]:
    if job is None:
        return []
    path = home / "job.json"
    text = json.dumps(job, ensure_ascii=False)
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    return [str(path)]


def _program(name: str, environment: Mapping[str, str]) -> str:
    """The program's full path, looked up here because a wrapper would fail too late to tell."""
    found = shutil.which(name, path=environment.get("PATH") or os.environ.get("PATH"))
    if found is None:
        raise InfrastructureError(f"there is no program {name!r} to run")
    return os.path.abspath(found)  # noqa: PTH100 - a link must stay: it makes a venv what it is


@cache
def _leash() -> tuple[str, ...]:
    """A prefix that ends the process when this one dies, where the system has it.

    A tiny program that sets it and becomes the target: no Python runs between fork
    and exec, which is unsafe beside threads, and it costs about a millisecond.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return ()
    leash = (setpriv, "--pdeathsig", "KILL", "--")
    works = subprocess.run([*leash, "true"], capture_output=True, check=False).returncode == 0
    return leash if works else ()


@contextlib.contextmanager
def _faults(message: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFullError(
                f"{message}: no space left", hint="free some space, or set TRACKER_HOME"
            ) from error
        raise InfrastructureError(f"{message}: {error}") from error


class _Run:
    """A process while it runs: one loop that drains its pipes and watches its limits."""

    def __init__(
        self, child: subprocess.Popen[bytes], family: Family, results: Pipe, printed: Pipe
    ) -> None:
        self._child = child
        self._family = family
        self._lines, self._tail = Lines(), Tail()
        self._sinks = {results: self._lines.feed, printed: self._tail.feed}
        self._started = time.monotonic()
        self._next_look = self._started + _LOOK / 5
        self._peak = 0

    def until_over(self, limits: Limits, stop: threading.Event) -> How:
        with selectors.DefaultSelector() as selector, _exit_notice(self._child.pid) as notice:
            for pipe in self._sinks:
                selector.register(pipe.reading, selectors.EVENT_READ, pipe)
            if notice is not None:
                selector.register(notice, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select(_BEAT):
                    if isinstance(key.data, Pipe):
                        self._drain(key.data)
                        if key.data.ended:
                            selector.unregister(key.fileobj)
                if self._over(notice):
                    return "exited"
                if breach := self._breach(limits, stop):
                    return breach

    def ended(self, how: How) -> Ended:
        seconds = time.monotonic() - self._started
        self._family.kill()
        code = self._child.wait()
        for pipe in self._sinks:
            while self._drain(pipe):
                pass
        return Ended(
            how=how,
            exit_code=code,
            seconds=seconds,
            lines=self._lines.parsed(),
            output=self._tail.text(),
            peak_bytes=self._peak,
        )

    def abandon(self) -> None:
        """Leave nothing behind when the waiting itself was interrupted."""
        self._family.kill()
        self._child.wait()

    def _drain(self, pipe: Pipe) -> bool:
        piece = pipe.take()
        self._sinks[pipe](piece)
        return bool(piece)

    def _over(self, notice: int | None) -> bool:
        if notice is None:
            return self._child.poll() is not None
        # not reaped yet, so its number still names its group and nothing else
        return (
            os.waitid(os.P_PID, self._child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        )

    def _breach(self, limits: Limits, stop: threading.Event) -> How | None:
        now = time.monotonic()
        if stop.is_set():
            return "stopped"
        if limits.timeout and now - self._started > limits.timeout:
            return "timed-out"
        if now >= self._next_look:
            held = self._family.memory()
            self._peak = max(self._peak, held)
            cost = time.monotonic() - now
            self._next_look = now + min(max(_LOOK, _LOOK_SHARE * cost), _UNWATCHED)
            if limits.memory_bytes and held > limits.memory_bytes:
                return "memory" if self._family.shared_aside() > limits.memory_bytes else None
        return None


@contextlib.contextmanager
def _exit_notice(pid: int) -> Iterator[int | None]:
    """A descriptor that becomes readable when the process ends, where the system has it."""
    try:
        descriptor = os.pidfd_open(pid)
    except (AttributeError, OSError):
        yield None
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)
