"""Findings, their evidence, and what people decided about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Any

import sqlalchemy as sa

from tracker.model.cells import NOT_APPLICABLE
from tracker.model.findings import (
    SETTLED,
    Confirmation,
    Effect,
    Finding,
    FindingKind,
    Outcome,
    Triage,
    Verdict,
)
from tracker.model.scaling import CurveChange, CurvePoint
from tracker.model.suites import Kind
from tracker.store import tables as t

Row = sa.Row[*tuple[Any, ...]]

#: who acts when no person does
TRACKER = "tracker"


def save(
    connection: sa.Connection, project_id: int, run: str, findings: Sequence[Finding]
) -> tuple[Finding, ...]:
    """Store findings. One that is known, by commit, kind and a series in common, keeps its number
    and what people decided about it; its evidence is replaced. A drift is known by commits in
    common, for it goes on; so is what is open, since not every look at it has values of every
    commit, and the closest look is kept.
    """
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(project_id)))
    return tuple(_save(connection, project_id, run, finding) for finding in findings)


def _save(connection: sa.Connection, project_id: int, run: str, finding: Finding) -> Finding:
    known = _find(connection, project_id, finding)
    if known is not None and known.is_closer:
        return replace(finding, id=known.id, triage=Triage(known.triage))
    if known is None:
        number = _insert(connection, project_id, run, finding)
        saved = replace(finding, id=number)
    else:
        saved = replace(finding, id=known.id, triage=Triage(known.triage))
        connection.execute(
            sa.update(t.finding)
            .where(t.finding.c.id == known.id)
            .values(
                commit_id=_commit_id(project_id, finding.commit),
                after=finding.after,
                confirmation=finding.confirmation,
                takes_back=finding.takes_back,
                curves=[asdict(curve) for curve in finding.curves],
                last_run_id=run,
                updated_at=sa.func.now(),
            )
        )
        connection.execute(
            sa.delete(t.finding_effect).where(t.finding_effect.c.finding_id == known.id)
        )
    if known is None or known.confirmation != finding.confirmation:
        _note(connection, saved)
    rows = [_effect_row(saved, rank) for rank in range(len(saved.effects))]
    if rows:
        connection.execute(sa.insert(t.finding_effect), rows)
    return saved


def _find(connection: sa.Connection, project_id: int, finding: Finding) -> Row | None:
    f = t.finding.c
    effects = sa.select(t.finding_effect.c.series).where(t.finding_effect.c.finding_id == f.id)
    series = [effect.series for effect in finding.effects]
    in_common = (
        effects.where(t.finding_effect.c.series.in_(series)).exists()
        if series
        else ~effects.exists()
    )
    same_commit = t.commit.c.sha == finding.commit
    same_place = _overlaps(project_id, finding)
    is_closer: sa.ColumnElement[bool] = sa.false()
    if finding.kind is not FindingKind.drift:  # both ends of one wobble with new values
        same_place = same_commit | same_place & _is_open()
        is_closer = ~same_commit & _is_closer(project_id, finding)
    return connection.execute(
        sa.select(f.id, f.triage, f.confirmation, is_closer.label("is_closer"))
        .join(t.commit)
        .where(
            f.project_id == project_id,
            same_place,
            f.kind == finding.kind,
            in_common,
        )
        .order_by(~same_commit, f.id)
        .limit(1)
    ).one_or_none()


def _overlaps(project_id: int, finding: Finding) -> sa.ColumnElement[bool]:
    """Whether a commit after one end and up to the other of a stored finding is this one's too."""
    position = partial(_position, project_id)
    return sa.and_(
        position(t.finding.c.after) < position(finding.commit),
        position(t.commit.c.sha) > position(finding.after),
    )


def _is_closer(project_id: int, finding: Finding) -> sa.ColumnElement[bool]:
    """Whether a stored finding has fewer commits between its ends than this one."""
    position = partial(_position, project_id)
    stored = position(t.commit.c.sha) - position(t.finding.c.after)
    return stored < position(finding.commit) - position(finding.after)


def _is_open() -> sa.ColumnElement[bool]:
    """Whether a stored finding is still believed: one that is settled has no say in others."""
    f = t.finding.c
    return sa.and_(f.triage.not_in(SETTLED), f.confirmation != Confirmation.refuted)


def _position(project_id: int, sha: str | sa.ColumnElement[str]) -> sa.ScalarSelect[int]:
    """Where a commit lies on a line of the project."""
    places = t.line_position.alias()
    return (
        sa.select(places.c.position)
        .where(places.c.project_id == project_id, places.c.sha == sha)
        .order_by(places.c.branch)
        .limit(1)
        .scalar_subquery()
    )


def _commit_id(project_id: int, sha: str) -> sa.ScalarSelect[int]:
    return (
        sa.select(t.commit.c.id)
        .where(t.commit.c.project_id == project_id, t.commit.c.sha == sha)
        .scalar_subquery()
    )


def _insert(connection: sa.Connection, project_id: int, run: str, finding: Finding) -> int:
    number = connection.scalar(
        sa.insert(t.finding)
        .values(
            project_id=project_id,
            kind=finding.kind,
            commit_id=_commit_id(project_id, finding.commit),
            after=finding.after,
            confirmation=finding.confirmation,
            triage=finding.triage,
            takes_back=finding.takes_back,
            curves=[asdict(curve) for curve in finding.curves],
            first_run_id=run,
            last_run_id=run,
        )
        .returning(t.finding.c.id)
    )
    assert number is not None  # noqa: S101  RETURNING of an INSERT of one row
    return int(number)


def _note(connection: sa.Connection, finding: Finding) -> None:
    connection.execute(
        sa.insert(t.finding_event).values(
            finding_id=finding.id,
            who=TRACKER,
            triage=finding.triage,
            confirmation=finding.confirmation,
            note="",
        )
    )


def _effect_row(finding: Finding, rank: int) -> dict[str, Any]:
    row = asdict(finding.effects[rank])
    del row["kind"], row["dataset"]  # the series knows them
    verdict = row.pop("verdict") or dict.fromkeys(("outcome", "effect", "low", "high", "mde", "p"))
    return row | verdict | {"finding_id": finding.id, "rank": rank}


def load(connection: sa.Connection, project_id: int) -> tuple[Finding, ...]:
    rows = connection.execute(
        sa.select(t.finding, t.commit.c.sha)
        .join(t.commit)
        .where(t.finding.c.project_id == project_id)
        .order_by(t.finding.c.id)
    ).all()
    effects: dict[int, list[Effect]] = {row.id: [] for row in rows}
    for row in connection.execute(
        sa.select(t.finding_effect, t.series.c.kind, t.series.c.dataset)
        .outerjoin(t.series, t.series.c.hash == t.finding_effect.c.series)
        .where(t.finding_effect.c.finding_id.in_(list(effects)))
        .order_by(t.finding_effect.c.finding_id, t.finding_effect.c.rank)
    ):
        effects[row.finding_id].append(_effect(row))
    return tuple(
        Finding(
            kind=FindingKind(row.kind),
            commit=row.sha,
            after=row.after,
            effects=tuple(effects[row.id]),
            confirmation=Confirmation(row.confirmation),
            triage=Triage(row.triage),
            takes_back=row.takes_back,
            curves=tuple(map(_curve, row.curves)),
            id=row.id,
        )
        for row in rows
    )


def _effect(row: Row) -> Effect:
    verdict = None
    if row.outcome is not None:
        verdict = Verdict(
            outcome=Outcome(row.outcome),
            effect=row.effect,
            low=row.low,
            high=row.high,
            mde=row.mde,
            p=row.p,
        )
    return Effect(
        series=row.series,
        title=row.title,
        metric=row.metric,
        unit=row.unit,
        verdict=verdict,
        before=row.before,
        after=row.after,
        q=row.q,
        reason=row.reason,
        kind=Kind(row.kind or Kind.performance),
        dataset=row.dataset or NOT_APPLICABLE,
    )


def _curve(known: dict[str, Any]) -> CurveChange:
    pairs = {name: tuple(known[name]) for name in ("knees", "efficiencies") if known[name]}
    points = tuple(CurvePoint(**point) for point in known["points"])
    return CurveChange(**(known | pairs | {"points": points}))
