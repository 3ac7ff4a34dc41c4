"""The commands as a user types them, on histories made to order, with a home of their own."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.support.histories import SampleHistory, write_suite
from tests.support.prompt import Prompt, prompting

CHECKOUT = Path(__file__).parents[2]

#: a protocol that takes milliseconds: these tests are about what is found, not how precisely
QUICK = (
    "policy.samples=3",
    "policy.sample_seconds=0.001",
    "policy.warmup_seconds=0.01",
    "policy.batch_commits=40",
    "policy.reference=none",
    "policy.package=false",
    "policy.noisy_processes=0",
)

CONFIGURATION = """\
defaults:
  - tracker
  - _self_
project: {{name: {name}, repository: {repository}, package: sample}}
suite: {{name: sample, path: {suite}}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """The JSON that ``--json`` printed."""
        return dict(json.loads(self.out))


class Desk:
    """A directory with a configuration, and the ``tracker`` command to call in it."""

    prompt: ClassVar[Prompt]

    def __init__(self, directory: Path, home: Path) -> None:
        self.directory = directory
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("GIT_", "TRACKER_"))
        } | {"TRACKER_HOME": str(home), "CI": "true", "PYTHONPATH": str(CHECKOUT)}

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "tracker", *arguments]

    def tracker(self, *arguments: str, timeout: float = 180) -> Result:
        """Run a command to its end."""
        status, out, err = self.prompt.call(
            arguments, directory=self.directory, environment=self.environment, timeout=timeout
        )
        return Result(status=status, out=out, err=err)

    def in_terminal(self, *arguments: str) -> tuple[int, str]:
        """Run a command as if a person sat there: its status, and all that was drawn."""
        ours, theirs = pty.openpty()
        environment = self.environment | {"TERM": "xterm-256color", "COLUMNS": "120", "CI": ""}
        with subprocess.Popen(
            self.command(*arguments),
            cwd=self.directory,
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        ) as process:
            os.close(theirs)
            drawn = b"".join(_until_closed(ours))
        os.close(ours)
        return process.returncode, drawn.decode()

    def run(self, *arguments: str, quick: Sequence[str] = QUICK) -> Result:
        """``tracker run`` with the quick protocol, its report as JSON."""
        return self.tracker("run", "--json", *arguments, *quick)

    @contextmanager
    def started(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """Start a command, leave it running, and see that it is gone at the end."""
        with subprocess.Popen(
            self.command(*arguments),
            cwd=self.directory,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()


def _until_closed(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # how Linux says that nobody holds the other end any more
            return
        if not piece:
            return
        yield piece


@pytest.fixture(scope="session", autouse=True)
def prompt() -> Iterator[None]:
    with prompting() as Desk.prompt:
        yield


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One cache and one embedded server for all tests of a process; projects differ by name."""
    directory = tmp_path_factory.mktemp("héim with 'space") / "home"
    yield directory
    desk = Desk(directory.parent, directory)
    assert desk.tracker("db", "stop").status == 0


@pytest.fixture
def desk(tmp_path: Path, home: Path) -> Desk:
    """An empty directory to type commands in."""
    return Desk(tmp_path, home)


def configure(desk: Desk, history: SampleHistory, *, sizes: Sequence[int] = ()) -> None:
    """Write a suite of the four functions, and the configuration that names it."""
    suite = write_suite(desk.directory / "suite.py", sizes=sizes)
    text = CONFIGURATION.format(
        name=json.dumps(desk.directory.name),
        repository=json.dumps(str(history.path)),
        suite=json.dumps(str(suite)),
    )
    if history.subdirectory:
        text = text.replace(
            "package: sample", f"package: sample, subdirectory: {history.subdirectory}"
        )
    (desk.directory / "tracker.yaml").write_text(text)
