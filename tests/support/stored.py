"""A store with a project, commits, a machine and a run in it, for tests about what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support import values
from tracker.config.settings import ProjectSettings
from tracker.model.cells import Cell, Coordinate
from tracker.model.commits import Commit
from tracker.model.environments import Build, BuildFailure
from tracker.model.machines import Machine
from tracker.model.measurements import Measurement, Provenance, Reading, State
from tracker.model.runs import RunRecord
from tracker.model.suites import Direction
from tracker.store.store import Store

PROJECT = ProjectSettings(
    name="Prüfling 'a b'",
    repository="/some where/it's here",
    subdirectory="",
    branch="",
    package="sample",
    commit_url="",
)
PROVENANCE = Provenance(
    backend="python",
    precision="-",
    dataset="-",
    device="cpu",
    threads=1,
    python="cpython-3.11.7",
    imported_from="/env/sample/__init__.py",
    load_before=0.1,
    load_after=0.2,
    extra={"hash_seed": "1"},
)


@dataclass(frozen=True, kw_only=True)
class World:
    """Numbers and values that tests need again and again."""

    store: Store
    project_id: int
    run: str
    machine: Machine
    commits: tuple[Commit, ...]

    @property
    def shas(self) -> list[str]:
        return [commit.sha for commit in self.commits]

    def begin_run(self) -> str:
        return begin_run(self.store, self.project_id, self.machine)

    def built(self, number: int, outcome: Build | BuildFailure, **fields: Any) -> None:
        """Remember what a commit installs."""
        own = None if isinstance(outcome, BuildFailure) else outcome.environment.environment_class
        self.store.remember_build(
            self.project_id,
            self.commits[number].sha,
            fields.get("request", values.PINNED),
            fields.get("environment_class", own),
            outcome,
            1.5,
        )

    def measurement(
        self,
        number: int,
        build: Build,
        cell: Cell,
        round: int = 0,  # noqa: A002  the word of the model
        **fields: Any,
    ) -> Measurement:
        """What a process measured at a commit: ``value`` seconds, unless told otherwise."""
        value = fields.pop("value", 1.0)
        metrics: Sequence[str] = fields.pop("metrics", ("time",))
        known: dict[str, Any] = {
            "run": self.run,
            "commit": self.commits[number].sha,
            "build": build.key,
            "cell": cell.key,
            "round": round,
            "position": number,
            "state": State.measured,
            "started_at": datetime(2024, 5, 1, tzinfo=UTC) + timedelta(seconds=round),
            "seconds": 2.5,
            "exit_code": 0,
            "flags": ("loaded", "noisy"),
            "provenance": PROVENANCE,
        }
        known |= fields
        if known["state"].has_values and "readings" not in known:
            known["readings"] = tuple(
                Reading(
                    coordinate=self.coordinate(build, cell, metric=metric),
                    samples=(value, value * 1.5),
                    loops=10,
                    warmup=(value * 2,),
                    value=value,
                )
                for metric in metrics
            )
        return Measurement(**known)

    def coordinate(self, build: Build, cell: Cell, **fields: Any) -> Coordinate:
        known: dict[str, Any] = {
            "project": PROJECT.name,
            "suite": cell.suite,
            "suite_hash": cell.suite_hash,
            "benchmark": cell.benchmark,
            "parameters": cell.parameters,
            "kind": cell.kind,
            "metric": "time",
            "unit": "s",
            "direction": Direction("lower"),
            "exact": False,
            "harness": cell.harness,
            "backend": "python",
            "precision": "-",
            "dataset": "-",
            "device": "cpu",
            "threads": 1,
            "python": build.environment.python,
            "environment_class": build.environment.environment_class.hash,
            "machine_class": self.machine.machine_class,
            "profile": cell.profile,
        }
        return Coordinate(**(known | fields))

    def ingest(self, *measurements: Measurement) -> int:
        return self.store.ingest(self.project_id, self.machine.fingerprint, measurements)


def world(store: Store, commits: int = 4) -> World:
    """A project with a linear history, and a run that has begun."""
    project_id = store.remember_project(PROJECT)
    history = tuple(values.commit(number) for number in range(commits))
    store.remember_commits(project_id, "", history, [commit.sha for commit in history])
    machine = values.machine()
    store.remember_machine(machine)
    run = begin_run(store, project_id, machine)
    return World(store=store, project_id=project_id, run=run, machine=machine, commits=history)


def begin_run(store: Store, project_id: int, machine: Machine) -> str:
    return store.begin_run(
        RunRecord(
            project_id=project_id,
            machine=machine.fingerprint,
            command=("tracker", "run", "HEAD~3..HEAD"),
            tool_version="0.1.0",
            tool_dirty=False,
            configuration={"policy": {"processes": 5}},
            sources={"policy.processes": "default"},
            seed=1,
            started_at=datetime.now(UTC),
        )
    )
