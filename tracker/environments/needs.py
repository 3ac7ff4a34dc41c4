"""What commits need beside themselves: what they declare and what the suite asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from packaging.requirements import InvalidRequirement, Requirement

from tracker.config.settings import Settings
from tracker.environments.content import Wheel
from tracker.environments.declared import Declared, static
from tracker.environments.faults import Unbuildable
from tracker.environments.interpreters import Interpreter
from tracker.environments.wheels import Wheels
from tracker.errors import ConfigurationError, Problem
from tracker.history.repository import Repository
from tracker.model.commits import Commit
from tracker.model.environments import BuildFailure

#: name of the project, and sorted requirements
Need = tuple[str, tuple[str, ...]]

#: commits whose files are read at a time
_BATCH = 256


class NeedsOfCommits:
    """Reads what commits need, from git where they say so themselves, else from their wheels."""

    def __init__(self, *, settings: Settings, repository: Repository, wheels: Wheels) -> None:
        """Prepare.

        Raises:
            ConfigurationError: a requirement in the settings is none.
        """
        _refuse_bad_requirements(settings)
        self._settings = settings
        self._repository = repository
        self._wheels = wheels

    def of(
        self,
        commits: Sequence[Commit],
        interpreter: Interpreter,
        building: Callable[[Commit], None],
    ) -> Iterator[tuple[Commit, Need | BuildFailure]]:
        """Each commit's needs on an interpreter, or why they cannot be known.

        ``building`` is told before a commit is built for that; what it raises ends the reading.
        """

        def read(commit: Commit, pyproject: bytes | None) -> Need | BuildFailure:
            try:
                declared = static(pyproject, self._settings.environment.extras)
                if declared is None:
                    building(commit)
                    with self._wheels.holding(commit, interpreter) as (wheel, _):
                        return self.of_wheel(wheel, interpreter)
                return self._need(declared, interpreter)
            except Unbuildable as error:
                return error.failure

        subdirectory = self._settings.project.subdirectory.strip("/")
        path = f"{subdirectory}/pyproject.toml".lstrip("/")
        with ThreadPoolExecutor(self._settings.executor.build_jobs, "declared") as pool:
            for start in range(0, len(commits), _BATCH):
                batch = commits[start : start + _BATCH]
                files = self._repository.blobs([commit.sha for commit in batch], path)
                yield from zip(batch, pool.map(read, batch, files), strict=True)

    def of_wheel(self, wheel: Wheel, interpreter: Interpreter) -> Need:
        """What a built commit needs.

        Raises:
            Unbuildable: a requirement is no requirement, or the Python does not fit.
        """
        declared = Declared(name=wheel.name, requires=wheel.requires, python=wheel.python)
        return self._need(declared, interpreter)

    def _need(self, declared: Declared, interpreter: Interpreter) -> Need:
        environment = self._settings.environment
        own = declared.needed(environment.extras, interpreter)
        suites = map(str, map(Requirement, environment.requires))
        return declared.name, tuple(sorted({*own, *suites}))


def _refuse_bad_requirements(settings: Settings) -> None:
    environment = settings.environment
    given = [("requires", text) for text in environment.requires]
    given += [("build_requires", text) for text in environment.build_requires]
    problems = []
    for name, text in given:
        try:
            Requirement(text)
        except InvalidRequirement as error:
            problems.append(
                Problem(
                    message="not a requirement",
                    where=f"environment.{name}",
                    value=text,
                    hint=str(error).splitlines()[0],
                )
            )
    if problems:
        raise ConfigurationError("some requirements cannot be read", problems=problems)
