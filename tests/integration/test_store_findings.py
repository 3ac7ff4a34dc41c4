from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.support.stored import World, world
from tracker.model.findings import (
    Confirmation,
    Effect,
    Finding,
    FindingKind,
    Outcome,
    Triage,
    Verdict,
)
from tracker.model.scaling import CurveChange, CurvePoint
from tracker.store.store import Store

VERDICT = Verdict(outcome=Outcome.slower, effect=0.2, low=0.15, high=0.25, mde=0.01, p=1e-6)
SLOWER = Effect(
    series="a" * 64,
    title="parse[größe=8]",
    metric="time",
    unit="s",
    verdict=VERDICT,
    before=1.0,
    after=1.2,
    q=1e-5,
)
GONE = replace(SLOWER, series="b" * 64, verdict=None, after=None, q=None, reason="boom")


@pytest.fixture
def here(store: Store) -> World:
    return world(store)


def _finding(here: World, *effects: Effect, number: int = 1) -> Finding:
    return Finding(
        kind=FindingKind.regression,
        commit=here.shas[number],
        after=here.shas[number - 1],
        effects=effects,
    )


def _save(here: World, finding: Finding) -> Finding:
    (saved,) = here.store.save_findings(here.project_id, here.run, [finding])
    return saved


def test_findings_come_back_as_they_were(here: World) -> None:
    saved = here.store.save_findings(
        here.project_id,
        here.run,
        [_finding(here, SLOWER, GONE), _finding(here, GONE, number=2), _finding(here, number=3)],
    )
    assert here.store.findings(here.project_id) == saved
    assert len({finding.id for finding in saved}) == 3


def test_the_same_finding_keeps_its_number_and_what_people_decided(here: World) -> None:
    first = _save(here, _finding(here, SLOWER))
    with here.store.transaction() as connection:
        connection.execute(sa.text("UPDATE finding SET triage = 'expected'"))
    # a second look: more series, another headline, and confirmed
    again = _save(here, replace(_finding(here, GONE, SLOWER), confirmation=Confirmation.confirmed))
    assert (again.id, again.triage) == (first.id, Triage.expected)
    assert here.store.findings(here.project_id) == (again,)
    assert _save(here, _finding(here, GONE, SLOWER, number=2)).id != first.id


def test_what_a_finding_takes_back_is_stored(here: World) -> None:
    finding = replace(_finding(here, SLOWER), takes_back=here.shas[0])
    _save(here, replace(finding, takes_back=""))
    saved = _save(here, finding)
    assert here.store.findings(here.project_id) == (saved,)
    assert saved.takes_back == here.shas[0]


def test_the_curves_of_a_finding_are_stored(here: World) -> None:
    points = tuple(CurvePoint(size=size, series="a" * 64) for size in (1.0, 2.0, 4.5))
    curve = CurveChange(title="größe", parameter="batch", metric="peak_memory", points=points)
    bent = replace(
        curve, shape_q=1e-9, bent=True, knees=(2.0, None), efficiencies=(0.9, 1 / 3), metric="time"
    )
    _save(here, _finding(here, SLOWER))
    saved = _save(here, replace(_finding(here, SLOWER), curves=(bent, curve)))
    assert here.store.findings(here.project_id) == (saved,)
    assert saved.curves == (bent, curve)


def test_a_drift_keeps_its_number_while_it_goes_on(here: World) -> None:
    drift = replace(_finding(here, SLOWER), kind=FindingKind.drift)
    first = _save(here, drift)
    further = _save(here, replace(drift, commit=here.shas[2]))
    assert further.id == first.id
    assert here.store.findings(here.project_id) == (further,)
    assert _save(here, drift) == first  # its end was found earlier again
    another = _save(here, replace(drift, effects=(replace(SLOWER, series="c" * 64),)))
    assert another.id != first.id


def test_every_transition_is_kept(here: World) -> None:
    finding = _finding(here, SLOWER)
    for confirmation in (Confirmation.suspected, Confirmation.suspected, Confirmation.confirmed):
        _save(here, replace(finding, confirmation=confirmation))
    with here.store.transaction() as connection:
        events = connection.execute(
            sa.text("SELECT who, triage, confirmation FROM finding_event ORDER BY id")
        ).all()
    assert events == [("tracker", "open", "suspected"), ("tracker", "open", "confirmed")]


def test_another_series_at_the_same_commit_is_another_finding(here: World) -> None:
    first = _save(here, _finding(here, SLOWER))
    assert _save(here, _finding(here, GONE)).id != first.id


def test_a_destination_is_told_once_of_what_is_new_since_it_is_there(here: World) -> None:
    store, project = here.store, here.project_id
    old = _save(here, _finding(here, SLOWER))
    store.remember_destinations(project, ["chat", "mail"])
    assert store.untold(project, "chat") == frozenset()
    new = _save(here, _finding(here, SLOWER, number=2))
    assert new.id is not None
    assert store.untold(project, "chat") == store.untold(project, "mail") == {new.id}
    store.told(project, "chat", [new.id])
    store.told(project, "chat", [new.id])
    store.remember_destinations(project, ["chat"])
    assert store.untold(project, "chat") == frozenset()
    assert store.untold(project, "mail") == {new.id}
    # what people decide is no news, what the tracker learns is
    assert old.id is not None
    store.decide(project, old.id, Triage.acknowledged, who="me", note="")
    assert store.untold(project, "chat") == frozenset()
    _save(here, replace(_finding(here, SLOWER), confirmation=Confirmation.confirmed))
    assert store.untold(project, "chat") == {old.id}
    assert store.untold(project, "unknown") == frozenset()


def test_a_suspicion_that_was_told_is_told_again_once_it_is_confirmed(here: World) -> None:
    store, project = here.store, here.project_id
    store.remember_destinations(project, ["chat"])
    suspected = _finding(here, SLOWER)
    number = _save(here, suspected).id
    assert number is not None

    def tell() -> frozenset[int]:
        untold = store.untold(project, "chat")
        store.told(project, "chat", list(untold))
        return untold

    assert tell() == {number}
    assert tell() == frozenset()
    confirmed = replace(suspected, confirmation=Confirmation.confirmed)
    _save(here, confirmed)
    assert tell() == {number}
    assert tell() == frozenset()
    # that it wavers is no news
    _save(here, suspected)
    assert tell() == frozenset()
    _save(here, confirmed)
    assert tell() == frozenset()


def test_it_is_known_since_when_a_finding_is_what_it_is(here: World) -> None:
    first = _save(here, _finding(here, SLOWER))
    second = _save(here, _finding(here, GONE, number=2))
    assert first.id is not None
    assert second.id is not None
    _save(here, _finding(here, SLOWER))  # seen again: no news
    here.store.decide(here.project_id, first.id, Triage.acknowledged, note="known")
    times = here.store.finding_times(here.project_id)
    assert times.keys() == {first.id, second.id}
    found, changed = times[first.id]
    (saved, decided) = here.store.decisions(here.project_id, first.id)
    assert (found, changed) == (saved.at, decided.at)
    assert times[second.id][0] == times[second.id][1]
