"""The one door to the database."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import psycopg
import sqlalchemy as sa

from tracker.config.places import Places
from tracker.config.settings import ProjectSettings, StoreSettings
from tracker.model.canonical import digest
from tracker.model.cells import Cell, EnvironmentRequest
from tracker.model.commits import Commit
from tracker.model.environments import Build, BuildFailure, EnvironmentClass
from tracker.model.findings import Finding
from tracker.model.machines import Machine
from tracker.model.measurements import Measurement
from tracker.model.requests import Known
from tracker.model.runs import RunRecord, RunSummary
from tracker.model.series import History
from tracker.model.suites import Suite
from tracker.store import attempts, findings, histories, knowledge, leases, memory, schema
from tracker.store import tables as t
from tracker.store.address import Address
from tracker.store.embedded import Embedded
from tracker.store.failures import explained
from tracker.store.ingest import ingest
from tracker.store.spool import replay

_log = logging.getLogger(__name__)


def open_store(settings: StoreSettings, *, places: Places) -> Store:
    """The store of the settings: a server by URL, or the embedded one, started where needed.

    Raises:
        ConfigurationError: the URL cannot be read.
        StoreError: the server cannot be reached or started, or its schema is another one.
        DiskFullError: the embedded server has no space.
    """
    store = connect(settings, places=places)
    try:
        store.prepare()
        for note in replay(store, store.spool(places)):
            _log.warning(note)
    except BaseException:
        store.close()
        raise
    return store


def connect(settings: StoreSettings, *, places: Places) -> Store:
    """The store, whatever its schema is; for those who look after it.

    Raises:
        ConfigurationError, StoreError, DiskFullError: as ``open_store``.
    """
    if settings.url:
        address = Address.parse(settings.url)
        return Store(lambda: address, is_embedded=False)
    return Store(Embedded(places).start, is_embedded=True)


class Store:
    """Everything that is kept. Safe to use from several threads; each method is one transaction.

    Every method may raise ``StoreError`` when the server goes away and ``DiskFullError``
    when it is full. An embedded server that was killed is started again.
    """

    def __init__(self, locate: Callable[[], Address], *, is_embedded: bool) -> None:
        self._locate = locate
        self._is_embedded = is_embedded
        self.address = locate()
        self.engine = sa.create_engine(
            "postgresql+psycopg://", creator=self._connect, pool_pre_ping=True, pool_size=4
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back. An embedded server goes on for others."""
        self.engine.dispose()

    def spool(self, places: Places) -> Path:
        """Where measurements for this store wait on disk; not to be mixed with another's."""
        name = "embedded" if self._is_embedded else digest(str(self.address))[:16]
        return places.spool / name

    def prepare(self) -> None:
        """Make sure of the schema: made where there is none, upgraded in the embedded server.

        Raises:
            StoreError: it is newer, or older in a server that others may use too.
        """
        with self.transaction() as connection:
            found = schema.current(connection)
        if found == 0 or (self._is_embedded and found < schema.newest()):
            self.migrate()
        with self.transaction() as connection:
            schema.check(connection)

    def migrate(self, *, to: int | None = None) -> tuple[int, int]:
        """Bring the schema to the newest, or to another; what it was and what it is."""
        with explained(self.address):
            return schema.migrate(self.engine, to=to)

    def schema(self) -> int:
        """The number of the schema; 0 for none."""
        with self.transaction() as connection:
            return schema.current(connection)

    def version(self) -> str:
        """What the server calls itself."""
        with self.transaction() as connection:
            return f"PostgreSQL {connection.scalar(sa.text('SHOW server_version'))}"

    def counts(self) -> dict[str, int]:
        """How much is stored, by table."""
        with self.transaction() as connection:
            return {
                table.name: connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
                for table in (
                    t.project,
                    t.commit,
                    t.build,
                    t.run,
                    t.series,
                    t.measurement,
                    t.finding,
                )
            }

    # remembering -----------------------------------------------------------------------

    def remember_project(self, project: ProjectSettings) -> int:
        with self.transaction() as connection:
            return memory.project(connection, project)

    def project_id(self, name: str) -> int:
        """The number of a project.

        Raises:
            UsageError: nothing was ever stored of it.
        """
        with self.transaction() as connection:
            return memory.project_id(connection, name)

    def remember_commits(
        self, project_id: int, branch: str, commits: Sequence[Commit], line: Sequence[str]
    ) -> None:
        """Store commits, and the first-parent line of a branch: SHAs, root first."""
        with self.transaction() as connection:
            memory.commits(connection, project_id, commits)
            memory.line(connection, project_id, branch, line)

    def remember_suite(self, project_id: int, suite: Suite) -> None:
        with self.transaction() as connection:
            memory.suite(connection, project_id, suite)

    def remember_cells(self, cells: Sequence[Cell]) -> None:
        """Store what cells ask for, so that failed ones have a name in SQL too."""
        with self.transaction() as connection:
            memory.cells(connection, cells)

    def remember_machine(self, machine: Machine) -> None:
        """Store the machine; a changed fact of the machine of that name becomes an event."""
        with self.transaction() as connection:
            memory.machine(connection, machine)

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
        with self.transaction() as connection:
            memory.build_outcome(
                connection,
                project_id=project_id,
                sha=sha,
                request=request,
                environment_class=environment_class,
                outcome=outcome,
                seconds=seconds,
            )

    def environment_classes(
        self, project_id: int, request: EnvironmentRequest
    ) -> tuple[EnvironmentClass, ...]:
        """The classes that commits of a project were built in, newest first."""
        with self.transaction() as connection:
            return memory.environment_classes(connection, project_id, request)

    def build(self, build_key: str) -> Build:
        with self.transaction() as connection:
            return memory.build(connection, build_key)

    # runs ------------------------------------------------------------------------------

    def begin_run(self, record: RunRecord) -> str:
        """Store that a run begins; its identifier."""
        identifier = str(uuid.uuid4())
        with self.transaction() as connection:
            memory.run(connection, identifier, record)
        return identifier

    def finish_run(self, run: str, state: str, summary: Mapping[str, Any] | None = None) -> None:
        """Store how a run ended ("finished", "stopped" or "failed"), and release its leases."""
        with self.transaction() as connection:
            connection.execute(
                sa.update(t.run)
                .where(t.run.c.id == run)
                .values(state=state, summary=dict(summary or {}), finished_at=sa.func.now())
            )
            leases.release(connection, run)

    def runs(self, project_id: int, limit: int) -> tuple[RunSummary, ...]:
        """The latest runs, newest first."""
        with self.transaction() as connection:
            return knowledge.runs(connection, project_id, limit)

    def machine(self, run: str) -> Machine:
        """Where a run measured."""
        with self.transaction() as connection:
            return attempts.machine_of(connection, run)

    # knowing ---------------------------------------------------------------------------

    def known(self, project_id: int, commits: Sequence[str], cells: Sequence[Cell]) -> Known:
        """What is stored about commits (SHAs) and cells."""
        with self.transaction() as connection:
            return knowledge.known(connection, project_id, commits, cells)

    def builds(
        self, project_id: int, commits: Sequence[str], requests: Sequence[EnvironmentRequest]
    ) -> knowledge.BuildKeys:
        """(commit, environment) -> build keys; an empty tuple where it does not build."""
        with self.transaction() as connection:
            return knowledge.builds(connection, project_id, commits, requests)

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

    def failures(
        self, project_id: int, commits: Sequence[str], suite_hash: str
    ) -> tuple[attempts.Failed, ...]:
        """What ended without values at commits (SHAs): builds, and cells of a suite."""
        with self.transaction() as connection:
            return tuple(attempts.failures(connection, project_id, commits, suite_hash))

    # measuring -------------------------------------------------------------------------

    def claim(self, run: str, unit_keys: Sequence[str], ttl_seconds: float) -> frozenset[str]:
        """Lease units of work; those that are this run's to do now."""
        with self.transaction() as connection:
            return leases.claim(connection, run, unit_keys, ttl_seconds)

    def renew(self, run: str, ttl_seconds: float) -> None:
        """Let the leases of a run begin again."""
        with self.transaction() as connection:
            leases.renew(connection, run, ttl_seconds)

    def release(self, run: str) -> None:
        """Let others do what this run has claimed and not measured."""
        with self.transaction() as connection:
            leases.release(connection, run)

    def ingest(self, project_id: int, machine: str, measurements: Sequence[Measurement]) -> int:
        """Store measurements, each unit of work once; how many were new.

        Args:
            machine: fingerprint of where they were made.

        Raises:
            ValueError: a sample that is not finite.
        """
        if not measurements:
            return 0
        with self.transaction() as connection:
            return ingest(self._driver(connection), project_id, machine, measurements)

    def forget_failed(self, project_id: int, commits: Sequence[str]) -> int:
        """Forget what failed at commits (SHAs), to try it again; how many attempts that were."""
        of_commits = sa.select(t.commit.c.id).where(
            t.commit.c.project_id == project_id,
            t.commit.c.sha == sa.any_(knowledge.texts(commits)),
        )
        builds = sa.select(t.commit_build.c.build_id).where(
            t.commit_build.c.commit_id.in_(of_commits)
        )
        with self.transaction() as connection:
            measured = connection.execute(
                sa.delete(t.measurement).where(
                    t.measurement.c.project_id == project_id,
                    t.measurement.c.build_id.in_(builds),
                    t.measurement.c.state.not_in(knowledge.WITH_VALUES),
                )
            )
            built = connection.execute(
                sa.delete(t.commit_build).where(
                    t.commit_build.c.commit_id.in_(of_commits), t.commit_build.c.build_id.is_(None)
                )
            )
        return measured.rowcount + built.rowcount

    # findings --------------------------------------------------------------------------

    def save_findings(
        self, project_id: int, run: str, found: Sequence[Finding]
    ) -> tuple[Finding, ...]:
        """Store findings; the same with their numbers, and what people had decided about them."""
        with self.transaction() as connection:
            return findings.save(connection, project_id, run, found)

    def findings(self, project_id: int, *, commit: str | None = None) -> tuple[Finding, ...]:
        """Stored findings, all or those of one commit, in the order they were first found."""
        with self.transaction() as connection:
            return findings.load(connection, project_id, commit)

    # connections -----------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """A transaction whose faults are explained; for what has no method here.

        Raises:
            StoreError, DiskFullError: the server went away or is full.
        """
        with explained(self.address), self.engine.begin() as connection:
            yield connection

    def _connect(self) -> psycopg.Connection:
        try:
            return self.address.connect()
        except psycopg.OperationalError:
            if not self._is_embedded:
                raise
            self.address = self._locate()
            return self.address.connect()

    @staticmethod
    def _driver(connection: sa.Connection) -> psycopg.Connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)  # noqa: S101  the dialect of the engine
        return driver
