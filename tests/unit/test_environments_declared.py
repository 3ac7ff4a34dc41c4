"""What a commit declares, from pyproject.toml or from METADATA."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker.environments.declared import Declared, from_metadata, static
from tracker.environments.faults import Unbuildable
from tracker.environments.interpreters import Interpreter

LINUX_311 = Interpreter(
    path=Path("/python"),
    name="cpython-3.11.7",
    platform="linux-x86_64",
    markers={
        "python_version": "3.11",
        "python_full_version": "3.11.7",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
        "platform_machine": "x86_64",
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_version": "",
        "implementation_name": "cpython",
        "implementation_version": "3.11.7",
    },
)

PROJECT = b"""
[project]
name = "My.Thing"
requires-python = ">=3.8"
dependencies = ["attrs>=20", "colorama; sys_platform == 'win32'"]

[project.optional-dependencies]
Fast = ["numpy>=1.2 ; python_version > '3.7'"]
all = ["my-thing[fast]"]
old = ["dataclasses; python_version < '3.7'"]
"""


def needed(declared: Declared | None, *extras: str) -> tuple[str, ...]:
    assert declared is not None
    return declared.needed(extras, LINUX_311)


def test_dependencies_are_read_without_building() -> None:
    declared = static(PROJECT, [])
    assert declared is not None
    assert declared.name == "my-thing"
    assert needed(declared) == ("attrs>=20",)


def test_extras_bring_their_requirements() -> None:
    assert needed(static(PROJECT, ["fast"]), "fast") == ("attrs>=20", "numpy>=1.2")
    assert needed(static(PROJECT, ["old"]), "old") == ("attrs>=20",)


def test_extras_of_extras_are_followed() -> None:
    assert needed(static(PROJECT, ["all"]), "all") == ("attrs>=20", "numpy>=1.2")


def test_markers_that_know_no_extras_are_kept() -> None:
    text = b"[project]\nname = 'a'\ndependencies = [\"b; python_version > '3.7'\"]\n"
    assert needed(static(text, [])) == ('b; python_version > "3.7"',)


@pytest.mark.parametrize(
    "text",
    [
        None,
        b"",
        b"[tool.poetry]\nname = 'a'\n",
        b"[project]\nname = 'a'\ndynamic = ['dependencies']\n",
    ],
)
def test_what_only_a_build_can_tell_is_none(text: bytes | None) -> None:
    assert static(text, []) is None


def test_dynamic_extras_matter_only_when_asked_for() -> None:
    text = b"[project]\nname = 'a'\ndynamic = ['optional-dependencies']\n"
    assert static(text, []) is not None
    assert static(text, ["fast"]) is None


def test_metadata_says_the_same_as_the_file() -> None:
    metadata = (
        "Metadata-Version: 2.1\nName: My.Thing\nVersion: 1\nRequires-Python: >=3.8\n"
        "Requires-Dist: attrs>=20\nRequires-Dist: numpy>=1.2; extra == 'fast'\n\nText\n"
    )
    assert needed(from_metadata(metadata), "fast") == ("attrs>=20", "numpy>=1.2")
    assert needed(from_metadata(metadata)) == ("attrs>=20",)


def test_a_python_that_does_not_fit_is_the_commits_failure() -> None:
    text = b"[project]\nname = 'a'\nrequires-python = '>=3.12'\n"
    with pytest.raises(Unbuildable, match=r"needs Python >=3\.12, .* has 3\.11\.7"):
        needed(static(text, []))


@pytest.mark.parametrize(
    "text",
    [
        b"[project\n",
        b"[project]\nname = 'a'\ndependencies = ['no requirement at all']\n",
        b"[project]\nname = 'a'\nrequires-python = 'three'\n",
    ],
)
def test_what_cannot_be_read_is_the_commits_failure(text: bytes) -> None:
    with pytest.raises(Unbuildable):
        needed(static(text, []))
