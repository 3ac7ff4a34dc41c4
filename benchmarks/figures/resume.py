"""How long does a command take that finds everything measured already?"""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.figures.desk import Desk, opened
from benchmarks.figures.figure import Figure
from tests.support import stored, values
from tests.support.histories import sample_project, write_suite
from tracker.config.compose import load
from tracker.engine.plan import Plan, in_range, make_plan
from tracker.machine.fingerprint import identify
from tracker.model.cells import NOT_APPLICABLE, Cell, Coordinate
from tracker.model.commits import Commit
from tracker.model.environments import Build
from tracker.model.measurements import Measurement, Reading, State
from tracker.model.suites import Direction
from tracker.store.store import open_store

COMMITS = 500
SIZES = (1, 2, 4, 8, 16)
REPETITIONS = 5
NAME = "resume"
#: the commit from which on everything takes longer, and how many times
CHANGED, BY = 250, 1.05
NOISE = 0.01


def measure(directory: Path) -> list[Figure]:
    """Seconds of ``tracker run ALL`` over a finished run of 500 commits, 20 cells, 5 processes."""
    history = sample_project(directory / "history", commits=COMMITS)
    with opened(directory) as desk:
        desk.configure(NAME, history.path, write_suite(directory / "suite.py", sizes=SIZES))
        fill(desk)
        resumed = [_resumed(desk) for _ in range(REPETITIONS)]
        _check_nothing_was_measured(desk)
    seconds, computing, mebibytes = zip(*resumed, strict=True)
    return [
        Figure(
            name="resume of a finished run",
            value=statistics.median(seconds),
            unit="s",
            target=2.0,
            parts={
                "fastest": min(seconds),
                "slowest": max(seconds),
                "processor time": statistics.median(computing),
            },
        ),
        Figure(name="memory of a resume", value=max(mebibytes), unit="MiB", target=150),
    ]


def _resumed(desk: Desk) -> tuple[float, float, float]:
    """Wall seconds, processor seconds and highest resident memory in MiB of the command."""
    start = time.perf_counter()
    process = subprocess.Popen(
        desk.command("run", "ALL"),
        cwd=desk.directory,
        env=desk.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"the command failed with {process.returncode}")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def _check_nothing_was_measured(desk: Desk) -> None:
    settings = load(config=desk.configuration, overrides=(), root=desk.directory)
    with open_store(settings.store, places=desk.places) as store:
        runs = store.runs(store.project_id(NAME), REPETITIONS + 1)
    if len(runs) != REPETITIONS + 1 or any(run.measured + run.failed for run in runs[:-1]):
        raise SystemExit("the command found something to measure")


def fill(desk: Desk) -> None:
    """Store what a run of the desk's configuration over its whole history would."""
    settings = load(config=desk.configuration, overrides=(), root=desk.directory)
    plan = make_plan(settings, places=desk.places, choose=in_range("ALL"))
    machine = identify()
    with open_store(settings.store, places=desk.places) as store:
        project_id = store.remember_project(settings.project)
        line = [commit.sha for commit in plan.commits]
        store.remember_commits(project_id, settings.project.branch, plan.commits, line)
        store.remember_machine(machine)
        store.remember_suite(project_id, plan.suite)
        store.remember_cells(plan.cells)
        run = stored.begin_run(store, project_id, machine)
        (environment,) = plan.environments
        made = Made(plan, run, machine.machine_class)
        for number, commit in enumerate(plan.commits):
            build = values.build(f"{number:064x}")
            store.remember_build(
                project_id, commit.sha, environment, build.environment.environment_class, build, 1.0
            )
            store.ingest(project_id, machine.fingerprint, list(made.measurements(commit, build)))
        store.finish_run(run, "finished")


class Made:
    """Measurements of the kind that the worker sends, with numbers that were thrown."""

    def __init__(self, plan: Plan, run: str, machine_class: str) -> None:
        self._plan = plan
        self._run = run
        self._machine_class = machine_class
        self._random = np.random.default_rng(1)
        self._coordinates: dict[tuple[Cell, str], Coordinate] = {}

    def measurements(self, commit: Commit, build: Build) -> Iterator[Measurement]:
        """All processes of a commit."""
        policy = self._plan.settings.policy
        slower = BY if commit.position >= CHANGED else 1.0
        for position, cell in enumerate(self._plan.cells):
            for number in range(policy.processes):
                typical = 1e-3 * slower * self._random.normal(1.0, NOISE)
                memory = 20e6 * self._random.normal(1.0, NOISE)
                times = self._random.normal(typical, typical * NOISE, policy.samples)
                readings = [
                    self._reading(build, cell, "time", "s", times.tolist()),
                    self._reading(build, cell, "peak_memory", "bytes", [memory]),
                ]
                if number < policy.count_processes:
                    counted = [round(1e5 * slower)]
                    readings.append(
                        self._reading(build, cell, "instructions", "instructions", counted)
                    )
                yield Measurement(
                    run=self._run,
                    commit=commit.sha,
                    build=build.key,
                    cell=cell.key,
                    round=number,
                    position=position,
                    state=State.measured,
                    started_at=datetime.now(UTC),
                    seconds=0.5,
                    exit_code=0,
                    readings=tuple(readings),
                    provenance=stored.PROVENANCE,
                )

    def _reading(
        self, build: Build, cell: Cell, metric: str, unit: str, samples: Sequence[float]
    ) -> Reading:
        return Reading(
            coordinate=self._coordinate(build, cell, metric, unit),
            samples=tuple(samples),
            value=statistics.median(samples),
        )

    def _coordinate(self, build: Build, cell: Cell, metric: str, unit: str) -> Coordinate:
        if (cell, metric) not in self._coordinates:
            self._coordinates[cell, metric] = Coordinate(
                project=NAME,
                suite=cell.suite,
                suite_hash=cell.suite_hash,
                benchmark=cell.benchmark,
                parameters=cell.parameters,
                kind=cell.kind,
                metric=metric,
                unit=unit,
                direction=Direction.less,
                exact=metric == "instructions",
                harness=cell.harness,
                backend="python",
                precision=NOT_APPLICABLE,
                dataset=NOT_APPLICABLE,
                device=cell.device,
                threads=1,
                python=build.environment.python,
                environment_class=build.environment.environment_class.hash,
                machine_class=self._machine_class,
                profile=cell.profile,
            )
        return self._coordinates[cell, metric]
