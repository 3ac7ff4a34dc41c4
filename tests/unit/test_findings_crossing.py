"""What moves where the environment or the machine changes is put down to them."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.series import POLICY, coordinate, history, noise
from tests.support.values import commit
from tracker.findings.detection import analyse
from tracker.model.cells import Coordinate
from tracker.model.findings import Confirmation, FindingKind
from tracker.model.series import History

BEFORE = coordinate()
ELSEWHERE = {
    FindingKind.environment_change: coordinate(environment_class="env-b"),
    FindingKind.machine_change: coordinate(machine_class="bench-2"),
}


def sides(after: Coordinate, factor: float) -> list[History]:
    """Twenty commits, then as many elsewhere at ``factor`` of the level."""
    values = 0.008 * np.exp(noise("lognormal", 40, 5, 0.01, np.random.default_rng(5)))
    values[20:] *= factor
    return [history(values[:20], BEFORE), history(values[20:], after, first=20)]


@pytest.mark.parametrize("kind", list(ELSEWHERE))
def test_a_move_at_the_border_is_a_finding_of_its_own_kind(kind: FindingKind) -> None:
    analysis = analyse(sides(ELSEWHERE[kind], 1.2), POLICY)
    (finding,) = analysis.findings
    assert finding.kind is kind
    assert (finding.commit, finding.after) == (commit(20).sha, commit(19).sha)
    verdict = finding.headline.verdict
    assert verdict
    assert verdict.effect == pytest.approx(0.2, abs=0.02)
    assert finding.confirmation is Confirmation.suspected
    assert [event.kind for event in analysis.events] == [kind]


@pytest.mark.parametrize("kind", list(ELSEWHERE))
def test_where_nothing_moved_it_stays_an_event(kind: FindingKind) -> None:
    analysis = analyse(sides(ELSEWHERE[kind], 1.0), POLICY)
    assert not analysis.findings
    assert [event.kind for event in analysis.events] == [kind]


def test_a_change_of_the_code_beside_a_border_is_told_once() -> None:
    old, new = sides(ELSEWHERE[FindingKind.environment_change], 1.0)
    values = np.array([point.values for point in new.points])
    values[10:] *= 1.2
    analysis = analyse([old, history(values, new.coordinate, first=20)], POLICY)
    assert [(one.kind, one.commit) for one in analysis.findings] == [
        (FindingKind.regression, commit(30).sha)
    ]
