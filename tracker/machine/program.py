"""A program that is not trusted to behave, and how it is started."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from tracker.errors import DiskFullError, InfrastructureError
from tracker.machine.sandbox import Sandbox
from tracker.model.telemetry import Guarded, Telemetry

How = Literal["exited", "timed-out", "memory", "device-memory", "stopped"]

#: number of the pipe that takes JSON lines, in the child's environment
RESULTS_FD = "TRACKER_RESULTS_FD"
#: number of the socket on which turns are passed, for a process that shares them with another
TURNS_FD = "TRACKER_TURNS_FD"

#: what a child may inherit: where programs are, how text and time are written, trusted certificates
_ALLOWED = {
    *("PATH", "LANG", "LANGUAGE", "TZ", "TZDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "CUDA_HOME", "CUDA_PATH"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a process and its children may take together; 0 means no limit."""

    #: seconds of wall time
    timeout: float = 0.0
    memory_bytes: int = 0
    #: memory of accelerators
    device_memory_bytes: int = 0


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
    #: which limit ended it, if any, and what it took at most
    guarded: Guarded
    telemetry: Telemetry
    #: seconds by which the clocks of this machine came apart meanwhile: it slept, or was set
    suspended_seconds: float


def allowed_environment(passthrough: Sequence[str] = ()) -> dict[str, str]:
    """The part of this process's environment that children may see; never credentials.

    ``passthrough`` names variables that the person allows beside the fixed list.
    """
    names = _ALLOWED | set(passthrough)
    return {
        name: value for name, value in os.environ.items() if name in names or name.startswith("LC_")
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to start, and how far it may go.

    Its HOME and TMPDIR are inside ``home``, made and removed by whoever starts it; it sees
    ``allowed_environment()`` and ``environment``, nothing else. ``job`` is written as a JSON file
    whose path becomes the last argument.
    """

    argv: Sequence[str]
    home: Path
    #: where it starts; None: in a directory of its own inside of ``home``
    directory: Path | None = None
    job: Mapping[str, Any] | None = field(default=None, hash=False)
    limits: Limits = field(default_factory=Limits)
    environment: Mapping[str, str] = field(default_factory=dict, hash=False)
    sandbox: Sandbox | None = None
    #: the processors that it may use, where the system can be told; empty: all
    processors: tuple[int, ...] = ()
    #: seconds between two looks at what it takes
    interval: float = 0.5


def started(
    program: Program,
    *,
    output: int,
    descriptors: Mapping[str, int],
    variables: Mapping[str, str],
) -> subprocess.Popen[bytes]:
    """Start a program in a group of its own.

    Args:
        program: what to start.
        output: descriptor that takes what it prints.
        descriptors: variable -> descriptor that it inherits and finds the number of there.
        variables: more of its environment.

    Raises:
        InfrastructureError: it cannot be started.
        DiskFullError: there is no room for its files.
    """
    with _faults(f"cannot start {program.argv[0]}"):
        private = _private_places(program)
        given = [*program.argv, *_job_file(program.home, program.job)]
        given[0] = _program(given[0], program.environment)
        start = Path(private["PWD"])
        around = program.sandbox.prefix(program.home, start) if program.sandbox else []
        child = subprocess.Popen(
            [*_leash(), *around, *given],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=tuple(descriptors.values()),
            cwd=start,
            env={
                **allowed_environment(),
                **program.environment,
                **variables,
                **private,
                **{name: str(number) for name, number in descriptors.items()},
            },
            start_new_session=True,
        )
        if program.processors and hasattr(os, "sched_setaffinity"):
            with contextlib.suppress(ProcessLookupError):  # over already
                os.sched_setaffinity(child.pid, program.processors)
        return child


def _private_places(program: Program) -> dict[str, str]:
    home = program.home
    for name in ("tmp", "work"):
        (home / name).mkdir(exist_ok=True)
    tmp, start = str(home / "tmp"), str(program.directory or home / "work")
    return {"HOME": str(home), "TMPDIR": tmp, "TMP": tmp, "TEMP": tmp, "PWD": start}


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
