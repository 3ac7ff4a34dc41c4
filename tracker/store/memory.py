"""Remembering what the other rooms found out: projects, commits, suites, machines, runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from tracker.config.settings import ProjectSettings
from tracker.errors import Problem, SuiteError, UsageError
from tracker.model.cells import Cell
from tracker.model.commits import Commit
from tracker.model.machines import Machine
from tracker.model.runs import RunRecord
from tracker.model.suites import Suite
from tracker.store import leases
from tracker.store import tables as t
from tracker.store.knowledge import texts
from tracker.store.upsert import upsert


def project(connection: sa.Connection, settings: ProjectSettings) -> int:
    row = asdict(settings)
    upsert(connection, t.project, [row], key=["name"], update=[*row.keys() - {"name"}])
    return project_id(connection, settings.name)


def project_id(connection: sa.Connection, name: str) -> int:
    found = connection.scalar(sa.select(t.project.c.id).where(t.project.c.name == name))
    if found is None:
        raise UsageError(
            f"nothing is stored of a project {name!r}", hint="`tracker run` measures it first"
        )
    return int(found)


def history(
    connection: sa.Connection,
    project_id: int,
    branch: str,
    commits: Sequence[Commit],
    line: Sequence[str],
) -> None:
    _commits(connection, project_id, commits)
    _line(connection, project_id, branch, line)


def _commits(connection: sa.Connection, project_id: int, known: Sequence[Commit]) -> None:
    """Store those that are new, or have other tags than they had."""
    shas = texts([c.sha for c in known])
    stored = connection.execute(
        sa.select(t.commit.c.sha, t.commit.c.tags).where(
            t.commit.c.project_id == project_id, t.commit.c.sha == sa.any_(shas)
        )
    )
    tags = {sha: tuple(names) for sha, names in stored}
    rows = [
        {
            "project_id": project_id,
            "sha": c.sha,
            "tree": c.tree,
            "parents": list(c.parents),
            "author": c.author,
            "authored_at": c.authored_at,
            "committed_at": c.committed_at,
            "subject": c.subject,
            "tags": list(c.tags),
        }
        for c in sorted(known, key=lambda c: c.sha)
        if tags.get(c.sha) != c.tags
    ]
    upsert(connection, t.commit, rows, key=["project_id", "sha"], update=["tags"])


def _line(connection: sa.Connection, project_id: int, branch: str, shas: Sequence[str]) -> None:
    """Rewrite the positions of a branch from where they differ from what is stored."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(project_id)))
    of_branch = sa.and_(
        t.line_position.c.project_id == project_id, t.line_position.c.branch == branch
    )
    stored = connection.scalars(
        sa.select(t.line_position.c.sha).where(of_branch).order_by(t.line_position.c.position)
    ).all()
    same = next(
        (i for i, (old, new) in enumerate(zip(stored, shas, strict=False)) if old != new),
        min(len(stored), len(shas)),
    )
    if same < len(stored):
        connection.execute(
            sa.delete(t.line_position).where(of_branch, t.line_position.c.position >= same)
        )
    if same < len(shas):
        connection.execute(
            sa.insert(t.line_position),
            [
                {"project_id": project_id, "branch": branch, "position": i, "sha": shas[i]}
                for i in range(same, len(shas))
            ],
        )


def _refuse_silent_change(connection: sa.Connection, project_id: int, known: Suite) -> None:
    before = connection.scalar(
        sa.select(t.suite.c.hash).where(
            t.suite.c.project_id == project_id,
            t.suite.c.name == known.name,
            t.suite.c.version == known.version,
            t.suite.c.gold,
            t.suite.c.hash != known.hash,
        )
    )
    if before is not None:
        raise SuiteError(
            f"gold suite {known.name}@{known.version} is not what was measured under that version",
            code="suite.gold-changed",
            problems=[
                Problem(
                    message=f"its content is {known.hash[:12]}, and was {before[:12]}",
                    where="suite.version",
                    value=known.version,
                )
            ],
            hint="give the changed suite a new version: its numbers are series of their own",
        )


def suite(connection: sa.Connection, project_id: int, known: Suite) -> None:
    """Remember a suite.

    Raises:
        SuiteError: it is gold, and its version was other content before.
    """
    if known.gold:
        _refuse_silent_change(connection, project_id, known)
    row = {
        "project_id": project_id,
        "hash": known.hash,
        "name": known.name,
        "harness": known.harness,
        "version": known.version,
        "gold": known.gold,
    }
    upsert(
        connection, t.suite, [row], key=["project_id", "hash"], update=["name", "version", "gold"]
    )
    suite_id = connection.scalar(
        sa.select(t.suite.c.id).where(
            t.suite.c.project_id == project_id, t.suite.c.hash == known.hash
        )
    )
    benchmarks = [
        {
            "suite_id": suite_id,
            "name": b.name,
            "axes": [{"name": a.name, "values": a.values, "open": a.open} for a in b.axes],
            "kind": b.kind,
            "metric": b.metric,
            "unit": b.unit,
            "direction": b.direction,
            "timeout": b.timeout,
            "location": b.where,
        }
        for b in known.benchmarks
    ]
    # the worker may have completed what was read from the files
    completed = ["axes", "kind", "metric", "unit", "direction", "timeout", "location"]
    upsert(connection, t.benchmark, benchmarks, key=["suite_id", "name"], update=completed)


def cells(connection: sa.Connection, known: Sequence[Cell]) -> None:
    rows = [
        {
            "key": c.key,
            "suite_hash": c.suite_hash,
            "benchmark": c.benchmark,
            "parameters": [list(pair) for pair in c.parameters],
            "recipe": c.environment.recipe,
            "python": c.environment.python,
            "device": c.device,
            "threads": c.threads,
            "profile": c.profile,
        }
        for c in known
    ]
    rows.sort(key=lambda row: str(row["key"]))
    described = [name for name in t.cell.c.keys() if name not in ("id", "key")]  # noqa: SIM118  a collection, no dict
    upsert(connection, t.cell, rows, key=["key"], update=described)


# machines and runs -------------------------------------------------------------------------


def machine(connection: sa.Connection, known: Machine) -> None:
    """Store the machine; where the one of its name has changed, an event as well."""
    m = t.machine.c
    # two commands that start at once must not both see the change
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(known.name))))
    last = connection.execute(
        sa.select(m.id, m.fingerprint, m.facts)
        .where(m.name == known.name)
        .order_by(m.last_seen_at.desc(), m.id.desc())
        .limit(1)
    ).one_or_none()
    row = {
        "fingerprint": known.fingerprint,
        "name": known.name,
        "machine_class": known.machine_class,
        "facts": dict(known.facts),
        "last_seen_at": sa.func.clock_timestamp(),
    }
    statement = insert(t.machine).values(row)
    machine_id = connection.scalar(
        statement.on_conflict_do_update(
            index_elements=["fingerprint"],
            set_={"last_seen_at": sa.func.clock_timestamp(), "name": known.name},
        ).returning(m.id)
    )
    if last is not None and last.fingerprint != known.fingerprint:
        connection.execute(
            sa.insert(t.machine_event).values(
                machine_id=machine_id,
                previous_machine_id=last.id,
                changes={
                    fact: [last.facts.get(fact), known.facts.get(fact)]
                    for fact in sorted(last.facts.keys() | known.facts.keys())
                    if last.facts.get(fact) != known.facts.get(fact)
                },
            )
        )


def run(connection: sa.Connection, identifier: str, record: RunRecord) -> None:
    machine_id = sa.select(t.machine.c.id).where(t.machine.c.fingerprint == record.machine)
    connection.execute(
        insert(t.run)
        .values(
            id=identifier,
            project_id=record.project_id,
            machine_id=machine_id.scalar_subquery(),
            command=list(record.command),
            tool_version=record.tool_version,
            tool_dirty=record.tool_dirty,
            configuration=dict(record.configuration),
            sources=dict(record.sources),
            seed=record.seed,
            note=record.note,
            state="running",
            started_at=record.started_at,
        )
        .on_conflict_do_nothing(index_elements=["id"])
    )


def finish_run(
    connection: sa.Connection, identifier: str, state: str, summary: Mapping[str, Any]
) -> None:
    connection.execute(
        sa.update(t.run)
        .where(t.run.c.id == identifier)
        .values(state=state, summary=dict(summary), finished_at=sa.func.now())
    )
    leases.release(connection, identifier)
    if connection.scalar(_ADDED_MUCH, {"run": identifier}):
        connection.execute(sa.text("ANALYZE measurement, reading, commit, build, commit_build"))


#: Whether a run brought a tenth of what the planner of queries believes to be there. The server
#: tells it by itself after a minute or more; by then the report has been waited for.
_ADDED_MUCH = sa.text(
    "SELECT (SELECT count(*) FROM measurement m JOIN batch b ON b.id = m.batch_id"
    " WHERE b.run_id = CAST(:run AS uuid))"
    " > 0.1 * greatest(reltuples, 0) FROM pg_class WHERE oid = CAST('measurement' AS regclass)"
)
