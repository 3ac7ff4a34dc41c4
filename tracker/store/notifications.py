"""Who was told of which finding."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from tracker.model.findings import Confirmation
from tracker.store import tables as t
from tracker.store.findings import TRACKER


def remember(connection: sa.Connection, project_id: int, names: Sequence[str]) -> None:
    if names:
        rows = [{"project_id": project_id, "name": name} for name in names]
        connection.execute(insert(t.destination).on_conflict_do_nothing(), rows)


def untold(connection: sa.Connection, project_id: int, destination: str) -> frozenset[int]:
    """Findings that the tracker had something new to say about since somebody listens.

    One that was told while it was suspected is news again when it is confirmed.
    """
    f, d, e, n = t.finding.c, t.destination.c, t.finding_event.c, t.notification.c
    learnt = sa.select(e.id).where(e.finding_id == f.id, e.who == TRACKER)
    news = learnt.where(e.at >= d.since)
    confirmed_by_then = learnt.where(e.confirmation == Confirmation.confirmed, e.at <= n.at)
    known = sa.select(n.at).where(
        n.finding_id == f.id,
        n.destination_id == d.id,
        (f.confirmation != Confirmation.confirmed) | confirmed_by_then.exists(),
    )
    return frozenset(
        connection.scalars(
            sa.select(f.id)
            .join(t.destination, d.project_id == f.project_id)
            .where(f.project_id == project_id, d.name == destination)
            .where(news.exists(), ~known.exists())
        )
    )


def told(
    connection: sa.Connection, project_id: int, destination: str, findings: Sequence[int]
) -> None:
    d = t.destination.c
    number = connection.scalar(
        sa.select(d.id).where(d.project_id == project_id, d.name == destination)
    )
    if findings:
        rows = [{"destination_id": number, "finding_id": finding} for finding in findings]
        known_or_new = insert(t.notification).on_conflict_do_update(
            constraint=t.notification.primary_key, set_={"at": sa.func.now()}
        )
        connection.execute(known_or_new, rows)
