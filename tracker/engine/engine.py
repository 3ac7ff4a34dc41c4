"""The one engine: fulfils requests, stores what comes out, and asks nobody what to do next."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tracker.config.settings import Settings
from tracker.engine.conditions import Fault, flags
from tracker.engine.executor import Executor
from tracker.engine.heartbeat import LEASE_SECONDS
from tracker.engine.interruption import Interruption, Stopped
from tracker.engine.preparing import Preparing
from tracker.engine.results import Circumstances, measurement
from tracker.engine.retries import undisturbed
from tracker.engine.watcher import Watcher
from tracker.engine.work import Work, measuring
from tracker.environments.workshop import Workshop
from tracker.machine.fingerprint import load, usable_cores
from tracker.machine.program import Ended
from tracker.model.environments import Build
from tracker.model.machines import Machine
from tracker.model.requests import Measure, MeasurePair, MeasureTogether, Prepare, Request
from tracker.store.recorder import Recorder
from tracker.store.store import Store

#: seconds to wait before looking again at work that another command has claimed
PATIENCE_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    """A process that is about to be started."""

    request: Measure
    build: Build
    python: Path
    work: Work
    started_at: datetime
    load: float


class Engine:
    """Turns requests into stored builds and measurements, for one run on one machine."""

    def __init__(
        self,
        *,
        settings: Settings,
        store: Store,
        recorder: Recorder,
        project_id: int,
        run: str,
        workshop: Workshop,
        executor: Executor,
        machine: Machine,
        harness_job: Mapping[str, Any],
        home: Path,
        preparing: Preparing,
        watcher: Watcher,
        interruption: Interruption,
    ) -> None:
        self._settings = settings
        self._store = store
        self._recorder = recorder
        self._project_id = project_id
        self._run = run
        self._workshop = workshop
        self._executor = executor
        self._machine = machine
        self._home = home
        self._harness_job = harness_job
        self._preparing = preparing
        self._watcher = watcher
        self._interruption = interruption
        self._builds: dict[str, Build] = {}

    def fulfil(self, requests: Sequence[Request], until: float = math.inf) -> None:
        """Carry out the requests in their order; all results are in the store afterwards.

        Args:
            until: no build or process is started after this moment of the monotonic clock.

        Raises:
            Stopped: the person asked to stop.
            StoreError: the database went away; measurements made meanwhile are spooled.
            InfrastructureError: the machine failed more often than the policy allows.
        """
        waited_for = 0
        for request in requests:
            self._interruption.check()
            match request:
                case Prepare():
                    self._preparing.prepare(request, until)
                case Measure() if time.monotonic() < until:
                    waited_for += not self._measure(request)
                case MeasurePair() if time.monotonic() < until:
                    waited_for += not self._measure_pair(request)
                case MeasureTogether() if time.monotonic() < until:
                    waited_for += not self._measure_together(request)
        if waited_for and waited_for == len(requests):
            # Another command has claimed all of it; its results will be ours as well.
            self._watcher.note("waiting for another command that measures the same commits")
            time.sleep(PATIENCE_SECONDS)

    def _measure(self, request: Measure) -> bool:
        """Whether this command measured it, rather than leaving it to another."""
        if not self._claim(request):
            return False
        attempt = self._attempt(request, self._settings.policy.affinity)
        self._carry_out([attempt], lambda _: [self._executor.execute(attempt.work)])
        return True

    def _measure_pair(self, request: MeasurePair) -> bool:
        """As ``_measure``. A second that was not started is as if it was never asked for."""
        if not self._claim(*request.both):
            return False
        processors = self._shared(request.first)
        first, second = (self._attempt(one, processors) for one in request.both)
        self._carry_out(
            [first, second], lambda _: self._executor.execute_pair(first.work, second.work)
        )
        return True

    def _measure_together(self, request: MeasureTogether) -> bool:
        """As ``_measure``. Members that were not begun are as if they were never asked for."""
        if not self._claim(*request.members):
            return False
        affinity = self._settings.policy.affinity
        attempts = [self._attempt(one, affinity) for one in request.members]
        self._carry_out(
            attempts,
            lambda places: self._executor.execute_together([attempts[n].work for n in places]),
            apart=True,
        )
        self._interruption.check()
        return True

    def _shared(self, request: Measure) -> tuple[int, ...]:
        """One processor for both of a pair that has one thread each, another in each round.

        They never run at once, and two processors may be two speeds.
        """
        allowed = self._settings.policy.affinity
        if request.cell.threads != 1:
            return allowed
        cores = allowed or usable_cores()
        return (cores[request.round % len(cores)],)

    def _claim(self, *requests: Measure) -> bool:
        units = {request.unit for request in requests}
        return self._store.claim(self._run, sorted(units), LEASE_SECONDS)

    def _attempt(self, request: Measure, processors: tuple[int, ...]) -> _Attempt:
        """All that is known before it starts."""
        self._watcher.measuring(request)
        build = self._build_of(request)
        python = self._workshop.interpreter(request.commit, build)
        shared = self._home / build.key
        shared.mkdir(exist_ok=True)
        return _Attempt(
            request=request,
            build=build,
            python=python,
            work=measuring(
                request,
                python=python,
                package=self._package(build),
                installed_bytes=build.installed_bytes,
                harness_job=self._harness_job,
                policy=self._settings.policy,
                shared=shared,
                processors=processors,
            ),
            started_at=datetime.now(UTC),
            load=load(),
        )

    def _carry_out(
        self,
        attempts: Sequence[_Attempt],
        run: Callable[[Sequence[int]], Sequence[Ended | None]],
        *,
        apart: bool = False,
    ) -> None:
        """Run them as ``undisturbed`` does, and keep what each left at once."""
        policy, note = self._settings.policy, self._watcher.note
        left = undisturbed(run, len(attempts), apart=apart, policy=policy, note=note)
        for place, one in left:
            self._keep_result(attempts[place], one.ended, one.befell)

    def _keep_result(self, attempt: _Attempt, ended: Ended, befell: frozenset[Fault]) -> None:
        if ended.how == "stopped":
            raise Stopped
        policy, cores = self._settings.policy, int(self._machine.facts["logical_cores"])
        result = measurement(
            attempt.request,
            ended,
            Circumstances(
                run=self._run,
                project=self._settings.project.name,
                build=attempt.build,
                machine=self._machine,
                prefix=attempt.python.parent.parent,
                started_at=attempt.started_at,
                load_before=attempt.load,
                load_after=load(),
                process_value=policy.process_value,
                flags=(*flags(ended.telemetry, cores, policy), *befell),
            ),
        )
        self._recorder.record([result])
        self._watcher.measured(attempt.request, result)

    def _package(self, build: Build) -> str:
        """The import name to verify: as configured, else the only one that the commit installs."""
        names = self._workshop.import_names(build)
        return self._settings.project.package or (names[0] if len(names) == 1 else "")

    def _build_of(self, request: Measure) -> Build:
        if request.build not in self._builds:
            self._builds[request.build] = self._store.build(request.build)
        return self._builds[request.build]
