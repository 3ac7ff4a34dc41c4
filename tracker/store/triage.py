"""What people and the tracker decided about findings, and when."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from tracker.errors import UsageError
from tracker.model.findings import Confirmation, Decision, Triage
from tracker.store import tables as t


def decide(
    connection: sa.Connection,
    project_id: int,
    number: int,
    triage: Triage,
    *,
    who: str,
    note: str,
) -> None:
    """Change the state of a finding, and keep who did it, and why.

    Raises:
        UsageError: the project has no finding of that number.
    """
    f = t.finding.c
    confirmation = connection.scalar(
        sa.update(t.finding)
        .where(f.id == number, f.project_id == project_id)
        .values(triage=triage, updated_at=sa.func.now())
        .returning(f.confirmation)
    )
    if confirmation is None:
        raise UsageError(
            f"there is no finding {number}",
            code="finding.unknown",
            hint="`tracker findings list --all` has their numbers",
        )
    connection.execute(
        sa.insert(t.finding_event).values(
            finding_id=number, who=who, triage=triage, confirmation=confirmation, note=note
        )
    )


def decisions(connection: sa.Connection, project_id: int, number: int) -> tuple[Decision, ...]:
    """Every transition of a finding, oldest first."""
    e = t.finding_event.c
    rows = connection.execute(
        sa.select(e.at, e.who, e.triage, e.confirmation, e.note)
        .join(t.finding)
        .where(e.finding_id == number, t.finding.c.project_id == project_id)
        .order_by(e.at, e.id)
    )
    return tuple(
        Decision(
            at=row.at,
            who=row.who,
            triage=Triage(row.triage),
            confirmation=Confirmation(row.confirmation),
            note=row.note,
        )
        for row in rows
    )


def times(connection: sa.Connection, project_id: int) -> dict[int, tuple[datetime, datetime]]:
    """When each finding was found, and when it last changed its state: by its number."""
    e = t.finding_event.c
    rows = connection.execute(
        sa.select(e.finding_id, sa.func.min(e.at), sa.func.max(e.at))
        .join(t.finding)
        .where(t.finding.c.project_id == project_id)
        .group_by(e.finding_id)
    )
    return {number: (first, last) for number, first, last in rows}
