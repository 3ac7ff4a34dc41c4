"""The wheel of each commit, built once for all commits whose sources are the same."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tracker.config.places import Places
from tracker.config.settings import Settings
from tracker.environments.builders import Builder
from tracker.environments.content import Wheel, from_facts, read_wheel
from tracker.environments.faults import Unbuildable
from tracker.environments.interpreters import Interpreter
from tracker.environments.shelf import Shelf
from tracker.environments.source import active, source_hash, wheel_key
from tracker.environments.tasks import Task
from tracker.environments.worktrees import Worktrees
from tracker.errors import UsageError
from tracker.history.repository import Repository, TreeEntry
from tracker.model.commits import Commit


class Wheels:
    """Builds wheels or finds them. Safe among threads."""

    def __init__(
        self,
        *,
        settings: Settings,
        repository: Repository,
        places: Places,
        worktrees: Worktrees,
        builder: Builder,
    ) -> None:
        self._settings = settings
        self._repository = repository
        self._worktrees = worktrees
        self._builder = builder
        self._subdirectory = settings.project.subdirectory.strip("/")
        self.shelf = Shelf(places.wheels)
        #: wheels that were built elsewhere, by the SHA that stands for them
        self._given: dict[str, Path] = {}

    def adopt(self, path: Path) -> Commit:
        """Take a wheel that was built elsewhere; what stands for it where commits are asked for.

        Raises:
            UsageError: there is no such file.
        """
        if path.suffix != ".whl" or not path.is_file():
            raise UsageError(f"{path} is no wheel", hint="a wheel is a file that ends with .whl")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:40]
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        self._given[digest] = path.absolute()
        return Commit(
            sha=digest,
            tree=digest,
            parents=(),
            author="",
            authored_at=written,
            committed_at=written,
            subject=path.name,
            position=0,
            stands_for=path.name,
        )

    @contextmanager
    def holding(self, commit: Commit, interpreter: Interpreter) -> Iterator[tuple[Wheel, Path]]:
        """The commit's wheel and its file, which stays as long as it is held.

        Raises:
            Unbuildable: the commit does not build.
            InfrastructureError: the machine failed.
        """
        if commit.sha in self._given:
            source, made = commit.sha, self._adopted(commit, interpreter)
        else:
            entries = self._entries(commit)
            source, made = source_hash(entries), self._built(commit, interpreter, entries)

        def make(path: Path) -> dict[str, Any]:
            path.mkdir()
            return read_wheel(made(path), salt=self._salt(commit)).facts()

        with self.shelf.holding(self._key(commit, interpreter, source), make) as kept:
            wheel = from_facts(kept.facts)
            yield wheel, kept.path / wheel.file

    def _adopted(self, commit: Commit, interpreter: Interpreter) -> Callable[[Path], Path]:
        def make(path: Path) -> Path:
            task = Task(commit=commit, tree=path, source=path, interpreter=interpreter, wheels=path)
            return self._builder.adopt(task, self._given[commit.sha])

        return make

    def _built(
        self, commit: Commit, interpreter: Interpreter, entries: tuple[TreeEntry, ...]
    ) -> Callable[[Path], Path]:
        def make(path: Path) -> Path:
            with self._worktrees.checked_out(commit.sha, entries) as tree:
                task = Task(
                    commit=commit,
                    tree=tree,
                    source=tree / self._subdirectory,
                    interpreter=interpreter,
                    wheels=path,
                )
                return self._builder.build(task)

        return make

    def _entries(self, commit: Commit) -> tuple[TreeEntry, ...]:
        entries = self._repository.tree(commit.sha, self._subdirectory)
        if not entries:
            raise Unbuildable(f"there is no directory {self._subdirectory!r} at this commit")
        return active(entries, self._settings.environment.inert_paths)

    def _key(self, commit: Commit, interpreter: Interpreter, source: str) -> str:
        environment = self._settings.environment
        return wheel_key(
            source,
            (
                interpreter.name,
                interpreter.platform,
                self._subdirectory,
                environment.build_requires,
                environment.submodules,
                environment.lfs,
                self._salt(commit),
                # they run beside the requirements of the suite, as in asv
                *((*environment.commands, environment.requires) if environment.commands else ()),
            ),
        )

    def _salt(self, commit: Commit) -> str:
        return "" if self._settings.environment.identity else commit.sha
