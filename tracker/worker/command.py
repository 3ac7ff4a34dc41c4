"""Harness ``command``: any command, timed as a whole process.

The commands come from the configuration; the job holds the chosen one completely in
``options["commands"]``::

    {NAME: {"run": TEXT or [ARGUMENT, ...], "setup": the same or "", "shell": bool}}

``{parameter}`` stands for a parameter's value and ``{suite}`` for the suite's path.
Standard output goes to the null device, as a terminal or a pipe would have to be read.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from time import perf_counter

from .parameters import Values
from .protocol import DEFAULTS, extra_reading
from .task import SuiteOfTasks, Task, Unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any, Callable, Union

    Command = Union[str, "list[str]"]

setattr(subprocess, "_USE_VFORK", False)  # noqa: B010 - private, but documented; see _once
_CANNOT_TELL = 125
_TAIL = 2000  # bytes of standard error that are read back


def open_suite(job: dict[str, Any]) -> CommandSuite:
    """Take the commands from the job."""
    return CommandSuite(job)


class CommandSuite(SuiteOfTasks):
    """Commands by name."""

    def __init__(self, job: dict[str, Any]) -> None:
        self._job = job
        self._commands = job["options"]["commands"]

    def describe(self) -> list[dict[str, Any]]:
        return [_description(name, command) for name, command in self._commands.items()]

    def task(self, benchmark: str, parameters: dict[str, str]) -> Task:
        if benchmark not in self._commands:
            raise LookupError("the suite has no command %r" % benchmark)
        command = self._commands[benchmark]
        values = {"suite": self._job["suite"]}
        for name, text in parameters.items():
            values[name] = str(Values(command["params"].get(name, ())).value(text))
        return CommandTask(command, values, self._job)


def _description(name: str, command: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "axes": [
            {"name": parameter, "values": Values(values).texts, "open": True}
            for parameter, values in command["params"].items()
        ],
        "kind": "performance",
        "metric": "time",
        "unit": "s",
        "direction": "lower",
        "timeout": command["timeout"],
        "where": "",
    }


class CommandTask(Task):
    """One command with its parameters filled in."""

    #: what computes is not known to be Python
    backend = "command"

    def __init__(
        self, command: dict[str, Any], values: dict[str, str], job: dict[str, Any]
    ) -> None:
        self._shell = bool(command["shell"])
        self._run = self._filled(command["run"], values)
        self._setup = self._filled(command["setup"], values) if command["setup"] else None
        self._rules = {**DEFAULTS, **job.get("protocol", {})}
        path = os.path.join(job["prefix"], "bin") + os.pathsep + os.environ.get("PATH", os.defpath)
        self._environment = {**os.environ, "PATH": path}

    def setup(self) -> None:
        """Run the setup command, once."""
        if self._setup is not None:
            self._once(self._setup)

    def readings(self) -> list[dict[str, Any]]:
        first = self._once(self._run)
        limit = self._rules["preflight_seconds"]
        if limit and first["time"] >= limit:
            runs = [first]  # too slow to be run again; the first run is what there is
        else:
            runs = [self._once(self._run) for _ in range(int(self._rules["samples"]))]
        extra = [("cpu_time", "s"), ("peak_memory", "bytes")]
        return [{"samples": [run["time"] for run in runs]}] + [
            {**extra_reading(metric, unit, 0), "samples": [run[metric] for run in runs]}
            for metric, unit in extra
        ]

    def _filled(self, command: Command, values: dict[str, str]) -> Command:
        """Put values in the place of ``{name}``; other braces are the command's own."""
        if self._shell and isinstance(command, str):
            return _replaced(command, {name: shlex.quote(text) for name, text in values.items()})
        words = shlex.split(command) if isinstance(command, str) else command
        return [_replaced(word, values) for word in words]

    def _once(self, command: Command) -> dict[str, float]:
        """Run to the end.

        Linux hands the peak of the starting process on to what it starts. A forked copy
        has only some 5 MB of it, and less than a command's own is not seen.

        Raises:
            Unsupported: it ended with exit code 125, as commands of ``git bisect run`` say that
                they cannot tell.
            RuntimeError: it ended with another exit code than 0.
        """
        with tempfile.TemporaryFile() as errors:
            start = perf_counter()
            process = subprocess.Popen(
                command,
                shell=self._shell,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
            _, status, usage = os.wait4(process.pid, 0)
            seconds = perf_counter() - start
            process.returncode = _exit_code(status)
            if process.returncode == _CANNOT_TELL:
                raise Unsupported("the command ended with exit code %d" % _CANNOT_TELL)
            if process.returncode:
                raise RuntimeError(_failure(command, process.returncode, _tail(errors)))
        return {
            "time": seconds,
            "cpu_time": usage.ru_utime + usage.ru_stime,
            "peak_memory": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        }


def _replaced(text: str, values: dict[str, str]) -> str:
    names = "|".join(map(re.escape, values))
    replacement: Callable[[Any], str] = lambda match: values[match.group(1)]  # noqa: E731
    return re.sub(r"\{(%s)\}" % names, replacement, text)


def _exit_code(status: int) -> int:
    """Negative for a signal, as subprocess says it; ``os.waitstatus_to_exitcode`` is from 3.9."""
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def _failure(command: Command, code: int, errors: str) -> str:
    sys.stderr.write(errors)
    shown = command if isinstance(command, str) else " ".join(map(shlex.quote, command))
    how = "ended with exit code %d" % code if code > 0 else "was killed by signal %d" % -code
    last = (errors.strip().splitlines() or ["nothing on standard error"])[-1]
    return "`%s` %s: %s" % (shown, how, last)


def _tail(file: IO[bytes]) -> str:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TAIL))
    return file.read().decode("utf-8", "replace")
