"""How a project says that it wants to be built."""

from __future__ import annotations

import pytest

from tracker.environments.buildsystem import build_system
from tracker.environments.faults import Unbuildable

LEGACY = "setuptools.build_meta:__legacy__"


@pytest.mark.parametrize("text", [None, b"", b"[tool.black]\n"])
def test_without_a_table_setuptools_builds_as_in_old_times(text: bytes | None) -> None:
    system = build_system(text)
    assert system.backend == LEGACY
    assert system.requires == ("setuptools", "wheel")


def test_the_table_is_obeyed() -> None:
    system = build_system(
        b"[build-system]\nrequires = ['hatchling', 'cython']\n"
        b"build-backend = 'own'\nbackend-path = ['.']\n"
    )
    assert system.requires == ("cython", "hatchling")
    assert system.backend == "own"
    assert system.path == (".",)


def test_a_table_without_backend_gets_setuptools() -> None:
    system = build_system(b"[build-system]\nrequires = ['cython']\n")
    assert system.backend == LEGACY
    assert system.requires == ("cython", "setuptools")


@pytest.mark.parametrize(
    "text", [b"[build-system]\n", b"[build-system]\nrequires = ['a b c']\n", b"\xff"]
)
def test_a_broken_table_is_the_commits_failure(text: bytes) -> None:
    with pytest.raises(Unbuildable, match=r"pyproject\.toml"):
        build_system(text)


def test_an_aged_project_gets_an_older_setuptools_once() -> None:
    system = build_system(None)
    older = system.rejuvenated("error in thing setup command: use_2to3 is invalid.")
    assert older is not None
    assert "setuptools<58" in older.requires
    assert older.rejuvenated("error in thing setup command: use_2to3 is invalid.") is None
    assert system.rejuvenated("SyntaxError: invalid syntax") is None


def test_other_backends_are_left_alone() -> None:
    system = build_system(b"[build-system]\nrequires = ['flit']\nbuild-backend = 'flit.api'\n")
    assert system.rejuvenated("No module named 'pkg_resources'") is None
