"""The one place that runs uv."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from tracker.environments.faults import Unbuildable, machine_faults, refuse_full_disk
from tracker.environments.indexes import pip_files, uv_variables
from tracker.errors import InfrastructureError
from tracker.machine.program import allowed_environment

#: beside uv's own: how uv reaches an index and where it keeps its cache
_HANDED_ON = (
    *("HOME", "NETRC", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CONFIG_DIRS"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy", "PYENV_ROOT", "TMPDIR"),
)
#: the network's doing, whatever else uv says about it
_NETWORKS_FAULT = (
    "Failed to fetch",
    "error sending request",
    "Request failed after",
    "dns error",
    "Connection refused",
    "Network connectivity is disabled",
)
#: the commit's doing: no versions fit, or a package of its cannot be built here
_COMMITS_FAULT = (
    "No solution found",
    "Failed to build",
    "failed to build",
    "is not compatible with",
    "has no wheels with a matching",
    "Failed to parse",
    "Couldn't parse",
)

#: seconds between two looks at ``stop``
_BEAT = 0.1


class Uv:
    """Runs uv with what pip was told about indexes; only uv ever sees that."""

    def __init__(self, *, cwd: Path, stop: threading.Event | None = None) -> None:
        """Prepare.

        Args:
            cwd: a directory to run in, where no project's configuration of uv lies above.
            stop: ends whatever runs when set; what it was asked for fails then.
        """
        self._cwd = cwd
        self._stop = stop or threading.Event()

    def find(self, *requests: str, path: str | None = None) -> str | None:
        """The interpreter on this machine that fits a version request; nothing is downloaded."""
        words = ["python", "find", "--system", "--no-project", "--no-python-downloads"]
        done = self._run([*words, *requests], {"PATH": path} if path else {})
        return None if done.returncode else done.stdout.strip()

    def venv(self, path: Path, python: Path) -> None:
        """Make an environment without packages.

        Raises:
            InfrastructureError: uv cannot.
        """
        self._pip_less(["venv", "--quiet", "--no-project", "--python", str(python), str(path)])

    def install(
        self,
        prefix: Path,
        what: Sequence[str],
        *,
        dependencies: bool,
        compile_bytecode: bool,
        cache: Path | None = None,
    ) -> None:
        """Install into an environment.

        Args:
            prefix: the environment.
            what: requirements, or paths of wheels.
            dependencies: also install what they need.
            compile_bytecode: compile all of the environment's files.
            cache: uv's cache, when not the user's own.

        Raises:
            Unbuildable: a package among them cannot be had or built.
            InfrastructureError: the network or the machine failed.
        """
        words = ["pip", "install", "--quiet", "--python", str(prefix)]
        words += [] if dependencies else ["--no-deps"]
        words += ["--compile-bytecode"] if compile_bytecode else []
        words += ["--cache-dir", str(cache)] if cache else []
        self._checked([*words, "--requirements", "-"], stdin=_lines(what))

    def resolve(
        self, requirements: Sequence[str], python: Path, *, before: str = ""
    ) -> tuple[str, ...]:
        """Exact versions of all that the requirements need, one a line, sorted by name.

        Args:
            requirements: what to resolve together.
            python: the interpreter to resolve for.
            before: ISO date and time; packages that were uploaded later do not exist.

        Raises:
            Unbuildable: no versions fit together.
            InfrastructureError: the network or the machine failed.
        """
        if not requirements:
            return ()
        words = ["pip", "compile", "--quiet", "--no-header", "--no-annotate", "--python"]
        words += [str(python)]
        words += ["--exclude-newer", before] if before else []
        printed = self._checked([*words, "-"], stdin=_lines(requirements))
        return tuple(line for line in printed.splitlines() if line and not line.startswith("-"))

    def forget(self, cache: Path) -> None:
        """Empty a cache of uv's, once no other uv uses it."""
        self._pip_less(["cache", "clean", "--quiet", "--cache-dir", str(cache)])

    def _pip_less(self, words: Sequence[str]) -> None:
        done = self._run(words, {})
        if done.returncode:
            refuse_full_disk(f"uv {words[0]}", done.stderr, self._cwd)
            raise InfrastructureError(f"uv {words[0]} failed: {_first(done.stderr)}")

    def _checked(self, words: Sequence[str], *, stdin: str) -> str:
        done = self._run(words, {}, stdin)
        if not done.returncode:
            return done.stdout
        what = f"uv {words[0]} {words[1]}"
        refuse_full_disk(what, done.stderr, self._cwd)
        network = any(sign in done.stderr for sign in _NETWORKS_FAULT)
        if not network and any(sign in done.stderr for sign in _COMMITS_FAULT):
            raise Unbuildable(_cause(done.stderr), log=done.stderr)
        raise InfrastructureError(
            f"{what} failed: {_cause(done.stderr)}",
            hint="`tracker doctor` checks the package index; the same command goes on from here",
        )

    def _run(
        self, words: Sequence[str], extra: Mapping[str, str], stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        with machine_faults("cannot run uv"):
            self._cwd.mkdir(parents=True, exist_ok=True)
            with subprocess.Popen(
                [self._program, *words],
                cwd=self._cwd,
                env={**self._environment, **extra},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
                # Ctrl-C in a terminal is the tracker's to hear: a build that it broke would look
                # like one that fails
                process_group=0,
            ) as process:
                return self._until_over(process, stdin)

    def _until_over(
        self, process: subprocess.Popen[str], stdin: str
    ) -> subprocess.CompletedProcess[str]:
        waiting: str | None = stdin
        while True:
            try:
                out, err = process.communicate(waiting, timeout=_BEAT)
            except subprocess.TimeoutExpired:
                waiting = None  # it is on its way, and must not be given twice
                if self._stop.is_set():
                    os.killpg(process.pid, signal.SIGKILL)
                    process.communicate()
                    # what it has not said must not be taken for an answer
                    raise InfrastructureError("stopped before uv had an answer") from None
            else:
                return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    @cached_property
    def _program(self) -> str:
        from uv import find_uv_bin  # noqa: PLC0415 - an error of its own where it is missing

        try:
            return str(find_uv_bin())
        except FileNotFoundError as error:
            raise InfrastructureError(
                "uv is not installed beside the tracker",
                code="infrastructure.uv",
                hint="pip install uv",
            ) from error

    @cached_property
    def _environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if name.startswith("UV_")}
        files = pip_files(os.environ, Path.home())
        return {
            **allowed_environment(_HANDED_ON),
            **own,
            **uv_variables(os.environ, files),
            "UV_NO_PROGRESS": "1",
            "UV_PYTHON_DOWNLOADS": "never",
            "NO_COLOR": "1",
        }


def _lines(words: Sequence[str]) -> str:
    return "".join(f"{word}\n" for word in words)


def _first(printed: str) -> str:
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    return lines[0].removeprefix("error: ") if lines else "it said nothing"


def _cause(printed: str) -> str:
    """The cause where uv names one, else what it says first."""
    for line in printed.splitlines():
        if line.strip().startswith(("cause: ", "╰─▶ ")):
            return line.strip().removeprefix("cause: ").removeprefix("╰─▶ ")
    return _first(printed)
