"""The section ``environment`` of a configuration."""

from __future__ import annotations

import re
from collections.abc import Callable

from packaging.requirements import InvalidRequirement, Requirement

from tracker.config.commands import (
    CommandFlaw,
    CommandLine,
    command_line,
    installs_wheel,
    is_usual_build,
)
from tracker.config.reading import Section, glob_flaw
from tracker.config.settings import EnvironmentSettings

RECIPES = ("pinned", "contemporary")

#: the oldest Python that the worker runs on
_OLDEST_PYTHON = 8
_PYTHON = re.compile(r"3\.(\d+)(\.\d+)?")


def environment_from(section: Section) -> EnvironmentSettings:
    """How commits become interpreters; what is wrong is noted in the section's report."""
    environment = EnvironmentSettings(
        recipes=section.choices("recipe", RECIPES),
        pythons=_pythons(section),
        requires=section.texts("requires", _requirement_flaw),
        extras=section.texts("extras"),
        build_requires=section.texts("build_requires", _requirement_flaw),
        build_commands=_commands(section, "build_command", is_usual_build),
        install_commands=_commands(section, "install_command", installs_wheel),
        identity=section.boolean("identity"),
        inert_paths=section.texts("inert_paths", glob_flaw),
        submodules=section.boolean("submodules"),
        lfs=section.boolean("lfs"),
        build_timeout=section.seconds("build_timeout", 1),
        cache_bytes=section.byte_count("cache_bytes"),
    )
    section.refuse_others()
    return environment


def _pythons(section: Section) -> tuple[str, ...]:
    found = []
    for place, value in section.entries("python"):
        text = str(value)
        version = _PYTHON.fullmatch(text)
        if isinstance(value, float) and len(text) == len("3.1"):
            hint = f'without quotes {text}0 is the number {text}: write "{text}0"'
            section.wrong(place, "is not a version of Python", value, hint)
        elif isinstance(value, bool) or not version:
            hint = 'for example "3.12", or several: ["3.11", "3.12"]'
            section.wrong(place, "is not a version of Python", value, hint)
        elif int(version[1]) < _OLDEST_PYTHON:
            section.wrong(place, "the oldest Python that works is 3.8", value)
        found.append(text)
    if not found:
        section.wrong("python", "names no Python")
    return tuple(dict.fromkeys(found))


def _commands(
    section: Section, name: str, is_usual: Callable[[CommandLine], bool]
) -> tuple[CommandLine, ...]:
    """Command lines, none where all of them come to what is done anyway."""
    found = []
    for place, text in section.entries(name):
        if not isinstance(text, str):
            section.wrong(place, "must be text", text)
            continue
        try:
            found.append(command_line(text))
        except CommandFlaw as flaw:
            section.wrong(place, str(flaw), text, flaw.hint)
    return () if all(map(is_usual, found)) else tuple(found)


def _requirement_flaw(text: str) -> str:
    try:
        Requirement(text)
    except InvalidRequirement as error:
        return f"is not a requirement: {str(error).splitlines()[0]}"
    return ""
