"""Command lines that build and install a project, in the way that asv writes them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from string import Formatter

from tracker.config.hints import did_you_mean

#: what a command line may have filled in
PLACEHOLDERS = (
    *("project", "commit", "conf_dir", "env_name", "env_type", "env_dir"),
    *("build_dir", "build_cache_dir", "wheel_file"),
)

_VARIABLE = re.compile(r"([A-Za-z_]\w*)=(.*)", re.ASCII | re.DOTALL)
_STATUSES = re.compile(r"\d+(,\d+)*")
#: pip installs the built wheel: whatever the options, that is what every environment gets
_INSTALLS_WHEEL = re.compile(
    r"(in-dir=\S+ )?(python -m ?)?pip install( -{1,2}[\w-]+)* \{wheel_file\}( -{1,2}[\w-]+)*"
)
#: asv's own ways to build, over the years: they come to what the hooks of the build system do
_USUAL_BUILD = re.compile(
    r"python setup\.py build"
    r"|(PIP_NO_BUILD_ISOLATION=(false|0) )?python -m build"
    r"|(PIP_NO_BUILD_ISOLATION=(false|0) )?"
    r"python -m ?pip wheel( --no-deps)?( --no-index)? -w \{build_cache_dir\} \{build_dir\}"
)


class CommandFlaw(ValueError):  # noqa: N818 - not an error of its own: it becomes a problem
    """What is wrong with a command line."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLine:
    """One program to run, with ``{placeholders}`` in all of its parts but the names."""

    #: as it was written: its identity
    text: str
    words: tuple[str, ...]
    #: environment variables of its own
    variables: Mapping[str, str] = field(default_factory=dict, hash=False)
    #: where it starts; "" for the usual place
    directory: str = ""
    #: exit statuses that are no failure; None: all of them
    statuses: frozenset[int] | None = frozenset({0})

    @property
    def placeholders(self) -> frozenset[str]:
        templates = (*self.words, *self.variables.values(), self.directory)
        return frozenset(name for template in templates for name in _names(template))


def is_usual_build(line: CommandLine) -> bool:
    """Whether it is among what asv does without being told."""
    return bool(_USUAL_BUILD.fullmatch(" ".join(line.text.split())))


def installs_wheel(line: CommandLine) -> bool:
    """Whether pip installs the wheel that was built, and nothing else happens."""
    return bool(_INSTALLS_WHEEL.fullmatch(" ".join(line.text.split())))


def command_line(text: str) -> CommandLine:
    """Read ``[NAME=value|return-code=0,1|return-code=any|in-dir=place ...] program words...``.

    Words are split as a POSIX shell splits them, and nothing else of a shell is there: no
    variables, no wildcards, no redirection. ``{{`` is a brace.

    Raises:
        CommandFlaw: it cannot be read, or has a placeholder that nothing fills.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise CommandFlaw(f"cannot be split into words: {error}") from error
    variables: dict[str, str] = {}
    prefixes: dict[str, str] = {}
    while words:
        name, _, value = words[0].partition("=")
        if name in ("return-code", "in-dir"):
            if name in prefixes:
                raise CommandFlaw(f"has {name} more than once")
            prefixes[name] = value
        elif assignment := _VARIABLE.fullmatch(words[0]):
            variables[assignment[1]] = assignment[2]
        else:
            break
        del words[0]
    if not words:
        raise CommandFlaw("names no program")
    read = CommandLine(
        text=text,
        words=tuple(words),
        variables=variables,
        directory=prefixes.get("in-dir", ""),
        statuses=_statuses(prefixes.get("return-code", "0")),
    )
    for name in sorted(read.placeholders.difference(PLACEHOLDERS)):
        raise CommandFlaw(
            f"has {{{name}}}, which nothing fills in", hint=did_you_mean(name, PLACEHOLDERS)
        )
    return read


def _statuses(text: str) -> frozenset[int] | None:
    if text == "any":
        return None
    if not _STATUSES.fullmatch(text):
        hint = "return-code=0, return-code=0,1 or return-code=any"
        raise CommandFlaw(f"has return-code={text}, which is no exit status", hint=hint)
    return frozenset(map(int, text.split(",")))


def _names(template: str) -> Iterator[str]:
    try:
        pieces = list(Formatter().parse(template))
    except ValueError as error:
        raise CommandFlaw(f"has braces that do not fit: {error}", hint="{{ is a brace") from error
    for _, name, layout, conversion in pieces:
        if name is not None:
            yield name + (f"!{conversion}" if conversion else "") + (f":{layout}" if layout else "")
