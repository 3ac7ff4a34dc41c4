"""The room's one door: commits go in, interpreters with the commit installed come out."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from tracker.config.places import Places
from tracker.config.settings import Settings
from tracker.environments import assignment, scratch, suites
from tracker.environments.builders import Builder
from tracker.environments.content import Wheel
from tracker.environments.environments import Environments
from tracker.environments.eviction import Eviction
from tracker.environments.faults import Unbuildable
from tracker.environments.interpreters import Interpreter, Interpreters
from tracker.environments.layers import Layers
from tracker.environments.locks import lock_text, satisfies
from tracker.environments.needs import NeedsOfCommits
from tracker.environments.shelf import Shelf
from tracker.environments.uv import Uv
from tracker.environments.wheels import Wheels
from tracker.environments.worktrees import Worktrees
from tracker.errors import BuildError, ConfigurationError, InfrastructureError
from tracker.history.repository import Repository
from tracker.model.cells import EnvironmentRequest
from tracker.model.commits import Commit
from tracker.model.environments import Build, BuildFailure, EnvironmentClass

_CONTEMPORARY = "contemporary"
#: environments handed out last, which nothing throws away: more than run at a time
_IN_USE = 8


class Workshop:
    """Builds commits and keeps what it built. Safe among threads and processes."""

    def __init__(
        self,
        *,
        settings: Settings,
        repository: Repository,
        places: Places,
        stop: threading.Event | None = None,
    ) -> None:
        """Prepare; nothing is written before something is asked for.

        Args:
            settings: what to build, and how.
            repository: the project.
            places: where things are kept.
            stop: ends running builds when set; what they return then says nothing.

        Raises:
            ConfigurationError: a requirement in the settings is none.
        """
        environment = settings.environment
        self._repository = repository
        self._places = places
        self._stop = stop or threading.Event()
        self._uv = Uv(cwd=places.cache / "empty", stop=self._stop)
        self._interpreters = Interpreters(self._uv)
        self._worktrees = Worktrees(
            repository, places.worktrees, submodules=environment.submodules, lfs=environment.lfs
        )
        layers = Layers(uv=self._uv, places=places)
        builder = Builder(
            settings=settings,
            repository=repository,
            places=places,
            layers=layers,
            stop=self._stop,
        )
        self._wheels = Wheels(
            settings=settings,
            repository=repository,
            places=places,
            worktrees=self._worktrees,
            builder=builder,
        )
        self._needs = NeedsOfCommits(settings=settings, repository=repository, wheels=self._wheels)
        self._environments = Environments(uv=self._uv, layers=layers, places=places)
        self._suites = Shelf(places.cache / "suites")
        self._shelves = (
            self._environments.shelf,
            self._wheels.shelf,
            layers.foundations,
            layers.builders,
        )
        Eviction(self._shelves, environment.cache_bytes, also=self._environments.forget_unpacked)
        self._lock = threading.Lock()
        self._in_use: deque[ExitStack] = deque()

    def __enter__(self) -> Self:
        self.sweep()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the environments that were handed out."""
        with self._lock:
            while self._in_use:
                self._in_use.popleft().close()

    def sweep(self) -> None:
        """Remove what a crash left behind: work trees, homes of builds, half-made entries."""
        self._worktrees.sweep()
        scratch.sweep(self._places.scratch)
        for shelf in (*self._shelves, self._suites):
            shelf.sweep()

    def suite_at(self, revision: str, path: str) -> Path:
        """The suite's files, exported from the project at a revision, cached and read-only.

        ``path`` is a directory, or a file, whose whole directory is exported with it.

        Raises:
            RevisionError: no such revision.
            SuiteError: no such path there, or a link leads out of it.
        """
        return suites.export(self._repository, self._suites, revision, path)

    def adopt(self, wheel: Path) -> Commit:
        """Take a wheel that was built elsewhere; what stands for it where commits are asked for.

        Raises:
            UsageError: there is no such file.
        """
        return self._wheels.adopt(wheel)

    def check_pythons(self, requests: Sequence[str]) -> None:
        """Make sure that this machine has the Pythons, before anything is built for any of them.

        Raises:
            ConfigurationError: it lacks some, with every one of them.
        """
        lacking = []
        for request in requests:
            try:
                self._interpreters.find(request)
            except ConfigurationError as error:
                lacking.append(error)
        if lacking:
            problems = [problem for error in lacking for problem in error.problems]
            message = "; ".join(error.message for error in lacking)
            raise ConfigurationError(message, code=lacking[0].code, problems=problems)

    # which environment a commit runs in --------------------------------------------------

    def assign(
        self,
        commits: Sequence[Commit],
        request: EnvironmentRequest,
        known: Sequence[EnvironmentClass],
        building: Callable[[Commit], None] = lambda _: None,
    ) -> Mapping[str, assignment.Assigned]:
        """Which environment classes each commit runs in, by SHA; two at a border.

        ``contemporary`` is one class. ``pinned``: see ``assignment.assign``. ``commits`` are in
        the order of the graph, oldest first; ``known`` are the newest first. ``building`` is told
        before a commit is built because only its wheel says what it needs; what it raises goes on.

        Raises:
            ConfigurationError: this machine has no such Python.
            InfrastructureError: the index or the machine failed.
        """
        if request.recipe == _CONTEMPORARY:
            one = EnvironmentClass(recipe=request.recipe, python=request.python)
            return {commit.sha: (one,) for commit in commits}
        interpreter = self._interpreters.find(request.python)
        own: set[str] = set()
        needs: list[assignment.Needs] = []
        failures: dict[str, assignment.Assigned] = {}
        for commit, outcome in self._needs.of(commits, interpreter, building):
            if isinstance(outcome, BuildFailure):
                failures[commit.sha] = outcome
                continue
            name, requires = outcome
            own.add(name)
            needs.append(assignment.Needs(sha=commit.sha, requires=requires))

        def resolve(requires: Sequence[str]) -> EnvironmentClass:
            lines = self._uv.resolve(requires, interpreter.path)
            return EnvironmentClass(
                recipe=request.recipe,
                python=request.python,
                lock=lock_text(lines, own),
                requires=tuple(requires),
            )

        fitting = [
            one for one in known if (one.recipe, one.python) == (request.recipe, request.python)
        ]
        return failures | assignment.assign(
            needs,
            fitting,
            satisfies=partial(satisfies, interpreter=interpreter),
            resolve=resolve,
        )

    # builds ------------------------------------------------------------------------------

    def build(self, commit: Commit, environment_class: EnvironmentClass) -> Build | BuildFailure:
        """What the commit installs; its environment is on disk afterwards.

        Raises:
            ConfigurationError: this machine has no such Python.
            InfrastructureError: the machine failed, not the commit.
        """
        try:
            with self._made(commit, environment_class) as (build, _):
                return build
        except Unbuildable as error:
            return error.failure
        except InfrastructureError:
            if not self._stop.is_set():
                raise
            return BuildFailure(reason="stopped", log="")

    def interpreter(self, commit: Commit, build: Build) -> Path:
        """The Python of a build's environment, made again where it was thrown away.

        Raises:
            BuildError: it cannot be made again as it was.
            InfrastructureError: the machine failed.
        """
        use = ExitStack()
        path = use.enter_context(self._environments.ready(build.key))
        if path is None:
            made, path = use.enter_context(
                self._made(commit, build.environment.environment_class, build)
            )
            if made.environment.hash != build.environment.hash:
                use.close()
                raise BuildError(
                    f"the environment of {commit.label} cannot be made again: it was made "
                    f"with {build.environment.python}, and now there is {made.environment.python}",
                    code="build.not-repeatable",
                )
        with self._lock:
            self._in_use.append(use)
            if len(self._in_use) > _IN_USE:
                self._in_use.popleft().close()
        return path / "bin" / "python"

    def import_names(self, build: Build) -> tuple[str, ...]:
        """Top-level names that the commit's own files provide in its environment, sorted.

        What a worker imported under one of them must lie in the environment. Empty when the
        environment was thrown away: ask for its ``interpreter`` first.
        """
        return self._environments.import_names(build.key)

    @contextmanager
    def _made(
        self, commit: Commit, environment_class: EnvironmentClass, again: Build | None = None
    ) -> Iterator[tuple[Build, Path]]:
        interpreter = self._interpreters.find(environment_class.python)
        with self._wheels.holding(commit, interpreter) as (wheel, wheel_path):
            if again is not None:
                lock = again.environment.lock
            elif environment_class.recipe == _CONTEMPORARY:
                lock = self._lock_of_the_time(commit, wheel, interpreter)
            else:
                lock = environment_class.lock
            with self._environments.holding(
                wheel=wheel,
                wheel_path=wheel_path,
                interpreter=interpreter,
                environment_class=environment_class,
                lock=lock,
                key=again.key if again else "",
            ) as made:
                yield made

    def _lock_of_the_time(self, commit: Commit, wheel: Wheel, interpreter: Interpreter) -> str:
        """The versions that there were when the commit was made."""
        before = commit.committed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        name, requires = self._needs.of_wheel(wheel, interpreter)
        return lock_text(self._uv.resolve(requires, interpreter.path, before=before), [name])
