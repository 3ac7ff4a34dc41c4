"""Environments of locked or build packages: made once, then used or linked by many."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from tracker.config.places import Places
from tracker.environments.interpreters import Interpreter
from tracker.environments.shelf import Kept, Shelf
from tracker.environments.uv import Uv
from tracker.model.canonical import digest


class Layers:
    """Environments without the project in them."""

    def __init__(self, *, uv: Uv, places: Places) -> None:
        self._uv = uv
        #: build requirements and what they need, resolved when first asked for
        self.builders = Shelf(places.cache / "builders")
        #: the packages of one lock and nothing else
        self.foundations = Shelf(places.cache / "foundations")

    @contextmanager
    def with_requirements(
        self, interpreter: Interpreter, requires: Sequence[str]
    ) -> Iterator[Path]:
        """An environment that satisfies build requirements."""
        with self._holding(self.builders, interpreter, requires, dependencies=True) as kept:
            yield kept.path

    @contextmanager
    def with_lock(self, interpreter: Interpreter, lock: str) -> Iterator[Path]:
        """An environment with the packages of a lock."""
        lines = lock.splitlines()
        with self._holding(self.foundations, interpreter, lines, dependencies=False) as kept:
            yield kept.path

    @contextmanager
    def _holding(
        self, shelf: Shelf, interpreter: Interpreter, what: Sequence[str], *, dependencies: bool
    ) -> Iterator[Kept]:
        def make(path: Path) -> dict[str, Any]:
            self._uv.venv(path, interpreter.path)
            if what:
                self._uv.install(path, what, dependencies=dependencies, compile_bytecode=True)
            return {"bytes": size(path)}

        key = digest([str(interpreter.path), interpreter.name, interpreter.platform, list(what)])
        drop_without_interpreter(shelf, key)
        with shelf.holding(key, make) as kept:
            yield kept


def drop_without_interpreter(shelf: Shelf, key: str) -> None:
    """Throw an environment away whose interpreter has left this machine."""
    python = shelf.path(key) / "bin" / "python"
    if python.is_symlink() and not python.exists():
        shelf.throw_away(key)


def size(path: Path) -> int:
    """Bytes of all files below a directory."""
    return sum(
        os.lstat(os.path.join(directory, name)).st_size  # noqa: PTH118 - thousands of files
        for directory, _, files in os.walk(path)
        for name in files
    )


def installed(path: Path) -> list[Distribution]:
    """What is in an environment."""
    return list(distributions(path=[str(site) for site in path.glob("lib/python*/site-packages")]))


def clone(layer: Path, path: Path, *, shared: bool = True) -> None:
    """Make an environment that is like another.

    Only what knows the other's place (the starts of its scripts) is written anew.

    Args:
        layer: the other one.
        path: where it is to be.
        shared: files are those of the other, and must never be edited in place.
    """
    before, after = os.fsencode(layer), os.fsencode(path)

    def link(source: str, target: str) -> None:
        if Path(source).parent == layer / "bin":
            content = Path(source).read_bytes()
            if before in content:
                Path(target).write_bytes(content.replace(before, after))
                shutil.copymode(source, target)
                return
        if shared:
            os.link(source, target)
        else:
            shutil.copy2(source, target)

    shutil.copytree(
        layer,
        path,
        symlinks=True,
        copy_function=link,
        ignore=lambda directory, names: (
            {name for name in names if name.startswith(".")} if Path(directory) == layer else set()
        ),
    )
