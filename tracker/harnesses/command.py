"""Harness ``command``: commands of the configuration, timed as whole processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tracker.config.hints import did_you_mean
from tracker.config.settings import SuiteSettings
from tracker.errors import Problem
from tracker.harnesses.base import (
    check_options,
    plain_job,
    present,
    put_together,
    report,
)
from tracker.model.suites import Axis, Benchmark, Suite
from tracker.worker.parameters import Values

_WHERE = "suite.options.commands"
_HINT = "set suite.options.commands to names and commands: {startup: python -c pass}"
_DEFAULTS: Mapping[str, Any] = {
    "run": "",
    "setup": "",
    "params": {},
    "shell": False,
    "timeout": None,
}


class CommandHarness:
    """Reads ``suite.options.commands``: a command, or a mapping with ``run`` and more.

    ``run`` and ``setup`` are text, split as a shell would, or a list of arguments;
    ``params`` gives the values of each ``{parameter}`` in them; ``shell: true`` hands the
    text to a shell; ``timeout`` is in seconds. With ``suite.path`` the files there
    belong to the suite, and ``{suite}`` is where they lie.
    """

    def outline(self, settings: SuiteSettings, files: Path) -> Suite:
        """See ``Harness.outline``."""
        commands = _commands(settings)
        if settings.path:
            present(settings, files)
        return put_together(
            settings,
            files if settings.path else None,
            [_benchmark(name, command) for name, command in commands.items()],
            hint=_HINT,
        )

    def job(self, settings: SuiteSettings, files: Path) -> dict[str, Any]:
        """See ``Harness.job``."""
        return plain_job(settings, files) | {"options": {"commands": _commands(settings)}}


def _commands(settings: SuiteSettings) -> dict[str, dict[str, Any]]:
    """Every command with all of its fields."""
    check_options(settings.options, ("commands",), where="suite.options")
    given = settings.options.get("commands") or {}
    report(_problems(given))
    return {
        str(name): {**_DEFAULTS, **(command if isinstance(command, Mapping) else {"run": command})}
        for name, command in given.items()
    }


def _problems(given: Any) -> Iterator[Problem]:
    if not isinstance(given, Mapping):
        yield Problem(message="not a mapping", where=_WHERE, value=str(given), hint=_HINT)
        return
    for name, command in given.items():
        where = f"{_WHERE}.{name}"
        fields = command if isinstance(command, Mapping) else {"run": command}
        for field in fields:
            if field not in _DEFAULTS:
                yield Problem(
                    message=f"unknown field {field!r}",
                    where=f"{where}.{field}",
                    hint=did_you_mean(str(field), _DEFAULTS),
                )
        yield from _wrong_values(fields, where)


def _wrong_values(fields: Mapping[str, Any], where: str) -> Iterator[Problem]:
    for field, needed in (("run", True), ("setup", False)):
        value = fields.get(field, "")
        if not _is_command(value) or (needed and not value):
            yield Problem(
                message="not a command: give text or a list of words",
                where=f"{where}.{field}",
                value=str(value),
            )
    params = fields.get("params", {})
    if not isinstance(params, Mapping) or not all(_are_values(v) for v in params.values()):
        yield Problem(
            message="parameters need lists of values",
            where=f"{where}.params",
            value=str(params),
            hint="params: {size: [1, 8]}",
        )
    elif unused := [name for name in params if not _mentions(fields, str(name))]:
        yield Problem(
            message=f"the command has no {{{unused[0]}}}",
            where=f"{where}.params.{unused[0]}",
            hint=f"write {{{unused[0]}}} where the value goes",
        )
    if not isinstance(fields.get("shell", False), bool):
        yield Problem(message="not true or false", where=f"{where}.shell")
    timeout = fields.get("timeout")
    if timeout is not None and (isinstance(timeout, bool) or not isinstance(timeout, int | float)):
        yield Problem(
            message="not a number of seconds", where=f"{where}.timeout", value=str(timeout)
        )


def _is_command(value: Any) -> bool:
    return isinstance(value, str) or _are_values(value)


def _are_values(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value)


def _mentions(fields: Mapping[str, Any], name: str) -> bool:
    return any(f"{{{name}}}" in str(fields.get(field, "")) for field in ("run", "setup"))


def _benchmark(name: str, command: Mapping[str, Any]) -> Benchmark:
    return Benchmark(
        name=name,
        axes=tuple(
            Axis(name=str(parameter), values=tuple(Values(values).texts), open=True)
            for parameter, values in command["params"].items()
        ),
        timeout=command["timeout"],
        where=f"{_WHERE}.{name}",
    )
