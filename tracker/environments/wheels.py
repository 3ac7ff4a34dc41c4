"""The wheel of each commit, built once for all commits whose sources are the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tracker.config.places import Places
from tracker.config.settings import Settings
from tracker.environments.builders import Builder, Task
from tracker.environments.content import Wheel, from_facts, read_wheel
from tracker.environments.faults import Unbuildable
from tracker.environments.interpreters import Interpreter
from tracker.environments.shelf import Shelf
from tracker.environments.source import active, source_hash, wheel_key
from tracker.environments.worktrees import Worktrees
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

    @contextmanager
    def holding(self, commit: Commit, interpreter: Interpreter) -> Iterator[tuple[Wheel, Path]]:
        """The commit's wheel and its file, which stays as long as it is held.

        Raises:
            Unbuildable: the commit does not build.
            InfrastructureError: the machine failed.
        """
        entries = self._entries(commit)

        def make(path: Path) -> dict[str, Any]:
            path.mkdir()
            with self._worktrees.checked_out(commit.sha, entries) as tree:
                task = Task(
                    commit=commit,
                    tree=tree,
                    source=tree / self._subdirectory,
                    interpreter=interpreter,
                    wheels=path,
                )
                return read_wheel(self._builder.build(task), salt=self._salt(commit)).facts()

        with self.shelf.holding(self._key(commit, interpreter, entries), make) as kept:
            wheel = from_facts(kept.facts)
            yield wheel, kept.path / wheel.file

    def _entries(self, commit: Commit) -> tuple[TreeEntry, ...]:
        entries = self._repository.tree(commit.sha, self._subdirectory)
        if not entries:
            raise Unbuildable(f"there is no directory {self._subdirectory!r} at this commit")
        return active(entries, self._settings.environment.inert_paths)

    def _key(self, commit: Commit, interpreter: Interpreter, entries: tuple[TreeEntry, ...]) -> str:
        environment = self._settings.environment
        return wheel_key(
            source_hash(entries),
            (
                interpreter.name,
                interpreter.platform,
                self._subdirectory,
                environment.build_requires,
                environment.submodules,
                environment.lfs,
                self._salt(commit),
            ),
        )

    def _salt(self, commit: Commit) -> str:
        return "" if self._settings.environment.identity else commit.sha
