"""Attempts that ended without values, and where they were made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from tracker.model.cells import title
from tracker.model.machines import Machine
from tracker.model.measurements import State
from tracker.model.series import Failure
from tracker.store import tables as t
from tracker.store.knowledge import WITH_VALUES, texts


def failures(
    connection: sa.Connection, project_id: int, commits: Sequence[str], suite_hash: str
) -> Iterator[Failure]:
    """What does not build, and what a suite's cells failed at, each reason once."""
    of_range = (t.commit.c.project_id == project_id, t.commit.c.sha == sa.any_(texts(commits)))
    shas = sa.func.array_agg(sa.distinct(t.commit.c.sha))
    unbuilt = connection.execute(
        sa.select(t.commit_build.c.reason, shas)
        .join(t.commit)
        .where(*of_range, t.commit_build.c.build_id.is_(None))
        .group_by(t.commit_build.c.reason)
    )
    for reason, of_reason in unbuilt:
        yield Failure(
            title="", state=State.build_failed, reason=reason or "", commits=tuple(of_reason)
        )
    m, c = t.measurement.c, t.cell.c
    failed = connection.execute(
        sa.select(c.benchmark, c.parameters, m.state, m.reason, shas)
        .select_from(
            t.measurement.join(t.cell)
            .join(t.commit_build, t.commit_build.c.build_id == m.build_id)
            .join(t.commit, t.commit.c.id == t.commit_build.c.commit_id)
        )
        .where(*of_range, c.suite_hash == suite_hash, m.state.not_in(WITH_VALUES))
        .group_by(c.benchmark, c.parameters, m.state, m.reason)
    )
    for benchmark, parameters, state, reason, of_reason in failed:
        yield Failure(
            title=title(benchmark, tuple((name, value) for name, value in parameters)),
            state=State(state),
            reason=reason,
            commits=tuple(of_reason),
        )


def machine_of(connection: sa.Connection, run: str) -> Machine:
    """The machine of a run."""
    row = connection.execute(
        sa.select(t.machine.c.name, t.machine.c.machine_class, t.machine.c.facts)
        .join(t.run, t.run.c.machine_id == t.machine.c.id)
        .where(t.run.c.id == run)
    ).one()
    return Machine(name=row.name, machine_class=row.machine_class, facts=row.facts)
