"""Commands of the tracker that need not import what the ones before have imported.

A command spends one to three seconds of the processor on imports, and the acceptance tests type
hundreds. Here one process imports what most need, and forks for each: everything else of a command
is its own, as if it had been started by a shell.
"""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

CHECKOUT = Path(__file__).parents[2]
#: what most commands import, of this project and of others
IMPORTED = (
    "git",
    "hydra",
    "psycopg",
    "rich.progress",
    "sqlalchemy.dialects.postgresql.psycopg",
    "tracker.config.composing",
    "tracker.engine.session",
    "tracker.findings.context",
    "tracker.publish.gather",
    "tracker.publish.terminal",
    "tracker.store.store",
)
PATIENCE = 0.01


class Prompt:
    """Takes commands, one at a time."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def call(
        self,
        arguments: Sequence[str],
        *,
        directory: Path,
        environment: Mapping[str, str],
        timeout: float,
    ) -> tuple[int, str, str]:
        """Exit status, and what was written to standard output and standard error.

        Raises:
            subprocess.TimeoutExpired: it took longer than ``timeout`` seconds, and was killed.
        """
        with TemporaryDirectory() as room:
            out, err = Path(room) / "out", Path(room) / "err"
            asked = {
                "arguments": list(arguments),
                "directory": str(directory),
                "environment": dict(environment),
                "files": [os.devnull, str(out), str(err)],
                "timeout": timeout,
            }
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            print(json.dumps(asked), file=self._process.stdin, flush=True)
            status = json.loads(self._process.stdout.readline())
            if status is None:
                raise subprocess.TimeoutExpired(list(arguments), timeout)
            return status, out.read_text("utf-8"), err.read_text("utf-8")


@contextmanager
def prompting() -> Iterator[Prompt]:
    """A prompt that is there meanwhile."""
    with subprocess.Popen(
        [sys.executable, "-m", __name__],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Prompt(process)


def _serve() -> None:
    for name in IMPORTED:
        import_module(name)
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(asked)
            runpy.run_module("tracker", run_name="__main__", alter_sys=True)
            return
        print(json.dumps(_status(child, asked["timeout"])), flush=True)


def _become(asked: Mapping[str, Any]) -> None:
    """Take the place of what a shell would have started."""
    for number, path in enumerate(asked["files"]):
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["directory"])
    sys.argv = ["tracker", *asked["arguments"]]
    sys.path[0] = asked["directory"]


def _status(child: int, timeout: float) -> int | None:
    """As of ``subprocess``; None for one that had to be killed."""
    end = time.monotonic() + timeout
    while True:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > end:
            os.kill(child, 9)
            os.waitpid(child, 0)
            return None
        time.sleep(PATIENCE)


if __name__ == "__main__":
    _serve()
