"""The one door to the database."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from tracker.config.places import Places
from tracker.config.settings import ProjectSettings, StoreSettings
from tracker.errors import StoreError
from tracker.model.calibrations import Calibration
from tracker.model.cells import Cell, EnvironmentRequest
from tracker.model.commits import Commit
from tracker.model.environments import Build, BuildFailure, EnvironmentClass
from tracker.model.findings import Decision, Finding, Triage
from tracker.model.machines import Machine
from tracker.model.measurements import Measurement, Observed
from tracker.model.purposes import HISTORY, Purpose
from tracker.model.quality import AnswerSheet, Observation
from tracker.model.requests import Known
from tracker.model.runs import RunRecord, RunSummary
from tracker.model.series import History
from tracker.model.sightings import Sighting
from tracker.model.standing import Standing
from tracker.model.suites import Suite
from tracker.store import (
    attempts,
    builds,
    calibrations,
    findings,
    histories,
    knowledge,
    leases,
    locks,
    memory,
    notifications,
    observations,
    platforms,
    processes,
    readers,
    sightings,
    standings,
    triage,
)
from tracker.store.address import Address
from tracker.store.database import Database
from tracker.store.embedded import Embedded
from tracker.store.ingest import ingest
from tracker.store.spool import replay

_log = logging.getLogger(__name__)


def open_store(settings: StoreSettings, *, places: Places, patience: float = 0.0) -> Store:
    """The store of the settings: a server by URL, or the embedded one, started where needed.

    Args:
        patience: seconds that a server which goes away later has to come back.

    Raises:
        ConfigurationError: the URL cannot be read.
        StoreError: the server cannot be reached or started, or its schema is another one.
        DiskFullError: the embedded server has no space.
    """
    store = connect(settings, places=places, patience=patience)
    try:
        store.prepare()
        for note in replay(store, store.spool(places)):
            _log.warning(note)
    except BaseException:
        store.close()
        raise
    return store


def connect(settings: StoreSettings, *, places: Places, patience: float = 0.0) -> Store:
    """The store, whatever its schema is; for those who look after it.

    Raises:
        ConfigurationError, StoreError, DiskFullError: as ``open_store``.
    """
    if settings.url:
        address = Address.parse(settings.url)
        return Store(lambda: address, is_embedded=False, patience=patience)
    return Store(Embedded(places).start, is_embedded=True, patience=patience)


class Store(Database):
    """Everything that is kept; each method is one transaction."""

    # remembering -----------------------------------------------------------------------

    def remember_project(self, project: ProjectSettings) -> int:
        return self.do(memory.project, project)

    def project_id(self, name: str) -> int:
        """The number of a project.

        Raises:
            UsageError: nothing was ever stored of it.
        """
        return self.do(memory.project_id, name)

    def remember_commits(
        self, project_id: int, branch: str, commits: Sequence[Commit], line: Sequence[str]
    ) -> None:
        """Store commits, and the first-parent line of a branch: SHAs, root first."""
        self.do(memory.history, project_id, branch, commits, line)

    def remember_suite(self, project_id: int, suite: Suite) -> None:
        self.do(memory.suite, project_id, suite)

    def remember_cells(self, cells: Sequence[Cell]) -> None:
        """Store what cells ask for, so that failed ones have a name in SQL too."""
        self.do(memory.cells, cells)

    def remember_machine(self, machine: Machine) -> None:
        """Store the machine; a changed fact of the machine of that name becomes an event."""
        self.do(memory.machine, machine)

    def remember_build(
        self,
        project_id: int,
        sha: str,
        request: EnvironmentRequest,
        environment_class: EnvironmentClass | None,
        outcome: Build | BuildFailure,
        seconds: float,
    ) -> None:
        """Store what a commit installs in an environment class, or why it does not build."""
        self.do(
            builds.build_outcome,
            project_id=project_id,
            sha=sha,
            request=request,
            environment_class=environment_class,
            outcome=outcome,
            seconds=seconds,
        )

    def remember_content(self, build: Build) -> None:
        """Store what is installed by something that is no commit."""
        self.do(builds.content, build)

    def environment_classes(
        self, project_id: int, request: EnvironmentRequest
    ) -> tuple[EnvironmentClass, ...]:
        """The classes that commits of a project were built in, newest first."""
        return self.do(builds.environment_classes, project_id, request)

    def build(self, build_key: str) -> Build:
        return self.do(builds.build, build_key)

    # runs ------------------------------------------------------------------------------

    def begin_run(self, record: RunRecord) -> str:
        """Store that a run begins; its identifier."""
        identifier = str(uuid.uuid4())
        self.do(memory.run, identifier, record)
        return identifier

    def finish_run(self, run: str, state: str, summary: Mapping[str, Any] | None = None) -> None:
        """Store how a run ended ("finished", "stopped" or "failed"), and release its leases."""
        self.do(memory.finish_run, run, state, summary or {})

    def runs(
        self, project_id: int, limit: int, *, run: str | None = None
    ) -> tuple[RunSummary, ...]:
        """The latest runs, newest first; or the one that is named."""
        return self.do(knowledge.runs, project_id, limit, run)

    def machine(self, run: str) -> Machine:
        """Where a run measured."""
        return self.do(attempts.machine_of, run)

    @contextmanager
    def night(self, project: ProjectSettings) -> Iterator[None]:
        """Hold the lock on the nights of a project; who dies in it leaves none behind.

        Raises:
            StoreError: ``store.night``: another command holds it.
        """
        project_id = self.remember_project(project)
        with locks.night(self.engine, project_id) as holder:
            if holder:
                raise StoreError(
                    f"a night of {project.name} goes on already: {holder}", code="store.night"
                )
            yield

    # knowing ---------------------------------------------------------------------------

    def known(
        self,
        project_id: int,
        commits: Sequence[str],
        cells: Sequence[Cell],
        purpose: Purpose = HISTORY,
    ) -> Known:
        """What is stored about commits (SHAs) and cells for a purpose; no processes."""
        return self.do(knowledge.known, project_id, commits, cells, purpose, {})

    def known_pairs(
        self,
        project_id: int,
        commits: Sequence[str],
        cells: Sequence[Cell],
        *purposes: Purpose,
        also: knowledge.BuildKeys | None = None,
    ) -> Known:
        """As ``known``, for the first purpose, with the processes of all of them.

        Args:
            also: builds of what is no commit.
        """
        return self.do(
            processes.known_pairs, project_id, commits, cells, purposes=purposes, also=also or {}
        )

    def places(self, project_id: int) -> dict[str, str]:
        """Benchmark -> ``file:line`` within its suite, as the newest suite has it."""
        return self.do(knowledge.places, project_id)

    def observed(self, project_id: int, sha: str, suite_hash: str) -> tuple[Observed, ...]:
        """How the processes of a commit's history ran, in the order of time."""
        return self.do(observations.observed, project_id, sha, suite_hash)

    def standings(self, project_id: int, sha: str, suite_hash: str) -> tuple[Standing, ...]:
        """What a commit gave in each series of a suite, process by process, with raw samples."""
        return self.do(standings.standings, project_id, sha, suite_hash)

    def machine_at(self, project_id: int, sha: str) -> Machine:
        """Where a commit, which gave values, was measured last."""
        return self.do(standings.machine_at, project_id, sha)

    def last_reference(self, project_id: int, machine_class: str) -> str:
        """SHA of the commit that last ran beside others on such a machine; "" where none did."""
        return self.do(processes.last_reference, project_id, machine_class)

    def reference_sessions(
        self, project_id: int, machine_class: str, run: str, most: int
    ) -> tuple[tuple[str, Mapping[str, tuple[float, ...]]], ...]:
        """(run, series -> values) of the reference commit of a run, up to that run, oldest first.

        Empty where it did not run there. At most so many.
        """
        return self.do(processes.reference_sessions, project_id, machine_class, run, most)

    def builds(
        self, project_id: int, commits: Sequence[str], requests: Sequence[EnvironmentRequest]
    ) -> knowledge.BuildKeys:
        """(commit, environment) -> build keys; an empty tuple where it does not build."""
        return self.do(knowledge.builds, project_id, commits, requests)

    def histories(
        self,
        project_id: int,
        commits: Sequence[Commit],
        *,
        suite_hash: str | None = None,
        cells: Sequence[str] | None = None,
    ) -> Iterator[History]:
        """The series of a project along commits, in the order given.

        Commits that share a build share its values. A commit that failed is a point
        with a state and no values; one that was never tried is no point.

        Args:
            suite_hash: only series of that suite.
            cells: only series of these cells (keys).
        """
        with self.transaction() as connection:
            yield from histories.histories(
                connection, project_id, commits, suite_hash=suite_hash, cells=cells
            )

    def observations(
        self, project_id: int, commits: Sequence[str], *, suite_hash: str
    ) -> tuple[Observation, ...]:
        """What each platform gave for the qualities of a suite along commits (SHAs)."""
        return self.do(platforms.observations, project_id, commits, suite_hash=suite_hash)

    def answer_sheets(
        self, project_id: int, commits: Sequence[str], *, suite_hash: str
    ) -> tuple[AnswerSheet, ...]:
        """What came out for each sample of the qualities of a suite at commits (SHAs)."""
        return self.do(platforms.answer_sheets, project_id, commits, suite_hash=suite_hash)

    def measured(self, project_id: int, commits: Sequence[str]) -> frozenset[str]:
        """Those of the commits (SHAs) whose builds have values along the history."""
        return self.do(histories.measured, project_id, commits)

    def failures(
        self, project_id: int, commits: Sequence[str], suite_hash: str
    ) -> tuple[attempts.Failed, ...]:
        """What ended without values at commits (SHAs): builds, and cells of a suite."""
        return self.do(attempts.failures, project_id, commits, suite_hash)

    # measuring -------------------------------------------------------------------------

    def claim(self, run: str, unit_keys: Sequence[str], ttl_seconds: float) -> bool:
        """Lease units of work, all of them; where one is another's, or done, this run has none."""
        return self.do(leases.claim, run, unit_keys, ttl_seconds)

    def renew(self, run: str, ttl_seconds: float) -> None:
        """Let the leases of a run begin again."""
        self.do(leases.renew, run, ttl_seconds)

    def release(self, run: str) -> None:
        """Let others do what this run has claimed and not measured."""
        self.do(leases.release, run)

    def ingest(self, project_id: int, machine: str, measurements: Sequence[Measurement]) -> int:
        """Store measurements, each unit of work once; how many were new.

        Args:
            machine: fingerprint of where they were made.

        Raises:
            ValueError: a sample that is not finite.
        """
        if not measurements:
            return 0
        return self.do(ingest, project_id, machine, measurements)

    def forget_failed(self, project_id: int, commits: Sequence[str]) -> int:
        """Forget what failed at commits (SHAs), to try it again; how many attempts that were."""
        return self.do(attempts.forget, project_id, commits)

    # findings --------------------------------------------------------------------------

    def save_findings(
        self, project_id: int, run: str, found: Sequence[Finding]
    ) -> tuple[Finding, ...]:
        """Store findings; the same with their numbers, and what people had decided about them."""
        return self.do(findings.save, project_id, run, found)

    def findings(self, project_id: int) -> tuple[Finding, ...]:
        """Stored findings in the order they were first found."""
        return self.do(findings.load, project_id)

    def sightings(self, project: str) -> tuple[Sighting, ...]:
        """As ``findings``, of a project by name, along time; none where nothing is stored of it."""
        return self.do(sightings.sightings, project)

    def decide(
        self, project_id: int, number: int, state: Triage, *, who: str = "tracker", note: str
    ) -> None:
        """Change the triage state of a finding, and keep who did it, and why.

        Raises:
            UsageError: the project has no finding of that number.
        """
        self.do(triage.decide, project_id, number, state, who=who, note=note)

    def decisions(self, project_id: int, number: int) -> tuple[Decision, ...]:
        """Every transition of a finding, oldest first."""
        return self.do(triage.decisions, project_id, number)

    # reading ---------------------------------------------------------------------------

    def is_reader(self, login: str) -> bool:
        """Is there a login of that name that may read what is stored?"""
        return self.do(readers.is_reader, login)

    # notifications ---------------------------------------------------------------------

    def remember_destinations(self, project_id: int, names: Sequence[str]) -> None:
        """Store whom to tell; what the tracker knew before somebody was named is not told there."""
        self.do(notifications.remember, project_id, names)

    def untold(self, project_id: int, destination: str) -> frozenset[int]:
        """Numbers of the findings that a destination was not told of yet."""
        return self.do(notifications.untold, project_id, destination)

    def told(self, project_id: int, destination: str, findings: Sequence[int]) -> None:
        """Store that a destination was told of findings (numbers)."""
        self.do(notifications.told, project_id, destination, findings)

    def finding_times(self, project_id: int) -> dict[int, tuple[datetime, datetime]]:
        """When each finding was found, and when it last changed its state: by its number."""
        return self.do(triage.times, project_id)

    # calibrations ----------------------------------------------------------------------

    def save_calibration(self, project_id: int, run: str, calibration: Calibration) -> None:
        self.do(calibrations.save, project_id, run, calibration)

    def calibration(
        self, project_id: int, suite_hash: str, machine_class: str, profile: str
    ) -> Calibration | None:
        """The newest of a suite on such machines by such a protocol."""
        return self.do(calibrations.newest, project_id, suite_hash, machine_class, profile)

    def count_calibrations(self, project_id: int, suite_hash: str, machine_class: str) -> int:
        """How often a suite was calibrated on such machines."""
        return self.do(calibrations.count, project_id, suite_hash, machine_class)
