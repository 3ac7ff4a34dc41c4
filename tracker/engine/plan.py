"""What a command is about to do, complete and checked before anything is checked out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tracker.config.matrix import environment_requests, expand
from tracker.config.places import Places
from tracker.config.settings import Settings
from tracker.environments.workshop import Workshop
from tracker.errors import RevisionError
from tracker.harnesses.package import with_package
from tracker.harnesses.registry import harness
from tracker.history.repository import Repository
from tracker.model.cells import Cell, EnvironmentRequest
from tracker.model.commits import Commit
from tracker.model.suites import Suite

#: commits that a command means which names no range
NEWEST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The commits, the cells, and the rooms that will bring them together."""

    settings: Settings
    places: Places
    repository: Repository
    workshop: Workshop
    #: oldest first
    commits: tuple[Commit, ...]
    suite: Suite
    cells: tuple[Cell, ...]
    #: benchmarks whose parameters are computed: complete only where the suite can be imported
    open_benchmarks: tuple[str, ...]
    #: what the worker needs to know of the suite
    harness_job: Mapping[str, Any]

    @property
    def environments(self) -> tuple[EnvironmentRequest, ...]:
        """The environments that the cells ask for, each once."""
        return environment_requests(self.settings)

    def since(self, commit: Commit | None) -> tuple[Commit, ...]:
        """Every commit that the filters let through and ``commit`` does not have; None: all."""
        text = f"{commit.sha}.." if commit else "ALL"
        whole = replace(self.settings.history, every=1)
        return self.repository.commits(text, whole, branch=self.settings.project.branch)

    def earlier(self) -> tuple[Commit, ...]:
        """The commits that lead to the plan's, whether they were measured or not, oldest first."""
        return self.repository.before(
            self.commits[0],
            first_parent=self.settings.history.first_parent,
            branch=self.settings.project.branch,
            most=EARLIER,
        )


#: which commits a command is about, oldest first
Choice = Callable[[Settings, Repository, Workshop], tuple[Commit, ...]]

#: commits before those of a plan that are looked at for results
EARLIER = 5_000

#: what names the work tree with its changes
WORK_TREE = "."


def in_range(text: str) -> Choice:
    """The commits of a range as git writes it; "ALL": the whole line; "": its newest commits."""

    def chosen(
        settings: Settings, repository: Repository, _workshop: Workshop
    ) -> tuple[Commit, ...]:
        branch = settings.project.branch
        commits = repository.commits(text or "ALL", settings.history, branch=branch)
        return commits if text else commits[-NEWEST:]

    return chosen


def of_sides(base: str, head: str) -> Choice:
    """Two revisions, ``.`` for the work tree with its changes, or wheels: files that end so."""

    def chosen(
        settings: Settings, repository: Repository, workshop: Workshop
    ) -> tuple[Commit, ...]:
        def side(text: str) -> Commit:
            if text == WORK_TREE:
                return repository.uncommitted()
            if text.endswith(".whl"):
                return workshop.adopt(Path(text))
            return repository.resolve(text, branch=settings.project.branch)

        return side(base), side(head)

    return chosen


def named(*revisions: str) -> Choice:
    """The commits that revisions name, in their order, each once."""

    def chosen(
        settings: Settings, repository: Repository, _workshop: Workshop
    ) -> tuple[Commit, ...]:
        branch = settings.project.branch
        return tuple(dict.fromkeys(repository.resolve(one, branch=branch) for one in revisions))

    return chosen


def between(good: str, bad: str, *also: str) -> Choice:
    """``good``, and the main line after it up to ``bad``; then what else is asked about.

    The choice raises ``RevisionError`` (``revision.range``) where the two are one, or where ``bad``
    does not come after ``good``.
    """

    def chosen(
        settings: Settings, repository: Repository, _workshop: Workshop
    ) -> tuple[Commit, ...]:
        branch = settings.project.branch
        base, head = (repository.resolve(text, branch=branch) for text in (good, bad))
        if base.sha == head.sha:
            raise RevisionError(
                f"{good} and {bad} are one commit, {base.short}", code="revision.range"
            )
        if not repository.is_ancestor(base, head):
            swapped = repository.is_ancestor(head, base)
            raise RevisionError(
                f"{bad} does not come after {good}",
                code="revision.range",
                hint=f"the older one comes first: {bad} {good}"
                if swapped
                else f"start from `git merge-base {good} {bad}`",
            )
        whole = replace(settings.history, first_parent=True, since="", tags=(), every=1, paths=())
        line = repository.commits(f"{base.sha}..{head.sha}", whole, branch=branch)
        others = (repository.resolve(text, branch=branch) for text in also)
        return tuple(dict.fromkeys((base, *line, *others)))

    return chosen


def main_line(
    base: Commit, head: Commit, settings: Settings, repository: Repository
) -> tuple[Commit, ...]:
    """Every commit after ``base`` up to ``head`` along first parents, whatever is filtered."""
    whole = replace(settings.history, first_parent=True, since="", tags=(), every=1, paths=())
    branch = settings.project.branch
    return repository.commits(f"{base.sha}..{head.sha}", whole, branch=branch)


def make_plan(
    settings: Settings,
    *,
    places: Places,
    choose: Choice,
    progress: Callable[[str], None] | None = None,
    stop: threading.Event | None = None,
) -> Plan:
    """Read the history and the suite, and check the whole matrix.

    Args:
        choose: picks the commits.
        progress: told what takes its time.
        stop: once set, builds are killed.

    Raises:
        RepositoryError, RevisionError, SuiteError, ConfigurationError: with every problem found.
    """
    repository = Repository.open(
        settings.project.repository, places=places, root=settings.root, progress=progress
    )
    workshop = Workshop(settings=settings, repository=repository, places=places, stop=stop)
    files = _suite_files(settings, workshop)
    the_harness = harness(settings.suite.harness)
    suite = the_harness.outline(settings.suite, files)
    if settings.policy.package:
        suite = with_package(suite)
    matrix = expand(settings, suite, complete=False)
    return Plan(
        settings=settings,
        places=places,
        repository=repository,
        workshop=workshop,
        commits=choose(settings, repository, workshop),
        suite=suite,
        cells=matrix.cells,
        open_benchmarks=matrix.open_benchmarks,
        harness_job=the_harness.job(settings.suite, files),
    )


def _suite_files(settings: Settings, workshop: Workshop) -> Path:
    if settings.suite.revision:
        return workshop.suite_at(settings.suite.revision, settings.suite.path)
    return settings.root / settings.suite.path
