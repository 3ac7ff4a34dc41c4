"""How the processes of a commit ran, beside what they measured."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import sqlalchemy as sa

from tracker.model.cells import title
from tracker.model.measurements import Observed, State
from tracker.model.purposes import HISTORY
from tracker.model.telemetry import Channel, Guarded, Telemetry
from tracker.store import tables as t
from tracker.store.knowledge import installed_at, of_purpose


def observed(
    connection: sa.Connection, project_id: int, sha: str, suite_hash: str
) -> tuple[Observed, ...]:
    m = t.measurement.c
    query = (
        sa.select(t.measurement, t.cell.c.key, t.cell.c.benchmark, t.cell.c.parameters)
        .select_from(t.measurement.join(t.cell))
        .where(
            m.project_id == project_id,
            m.build_id.in_(installed_at(project_id, sha)),
            t.cell.c.suite_hash == suite_hash,
            of_purpose(HISTORY),
        )
        .order_by(m.started_at, m.id)
    )
    rows = connection.execute(query).all()
    channels = _channels(connection, [row.id for row in rows])
    return tuple(
        Observed(
            cell=row.key,
            title=title(row.benchmark, tuple((name, value) for name, value in row.parameters)),
            state=State(row.state),
            seconds=row.seconds,
            flags=tuple(row.flags),
            guarded=_guarded(row),
            telemetry=None
            if row.sampler_seconds is None
            else Telemetry(channels=tuple(channels[row.id]), overhead=row.sampler_seconds),
        )
        for row in rows
    )


def _guarded(row: sa.Row[Any]) -> Guarded | None:
    if row.watched_by is None:
        return None
    return Guarded(
        limit=row.exceeded,
        watched_by=row.watched_by,
        peak_bytes=row.peak_bytes,
        peak_device_bytes=row.peak_device_bytes,
    )


def _channels(connection: sa.Connection, measurements: list[int]) -> dict[int, list[Channel]]:
    c = t.telemetry.c
    found: dict[int, list[Channel]] = defaultdict(list)
    for row in connection.execute(
        sa.select(c.measurement_id, c.channel, c.unit, c.offsets, c["values"].label("readings"))
        .where(c.measurement_id == sa.any_(sa.cast(measurements, sa.ARRAY(sa.BigInteger))))
        .order_by(c.channel)
    ):
        found[row.measurement_id].append(
            Channel(
                name=row.channel,
                unit=row.unit,
                offsets=tuple(row.offsets),
                values=tuple(row.readings),
            )
        )
    return found
