"""Calibrations of machines and suites."""

from __future__ import annotations

from dataclasses import asdict

import sqlalchemy as sa

from tracker.model.calibrations import CalibratedCell, Calibration, Power
from tracker.store import tables as t


def save(connection: sa.Connection, project_id: int, run: str, calibration: Calibration) -> None:
    number = connection.scalar(
        sa.insert(t.calibration)
        .values(
            project_id=project_id,
            run_id=run,
            machine_class=calibration.machine_class,
            suite_hash=calibration.suite_hash,
            profile=calibration.profile,
            at=calibration.at,
            decisions=calibration.decisions,
            alarms=calibration.alarms,
            powers=[asdict(power) for power in calibration.powers],
            seconds_a_commit=calibration.seconds_a_commit,
        )
        .returning(t.calibration.c.id)
    )
    rows = [asdict(cell) | {"calibration_id": number} for cell in calibration.cells]
    if rows:
        connection.execute(sa.insert(t.calibration_cell), rows)


def count(connection: sa.Connection, project_id: int, suite_hash: str, machine_class: str) -> int:
    c = t.calibration.c
    return (
        connection.scalar(
            sa.select(sa.func.count()).where(
                c.project_id == project_id,
                c.suite_hash == suite_hash,
                c.machine_class == machine_class,
            )
        )
        or 0
    )


def newest(
    connection: sa.Connection, project_id: int, suite_hash: str, machine_class: str, profile: str
) -> Calibration | None:
    c, k = t.calibration.c, t.calibration_cell.c
    row = connection.execute(
        sa.select(t.calibration)
        .where(
            c.project_id == project_id,
            c.suite_hash == suite_hash,
            c.machine_class == machine_class,
            c.profile == profile,
        )
        .order_by(c.at.desc(), c.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    cells = connection.execute(
        sa.select(k.cell, k.title, k.metric, k.noise, k.mde, k.rounds, k.seconds)
        .where(k.calibration_id == row.id)
        .order_by(k.title, k.metric, k.cell)
    )
    return Calibration(
        machine_class=row.machine_class,
        suite_hash=row.suite_hash,
        profile=row.profile,
        at=row.at,
        decisions=row.decisions,
        alarms=row.alarms,
        powers=tuple(Power(**power) for power in row.powers),
        cells=tuple(CalibratedCell(**cell._asdict()) for cell in cells),
        seconds_a_commit=row.seconds_a_commit,
    )
