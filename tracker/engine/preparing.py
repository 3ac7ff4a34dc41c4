"""Commits become builds: one lock for many, a few of them built at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from tracker.config.settings import Settings
from tracker.engine.interruption import Interruption, Stopped
from tracker.engine.watcher import Watcher
from tracker.environments.workshop import Workshop
from tracker.model.cells import EnvironmentRequest
from tracker.model.commits import Commit
from tracker.model.environments import Build, BuildFailure, EnvironmentClass
from tracker.model.requests import Prepare
from tracker.store.store import Store

#: SHA -> the environment classes it runs in, or why it cannot run
Assignment = dict[str, tuple[EnvironmentClass, ...] | BuildFailure]


class Preparing:
    """Makes it known what commits install, for one run."""

    def __init__(
        self,
        *,
        settings: Settings,
        store: Store,
        project_id: int,
        workshop: Workshop,
        span: Sequence[Commit],
        watcher: Watcher,
        interruption: Interruption,
    ) -> None:
        self._settings = settings
        self._store = store
        self._project_id = project_id
        self._workshop = workshop
        #: the commits that get one lock together
        self.span = span
        self._watcher = watcher
        self._interruption = interruption
        #: of what is no commit, and so not in the store
        self._unstored: dict[tuple[str, EnvironmentRequest], tuple[str, ...]] = {}
        self._keeping = threading.Lock()
        self._assigned: dict[EnvironmentRequest, Assignment] = {}

    def prepare(self, request: Prepare, until: float) -> None:
        """Build what a request names; none that would begin after ``until``.

        Raises:
            Stopped, StoreError, InfrastructureError: see ``Engine.fulfil``.
        """
        # not at the start: a run that builds nothing need not wait for the search
        self._workshop.check_pythons(self._settings.environment.pythons)
        assigned = self._assignment(request)
        pool = ThreadPoolExecutor(self._settings.executor.build_jobs, "build")
        try:
            futures = [
                pool.submit(self._build, commit, request.environment, environment_class, until)
                for commit in request.commits
                # what is not assigned, another command has prepared since the strategy looked
                for environment_class in _classes(assigned.get(commit.sha, ()))
            ]
            for future in as_completed(futures):
                future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _assignment(self, request: Prepare) -> Assignment:
        """Which environment class each commit runs in: one lock for the span, not one a batch."""
        environment = request.environment
        told = threading.Event()

        def building(commit: Commit) -> None:
            self._building(commit)
            if not told.is_set():
                told.set()
                self._watcher.note("only their builds tell what commits need: building them first")

        assigned = self._assigned.setdefault(environment, {})
        if any(commit.sha not in assigned for commit in request.commits):
            # the reference commit lies outside of the span, mostly before it
            beside = [commit for commit in request.commits if commit not in self.span]
            every = [*beside, *self.span]
            shas = [commit.sha for commit in every]
            prepared = {sha for sha, _ in self._store.builds(self._project_id, shas, [environment])}
            open_ones = [c for c in every if c.sha not in prepared and c.sha not in assigned]
            own = dict.fromkeys(one for each in assigned.values() for one in _classes(each))
            assigned |= self._workshop.assign(
                open_ones,
                environment,
                [
                    *(one for one in own if isinstance(one, EnvironmentClass)),
                    *self._store.environment_classes(self._project_id, environment),
                ],
                building,
            )
        return assigned

    def _build(
        self,
        commit: Commit,
        environment: EnvironmentRequest,
        environment_class: EnvironmentClass | BuildFailure,
        until: float,
    ) -> None:
        if time.monotonic() > until:
            return
        self._building(commit)
        started = time.monotonic()
        outcome: Build | BuildFailure
        if isinstance(environment_class, BuildFailure):
            outcome, in_class = environment_class, None
        else:
            outcome, in_class = self._workshop.build(commit, environment_class), environment_class
        if self._interruption.now.is_set():
            raise Stopped  # a build that was cut short says nothing about its commit
        seconds = time.monotonic() - started
        if commit.stands_for:
            self._keep(commit, environment, outcome)
        else:
            self._store.remember_build(
                self._project_id, commit.sha, environment, in_class, outcome, seconds
            )
        self._watcher.built(commit, outcome, seconds)

    def _keep(
        self, commit: Commit, environment: EnvironmentRequest, outcome: Build | BuildFailure
    ) -> None:
        """The store knows what it installs, and not what it is."""
        with self._keeping:
            before = self._unstored.get((commit.sha, environment), ())
            if isinstance(outcome, Build):
                self._store.remember_content(outcome)
                before = (*before, outcome.key)
            self._unstored[commit.sha, environment] = before

    def unstored(self) -> Mapping[tuple[str, EnvironmentRequest], tuple[str, ...]]:
        """(what is no commit, environment) -> build keys, as the store has them of commits."""
        return dict(self._unstored)

    def _building(self, commit: Commit) -> None:
        self._interruption.check()
        self._watcher.building(commit)


def _classes(
    assigned: tuple[EnvironmentClass, ...] | BuildFailure,
) -> tuple[EnvironmentClass | BuildFailure, ...]:
    return (assigned,) if isinstance(assigned, BuildFailure) else assigned
