"""Attempts that ended without values, and where they were made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from tracker.model.cells import title
from tracker.model.machines import Machine
from tracker.model.measurements import State
from tracker.model.purposes import HISTORY
from tracker.store import summaries
from tracker.store import tables as t
from tracker.store.knowledge import WITH_VALUES, of_purpose, texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """One way that attempts ended without values."""

    #: benchmark with parameters; empty where the commits do not build
    title: str
    state: State
    reason: str
    #: SHAs, in no order
    commits: tuple[str, ...]


def failures(
    connection: sa.Connection, project_id: int, commits: Sequence[str], suite_hash: str
) -> tuple[Failed, ...]:
    """What does not build, and what a suite's cells failed at, each reason once."""
    of_range = (t.commit.c.project_id == project_id, t.commit.c.sha == sa.any_(texts(commits)))
    shas = sa.func.array_agg(t.commit.c.sha.distinct())
    unbuilt = connection.execute(_unbuilt(shas).where(*of_range))
    failed = connection.execute(
        _failed(shas, project_id).where(*of_range, t.cell.c.suite_hash == suite_hash)
    )
    return (
        *(
            Failed(title="", state=State.build_failed, reason=reason, commits=tuple(of_reason))
            for reason, of_reason in unbuilt
        ),
        *(
            Failed(
                title=title(benchmark, tuple((name, value) for name, value in parameters)),
                state=State(state),
                reason=reason,
                commits=tuple(of_reason),
            )
            for benchmark, parameters, state, reason, of_reason in failed
        ),
    )


def forget(connection: sa.Connection, project_id: int, commits: Sequence[str]) -> int:
    """Delete what failed at commits, to try it again; how many attempts that were."""
    m, b = t.measurement.c, t.commit_build.c
    of_commits = sa.select(t.commit.c.id).where(
        t.commit.c.project_id == project_id, t.commit.c.sha == sa.any_(texts(commits))
    )
    builds = sa.select(b.build_id).where(b.commit_id.in_(of_commits))
    measured = connection.scalars(
        sa.delete(t.measurement)
        .where(m.project_id == project_id, m.build_id.in_(builds), m.state.not_in(WITH_VALUES))
        .returning(m.build_id)
    ).all()
    summaries.forget(connection, sorted(set(measured)))
    built = connection.execute(
        sa.delete(t.commit_build).where(b.commit_id.in_(of_commits), b.build_id.is_(None))
    )
    return len(measured) + built.rowcount


def _unbuilt(shas: sa.ColumnElement[Sequence[str]]) -> sa.Select[str, Sequence[str]]:
    """Builds that failed where no other class of the same environment has one."""
    b, other = t.commit_build.c, t.commit_build.alias()
    built = sa.exists().where(
        other.c.commit_id == b.commit_id,
        other.c.recipe == b.recipe,
        other.c.python == b.python,
        other.c.build_id.is_not(None),
    )
    return (
        sa.select(b.reason, shas)
        .join(t.commit)
        .where(b.build_id.is_(None), ~built)
        .group_by(b.reason)
    )


def _failed(
    shas: sa.ColumnElement[Sequence[str]], project_id: int
) -> sa.Select[str, list[list[str]], str, str, Sequence[str]]:
    """Processes that failed where no other process of the same cell and build gave values."""
    m, c, other = t.measurement.c, t.cell.c, t.measurement.alias()
    has_values = sa.exists().where(
        other.c.project_id == m.project_id,
        other.c.build_id == m.build_id,
        other.c.cell_id == m.cell_id,
        other.c.state.in_(WITH_VALUES),
    )
    return (
        sa.select(c.benchmark, c.parameters, m.state, m.reason, shas)
        .select_from(
            t.measurement.join(t.cell)
            .join(t.commit_build, t.commit_build.c.build_id == m.build_id)
            .join(t.commit, t.commit.c.id == t.commit_build.c.commit_id)
        )
        .where(
            m.project_id == project_id,
            of_purpose(HISTORY),
            # an answer of the benchmark, not a failure of the commit
            m.state.not_in((*WITH_VALUES, State.unsupported)),
            ~has_values,
        )
        .group_by(c.benchmark, c.parameters, m.state, m.reason)
    )


def machine_of(connection: sa.Connection, run: str) -> Machine:
    """The machine of a run, in the condition it was in then."""
    row = connection.execute(
        sa.select(t.machine.c.name, t.machine.c.machine_class, t.machine.c.facts)
        .join(t.run, t.run.c.machine_id == t.machine.c.id)
        .where(t.run.c.id == run)
    ).one()
    return Machine(name=row.name, machine_class=row.machine_class, facts=row.facts)
