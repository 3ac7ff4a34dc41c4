"""A run, from its opening in the store to its end."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import tracker.version
from tracker.config.matrix import expand
from tracker.engine.engine import Engine
from tracker.engine.executor import Executor, LocalExecutor
from tracker.engine.heartbeat import heartbeat
from tracker.engine.interruption import Interruption, Stopped
from tracker.engine.plan import Plan
from tracker.engine.preparing import Preparing
from tracker.engine.watcher import Watcher
from tracker.engine.work import discovering
from tracker.environments.scratch import private_home
from tracker.errors import RevisionError, StoreError, SuiteError
from tracker.harnesses.discovery import discovered
from tracker.harnesses.package import with_package
from tracker.machine.fingerprint import identify
from tracker.model.calibrations import Calibration
from tracker.model.cells import Cell
from tracker.model.commits import Commit
from tracker.model.machines import Machine
from tracker.model.purposes import HISTORY, Purpose
from tracker.model.requests import Known, Prepare, Request
from tracker.model.runs import RunRecord
from tracker.model.suites import Suite
from tracker.store.recorder import Recorder
from tracker.store.store import Store


class Strategy(Protocol):
    """Decides what to measure next, from what is known alone."""

    @property
    def purpose(self) -> Purpose:
        """What its processes are measured for."""

    @property
    def asks_about(self) -> tuple[Commit, ...]:
        """All commits that it may ask for."""

    def ask(self, known: Known) -> tuple[Request, ...]: ...


class Session:
    """An open run: strategies are driven through it, reports read from its store."""

    def __init__(
        self,
        *,
        plan: Plan,
        store: Store,
        recorder: Recorder,
        project_id: int,
        machine: Machine,
        run: str,
        home: Path,
        watcher: Watcher,
        interruption: Interruption,
    ) -> None:
        self.plan = plan
        self.store = store
        self.project_id = project_id
        self.machine = machine
        self.run = run
        #: moment of the monotonic clock after which no strategy begins a build or a process
        self.deadline = math.inf
        self.suite: Suite = plan.suite
        self.cells: tuple[Cell, ...] = plan.cells
        self._executor: Executor = LocalExecutor(
            settings=plan.settings.executor, places=plan.places, stop=interruption.now
        )
        self._preparing = Preparing(
            settings=plan.settings,
            store=store,
            project_id=project_id,
            workshop=plan.workshop,
            span=plan.commits,
            watcher=watcher,
            interruption=interruption,
        )
        self._engine = Engine(
            settings=plan.settings,
            store=store,
            recorder=recorder,
            project_id=project_id,
            run=run,
            workshop=plan.workshop,
            executor=self._executor,
            machine=machine,
            harness_job=plan.harness_job,
            home=home,
            preparing=self._preparing,
            watcher=watcher,
            interruption=interruption,
        )
        if plan.open_benchmarks or not plan.suite.complete:
            self._complete_suite()
        store.remember_suite(project_id, self.suite)
        store.remember_cells(self.cells)

    def known(self, strategy: Strategy) -> Known:
        """What the store holds about a strategy's commits, the session's cells and its purpose."""
        purpose = strategy.purpose
        shas = [commit.sha for commit in strategy.asks_about]
        if purpose == HISTORY:  # its processes are many, and nobody looks at them here
            return self.store.known(self.project_id, shas, self.cells)
        return self.store.known_pairs(
            self.project_id, shas, self.cells, purpose, also=self._preparing.unstored()
        )

    def forget_failed(self) -> int:
        """Forget what failed at the session's commits, to try it again; how much that was."""
        return self.store.forget_failed(self.project_id, [c.sha for c in self.plan.commits])

    def remember(self, commits: Sequence[Commit]) -> None:
        """Make commits known that lie beside those of the plan, to ask about them."""
        _remember_commits(self.store, self.project_id, self.plan, commits)

    def widen(self, commits: Sequence[Commit]) -> None:
        """Take more commits of the line into the plan."""
        self.remember(commits)
        every = sorted((*self.plan.commits, *commits), key=lambda commit: commit.position)
        self.plan = replace(self.plan, commits=tuple(every))

    def turn_to(self, commits: Sequence[Commit], every: int) -> None:
        """Work on these commits, oldest first, and not on those that the session began with.

        Args:
            every: what they are of the line: all of it, every second, ...
        """
        self.remember(commits)
        settings = self.plan.settings
        coarse = replace(settings, history=replace(settings.history, every=every))
        self.plan = replace(self.plan, commits=tuple(commits), settings=coarse)
        self._preparing.span = self.plan.commits

    def calibration(self) -> Calibration | None:
        """What the suite can see on this machine; None where nobody looked."""
        return self.store.calibration(
            self.project_id,
            self.suite.hash,
            self.machine.machine_class,
            self.cells[0].profile,
        )

    def reference(self) -> Commit | None:
        """The commit that runs in every session; None where the policy wants none.

        Raises:
            RevisionError: the policy names a commit that is not there.
        """
        if self.plan.settings.policy.reference == "none":
            return None
        found = self._reference()
        self.remember([found])
        return found

    def _reference(self) -> Commit:
        plan, wanted = self.plan, self.plan.settings.policy.reference
        branch = plan.settings.project.branch
        if wanted != "auto":
            return plan.repository.resolve(wanted, branch=branch)
        before = self.store.last_reference(self.project_id, self.machine.machine_class)
        # a branch that was rewritten may have lost it
        with suppress(RevisionError):
            return plan.repository.resolve(before, branch=branch)
        return plan.commits[0]

    def drive(
        self,
        strategy: Strategy,
        show: Callable[[Known], None],
        budget: float = math.inf,
    ) -> Known:
        """Ask and fulfil until the strategy has no question left, or time; what is known then.

        Args:
            show: told after every answer what is known then.
            budget: seconds of measuring, counted from the first process.

        Raises:
            Stopped, StoreError, InfrastructureError: see ``Engine.fulfil``.
        """
        known = self.known(strategy)
        show(known)
        until, measuring = self.deadline, False
        while (requests := strategy.ask(known)) and time.monotonic() < until:
            if not measuring and not any(isinstance(one, Prepare) for one in requests):
                until, measuring = min(until, time.monotonic() + budget), True
            self._engine.fulfil(requests, until)
            known = self.known(strategy)
            show(known)
        return known

    def _complete_suite(self) -> None:
        """Read computed parameters at the newest commit where the suite can be imported."""
        plan = self.plan
        settings = plan.settings
        environment = next(iter(plan.environments))
        reason = ""
        for commit in reversed(plan.commits):
            self._engine.fulfil([Prepare(environment=environment, commits=(commit,))])
            builds = self.store.builds(self.project_id, [commit.sha], [environment])
            for key in builds[commit.sha, environment]:
                ended = self._executor.execute(
                    discovering(
                        python=plan.workshop.interpreter(commit, self.store.build(key)),
                        package=settings.project.package,
                        harness_job=plan.harness_job,
                        policy=settings.policy,
                    )
                )
                if ended.how == "stopped":
                    raise Stopped
                end = ended.lines[-1] if ended.lines else {}
                if end.get("event") == "end" and end["state"] == "measured":
                    found = discovered(plan.suite, ended.lines)
                    self.suite = with_package(found) if settings.policy.package else found
                    self.cells = expand(settings, self.suite).cells
                    return
                reason = reason or f"{commit.label}: {end.get('reason') or ended.output[-200:]}"
        raise SuiteError(
            "the suite cannot be imported at any commit of the range",
            code="suite.not-importable",
            hint=f"at {reason}" if reason else "no commit of the range could be built",
        )


@contextmanager
def open_session(
    plan: Plan,
    store: Store,
    *,
    command: Sequence[str],
    watcher: Watcher,
    interruption: Interruption,
) -> Iterator[Session]:
    """Begin a run in the store; its end, whatever it is, is stored too."""
    settings = plan.settings
    machine = identify()
    project_id = store.remember_project(settings.project)
    _remember_commits(store, project_id, plan, plan.commits)
    store.remember_machine(machine)
    run = store.begin_run(
        RunRecord(
            project_id=project_id,
            machine=machine.fingerprint,
            command=tuple(command),
            tool_version=tracker.version.VERSION,
            tool_dirty=tracker.version.dirty(),
            configuration=settings.resolved,
            sources=settings.sources,
            seed=settings.policy.seed,
            started_at=datetime.now(UTC),
        )
    )
    recorder = Recorder(
        store=store, places=plan.places, project_id=project_id, machine=machine.fingerprint, run=run
    )
    try:
        with (
            plan.workshop,
            private_home(plan.places.scratch) as home,
            heartbeat(store, run),
        ):
            yield Session(
                plan=plan,
                store=store,
                recorder=recorder,
                project_id=project_id,
                machine=machine,
                run=run,
                home=home,
                watcher=watcher,
                interruption=interruption,
            )
    except BaseException as error:
        # Where the database is what failed, its absence must not hide the reason.
        with suppress(StoreError):
            store.finish_run(run, "stopped" if isinstance(error, Stopped) else "failed")
        raise
    store.finish_run(run, "finished")
    if recorder.spooled:
        raise StoreError(
            f"{recorder.spooled} measurements wait on disk: the database did not take them",
            hint="the next command stores them; `tracker db status` says how the database is",
        )


def _remember_commits(store: Store, project_id: int, plan: Plan, commits: Sequence[Commit]) -> None:
    branch = plan.settings.project.branch
    real = [commit for commit in commits if not commit.stands_for]
    store.remember_commits(project_id, branch, real, plan.repository.line(branch))
