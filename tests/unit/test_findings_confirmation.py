"""What a history suspects is believed, dropped or left open after a second look."""

from __future__ import annotations

from dataclasses import replace

from tests.support.duels import BASE, CELL, HEAD
from tests.support.series import POLICY, coordinate
from tests.support.values import cell
from tracker.findings.confirmation import settled, suspicions
from tracker.model.comparisons import Compared
from tracker.model.findings import (
    Confirmation,
    Effect,
    Finding,
    FindingKind,
    Outcome,
    Verdict,
)

TIME, COUNT = coordinate(), coordinate(metric="instructions", exact=True)


def verdict(outcome: Outcome, effect: float, width: float = 0.01) -> Verdict:
    return Verdict(
        outcome=outcome, effect=effect, low=effect - width, high=effect + width, mde=0.01, p=0.001
    )


def effect(of: object = TIME, width: float = 0.01) -> Effect:
    return Effect(
        series=of.series,  # type: ignore[attr-defined]
        title="parse",
        metric=of.metric,  # type: ignore[attr-defined]
        unit="s",
        verdict=verdict(Outcome.slower, 0.2, width),
        before=1.0,
        after=1.2,
        q=0.001,
    )


SUSPECTED = Finding(
    kind=FindingKind.regression, commit=HEAD.sha, after=BASE.sha, effects=(effect(),)
)


def row(fresh: Verdict | None) -> Compared:
    return Compared(
        cell=CELL,
        metric="time",
        unit="s",
        direction=TIME.direction,
        exact=False,
        base_series=TIME.series,
        head_series=TIME.series,
        verdict=fresh,
        base=1.0,
        head=1.1,
        rounds=9,
    )


def test_seen_again_is_confirmed_and_told_as_it_was_measured_now() -> None:
    fresh = verdict(Outcome.slower, 0.1)
    after = settled(SUSPECTED, [row(fresh)])
    assert after.confirmation is Confirmation.confirmed
    (told,) = after.effects
    assert (told.verdict, told.before, told.after) == (fresh, 1.0, 1.1)


def test_not_there_again_is_refuted_and_keeps_what_was_suspected() -> None:
    for outcome, size in ((Outcome.same, 0.0), (Outcome.faster, -0.1)):
        after = settled(SUSPECTED, [row(verdict(outcome, size))])
        assert after.confirmation is Confirmation.refuted
        assert after.effects == SUSPECTED.effects


def test_what_cannot_be_decided_stays_suspected() -> None:
    for fresh in (None, verdict(Outcome.unknown, 0.05)):
        assert settled(SUSPECTED, [row(fresh)]) == SUSPECTED
    assert settled(SUSPECTED, []) == SUSPECTED


def test_a_count_proves_the_finding_and_not_the_timing_beside_it() -> None:
    proven = replace(
        SUSPECTED,
        confirmation=Confirmation.confirmed,
        effects=(effect(), effect(COUNT, width=0.0)),
    )
    after = settled(proven, [row(verdict(Outcome.same, 0.0))])
    assert after.confirmation is Confirmation.confirmed
    assert [one.metric for one in after.effects] == ["instructions"]


def test_only_what_timings_speak_for_is_measured_again_unproven_first() -> None:
    exact = replace(SUSPECTED, effects=(effect(COUNT, width=0.0),))
    failed = replace(SUSPECTED, kind=FindingKind.failed)
    proven = replace(SUSPECTED, confirmation=Confirmation.confirmed)
    own = cell("parse", parameters=TIME.parameters)
    found = suspicions(
        [exact, failed, proven, SUSPECTED],
        coordinates={one.series: one for one in (TIME, COUNT)},
        commits=[BASE, HEAD],
        cells=[own, cell("load")],
        policy=POLICY,
        scales={},
    )
    assert [one.finding for one in found] == [SUSPECTED, proven]
    assert found[0].sides.cells == (own,)
    assert (found[0].sides.base, found[0].sides.head) == (BASE, HEAD)
