"""``asv.conf.json``: what a project has already told asv."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tracker.config.commands import (
    CommandFlaw,
    CommandLine,
    command_line,
    installs_wheel,
    is_usual_build,
)
from tracker.config.hints import nearest
from tracker.errors import ConfigurationError, Problem

#: variable or requirement -> the values it takes; None: not there
Choices = Mapping[str, tuple[str | None, ...]]

_STRING_COMMENT_OR_COMMA = re.compile(
    r"""(?P<keep>"(?:\\.|[^"\\])*") | //[^\n]* | /\*.*?\*/ | ,(?=\s*[}\]])""",
    re.VERBOSE | re.DOTALL,
)
#: package -> what in a suite's files needs it: asv brings the first, and uses the second
_NEEDED = {
    "asv_runner": re.compile(rb"^\s*(from|import) asv_runner\b", re.MULTILINE),
    "pympler": re.compile(rb"\bdef (mem_|Mem[A-Z_])"),
}
#: keys that are read; the others are about asv's own storage and publishing
_TEXTS = ("project", "repo", "repo_subdir", "dvcs", "benchmark_dir", "show_commit_url")
_COMMANDS = ("build_command", "install_command")
_LISTS = ("branches", "pythons", *_COMMANDS)
_MATRIX_PARTS = ("req", "env", "env_nobuild")
_REMOTE = re.compile(r"^(\w[\w+.-]*://|[\w.-]+@[\w.-]+:)")


@dataclass(frozen=True, slots=True, kw_only=True)
class AsvConfiguration:
    """What of the file decides what is measured, and how it is built."""

    path: Path
    project: str
    #: URL, or path relative to the file
    repo: str
    repo_subdir: str = ""
    dvcs: str = "git"
    branches: tuple[str, ...] = ()
    #: relative to the file
    benchmark_dir: str = "benchmarks"
    pythons: tuple[str, ...] = ()
    #: the matrix: requirements, variables, and variables that the build does not see
    requirements: Choices = field(default_factory=dict, hash=False)
    environment: Choices = field(default_factory=dict, hash=False)
    environment_nobuild: Choices = field(default_factory=dict, hash=False)
    build_command: tuple[str, ...] = ()
    install_command: tuple[str, ...] = ()
    show_commit_url: str = ""


def read_asv_conf(path: Path) -> AsvConfiguration:
    """Read the file, which is JSON with comments and trailing commas.

    Raises:
        ConfigurationError: it cannot be read, is no JSON, or has wrong values; all of them.
    """
    content = _parsed(path)
    problems = tuple(_problems(content))
    if problems:
        raise ConfigurationError(
            f"{path.name} is not a configuration of asv",
            code="asv.invalid",
            problems=[
                Problem(
                    message=one.message,
                    where=f"{path}: {one.where}",
                    value=one.value,
                    hint=one.hint,
                )
                for one in problems
            ],
        )
    matrix = _matrix(content)
    fields: dict[str, Any] = {key: content[key] for key in _TEXTS if content.get(key)}
    for key in _LISTS:
        fields[key] = tuple(str(one) for one in _listed(content.get(key)) if one is not None)
    return AsvConfiguration(
        path=path,
        requirements=_choices(matrix.get("req", {})),
        environment=_choices(matrix.get("env", {})),
        environment_nobuild=_choices(matrix.get("env_nobuild", {})),
        **fields,
    )


def settings_from(conf: AsvConfiguration, *, root: Path | None = None) -> dict[str, Any]:
    """The tracker's configuration for the same suite, as nested plain data.

    The suite's files are looked into for packages that asv would provide.

    Args:
        root: directory that relative paths of the result start from; the file's own.
    """
    here = conf.path.absolute().parent
    start = (root or here).absolute()

    def relative(path: str) -> str:
        return Path(os.path.relpath(here / path, start)).as_posix()

    project = {
        "name": conf.project,
        "repository": conf.repo if _REMOTE.match(conf.repo) else relative(conf.repo),
        "subdirectory": conf.repo_subdir,
        "branch": conf.branches[0] if conf.branches else "",
        "commit_url": f"{conf.show_commit_url}{{sha}}" if conf.show_commit_url else "",
    }
    place = relative(".")
    environment: dict[str, Any] = {
        "build_command": _carried(conf.build_command, place, is_usual_build),
        "install_command": _carried(conf.install_command, place, installs_wheel),
        "pythons": [python for python in conf.pythons if re.fullmatch(r"\d+(\.\d+)*", python)],
        "requires": [
            _requirement(name, values[-1])
            for name, values in conf.requirements.items()
            if values[-1] is not None
        ]
        + _needed(here / conf.benchmark_dir),
    }
    return {
        "project": {key: value for key, value in project.items() if value},
        "suite": {
            "name": conf.project,
            "harness": "asv",
            "path": relative(conf.benchmark_dir),
        },
        "environment": {key: value for key, value in environment.items() if value},
    }


def left_out(conf: AsvConfiguration) -> tuple[str, ...]:
    """What the file says and ``settings_from`` does not carry over, a sentence each."""
    several = [name for name, values in conf.requirements.items() if len(values) > 1]
    variables = [*conf.environment, *conf.environment_nobuild]
    sentences = {
        f"only the last version of {', '.join(several)} is taken from the matrix": several,
        f"the environment variables {', '.join(variables)} are not set": variables,
        f"of {len(conf.branches)} branches only the first is taken": conf.branches[1:],
    }
    return tuple(sentence for sentence, applies in sentences.items() if applies)


def _carried(
    texts: tuple[str, ...], place: str, is_usual: Callable[[CommandLine], bool]
) -> list[str]:
    """Command lines for a configuration from which ``asv.conf.json`` lies at a place.

    None where all of them come to what the tracker does anyway.
    """
    if all(map(is_usual, map(command_line, texts))):
        return []
    here = "{conf_dir}" if place == "." else f"{{conf_dir}}/{shlex.quote(place)}"
    return [text.replace("{conf_dir}", here) for text in texts]


def _needed(suite: Path) -> list[str]:
    texts = [path.read_bytes() for path in sorted(suite.rglob("*.py"))]
    return [name for name, sign in _NEEDED.items() if any(map(sign.search, texts))]


def _requirement(name: str, version: str | None) -> str:
    package = name.removeprefix("pip+")
    if not version:
        return package
    return package + version if version[0] in "<>=!~" else f"{package}=={version}"


def _parsed(path: Path) -> Mapping[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{path} cannot be read: {error}",
            code="asv.unreadable",
            problems=[Problem(message=str(error), where=str(path))],
        ) from error
    try:
        content = json.loads(_STRING_COMMENT_OR_COMMA.sub(_kept, text))
    except json.JSONDecodeError as error:
        lines = text.splitlines()
        raise ConfigurationError(
            f"{path.name} is no JSON: {error.msg}",
            code="asv.syntax",
            problems=[
                Problem(
                    message=error.msg,
                    where=f"{path}:{error.lineno}",
                    value=lines[error.lineno - 1].strip() if error.lineno <= len(lines) else "",
                )
            ],
        ) from error
    if not isinstance(content, dict):
        raise ConfigurationError(
            f"{path.name} is not a configuration of asv",
            code="asv.invalid",
            problems=[Problem(message="not a JSON object", where=str(path))],
        )
    return content


def _kept(match: re.Match[str]) -> str:
    """A string as it is; of the rest its line ends, so that places in messages are right."""
    return match["keep"] or "\n" * match[0].count("\n")


def _problems(content: Mapping[str, Any]) -> Iterator[Problem]:
    for key in ("project", "repo"):
        if not content.get(key):
            near = nearest(key, [one for one in content if one not in _TEXTS])
            hint = f"is {near!r} meant to be it?" if near else ""
            yield Problem(message=f"{key!r} is missing", where=key, hint=hint)
    for key in _TEXTS:
        if not isinstance(content.get(key, ""), str | None):
            yield Problem(message="not a text", where=key, value=str(content[key]))
    for key in _LISTS:
        if not _are_texts(_listed(content.get(key))):
            yield Problem(message="not a list of texts", where=key, value=str(content[key]))
        elif key in _COMMANDS:
            yield from _problems_of_commands(key, _listed(content.get(key)))
    if (dvcs := content.get("dvcs") or "git") != "git":
        yield Problem(
            message="only git repositories can be measured", where="dvcs", value=str(dvcs)
        )
    yield from _problems_of_matrix(content)


def _problems_of_commands(key: str, texts: list[Any]) -> Iterator[Problem]:
    for text in texts:
        try:
            command_line(str(text))
        except CommandFlaw as flaw:
            yield Problem(message=str(flaw), where=key, value=str(text), hint=flaw.hint)


def _problems_of_matrix(content: Mapping[str, Any]) -> Iterator[Problem]:
    if not isinstance(content.get("matrix", {}), dict):
        yield Problem(message="not an object", where="matrix", value=str(content["matrix"]))
        return
    for part, choices in _matrix(content).items():
        if not isinstance(choices, dict):
            yield Problem(message="not an object", where=f"matrix.{part}", value=str(choices))
            continue
        for name, values in choices.items():
            if not _are_texts(_listed(values)):
                where = f"matrix.{part}.{name}"
                yield Problem(message="not a list of texts", where=where, value=str(values))


def _matrix(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """The matrix in its parts; without parts all of it is requirements."""
    matrix: Mapping[str, Any] = content.get("matrix") or {}
    return matrix if any(part in matrix for part in _MATRIX_PARTS) else {"req": matrix}


def _choices(part: Mapping[str, Any]) -> Choices:
    return {
        name: tuple(None if one is None else str(one) for one in _listed(values)) or ("",)
        for name, values in part.items()
    }


def _listed(value: Any) -> list[Any]:
    """One value is a list of one; nothing is an empty list."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _are_texts(values: list[Any]) -> bool:
    return all(one is None or isinstance(one, str | int | float) for one in values)
