"""A quality changes when it leaves its tolerance; faster but wrong is the worst finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.support.duels import judge, known, process
from tests.support.series import POLICY, coordinate, history
from tests.support.values import cell
from tracker.cli.reporting import exit_status
from tracker.config.settings import PolicySettings
from tracker.findings.confirmation import suspicions
from tracker.findings.detection import analyse
from tracker.findings.judging import judge as judged
from tracker.findings.pairing import Pair
from tracker.model.cells import Coordinate
from tracker.model.findings import Confirmation, Finding, FindingKind, Outcome
from tracker.model.quality import Tolerance
from tracker.model.series import History
from tracker.model.suites import Direction, Kind


def quality(metric: str = "accuracy", direction: Direction = Direction.more) -> Coordinate:
    of = replace(coordinate(metric=metric, direction=direction), kind=Kind.quality, unit="-")
    return of.without_platform(())


def tolerating(size: float, *, relative: bool = False) -> PolicySettings:
    tolerances = (Tolerance(metric="*", size=size, relative=relative),)
    return replace(POLICY, quality=replace(POLICY.quality, tolerances=tolerances))


def steady(levels: Sequence[float], of: Coordinate | None = None, processes: int = 2) -> History:
    """All processes of a commit give one value, as an evaluation with a fixed seed does."""
    return history(np.repeat(np.array(levels)[:, None], processes, axis=1), of or quality())


def changes(of: History, policy: PolicySettings) -> list[tuple[int, float, float]]:
    found = judged(of, policy).judgement.changes
    return [(change.index, change.before, change.after) for change in found]


# tolerance ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("levels", "size", "found"),
    [
        ([0.912, 0.912, 0.908, 0.908], 0.003, [(2, 0.912, 0.908)]),
        ([0.912, 0.909, 0.912, 0.915], 0.003, []),
        # small steps down are a change where they add up to one
        ([0.912, 0.911, 0.910, 0.9085, 0.9085], 0.003, [(3, 0.912, 0.9085)]),
        ([0.0, 0.0, 1e-6], 1e-5, []),
        ([0.0, 0.0, 1e-4], 1e-5, [(2, 0.0, 1e-4)]),
        ([0.5, 0.5000001], 0.0, [(1, 0.5, 0.5000001)]),
    ],
)
def test_what_all_processes_agree_on_changes_when_it_leaves_the_tolerance(
    levels: list[float], size: float, found: list[tuple[int, float, float]]
) -> None:
    assert changes(steady(levels), tolerating(size)) == found


def test_the_smallest_change_that_would_have_been_seen_is_the_tolerance() -> None:
    def mde(level: float, policy: PolicySettings) -> float:
        return judged(steady([level] * 3), policy).judgement.mde

    assert mde(0.5, tolerating(0.01)) == pytest.approx(0.02)
    assert mde(0.5, tolerating(0.01, relative=True)) == pytest.approx(0.01)
    assert mde(0.0, tolerating(1e-5)) == 1
    assert mde(0.0, tolerating(0.01, relative=True)) == 0


@pytest.mark.parametrize(("size", "places"), [(0.02, [10]), (0.06, [])])
def test_a_quality_that_is_drawn_by_lot_is_judged_against_its_noise(
    size: float, places: list[int]
) -> None:
    values = 0.9 + 0.002 * np.random.default_rng(1).normal(size=(20, 5))
    values[10:] -= 0.04
    assert [at for at, _, _ in changes(history(values, quality()), tolerating(size))] == places


def test_one_process_is_no_proof_that_a_quality_is_not_drawn_by_lot() -> None:
    values = 0.9 + 0.01 * np.random.default_rng(1).normal(size=(30, 1))
    assert changes(history(values, quality()), tolerating(0.003)) == []


def test_a_drop_beyond_the_tolerance_is_confirmed_at_once() -> None:
    (finding,) = analyse([steady([0.9, 0.9, 0.88])], tolerating(0.003)).findings
    assert (finding.kind, finding.confirmation) == (
        FindingKind.quality_drift,
        Confirmation.confirmed,
    )
    assert finding.headline.kind is Kind.quality
    assert analyse([steady([0.9, 0.9, 0.88])], tolerating(0.03)).findings == ()


# faster but wrong ---------------------------------------------------------------------


def timed(seed: int, change: float, at: int = 7) -> History:
    values = 1e-3 * np.exp(0.005 * np.random.default_rng(seed).normal(size=(14, 5)))
    values[at:] *= change
    return history(values, coordinate(f"b{seed}"))


def found(*histories: History) -> tuple[Finding, ...]:
    return analyse(histories, tolerating(0.003)).findings


WRONG = [0.912] * 7 + [0.9] * 7
RIGHT = [0.912] * 7 + [0.911] * 7


def test_faster_but_wrong_comes_before_all_else() -> None:
    worst, other = found(timed(1, 4.0, at=3), timed(2, 0.7), steady(WRONG))
    assert worst.is_faster_but_wrong
    assert [effect.kind for effect in worst.effects] == [Kind.quality, Kind.performance]
    assert other.kind is FindingKind.regression


def test_faster_and_as_right_as_tolerated_is_an_improvement() -> None:
    (finding,) = found(timed(2, 0.7), steady(RIGHT))
    assert finding.kind is FindingKind.improvement
    assert not finding.is_faster_but_wrong


def test_slower_and_wrong_is_not_faster_but_wrong() -> None:
    (finding,) = found(timed(2, 1.4), steady(WRONG))
    assert finding.kind is FindingKind.quality_drift
    assert not finding.is_faster_but_wrong


def test_another_quality_that_got_better_is_no_speed() -> None:
    better = steady([0.5] * 7 + [0.6] * 7, quality("recall"))
    (finding,) = found(steady(WRONG), better)
    assert not finding.is_faster_but_wrong


def test_it_is_a_suspicion_no_more_where_its_speed_is_refuted() -> None:
    (finding,) = found(timed(2, 0.7), steady(WRONG))
    wrong, _ = finding.effects
    assert not replace(finding, effects=(wrong,)).is_faster_but_wrong


@pytest.mark.parametrize(("fail_on", "status"), [("confirmed", 1), ("suspected", 1), ("never", 0)])
def test_it_fails_a_run_also_while_it_is_suspected(fail_on: str, status: int) -> None:
    class Measured:
        measured = (1,)

    class Report:
        series = (Measured(),)
        findings: tuple[Finding, ...] = ()

    (finding,) = found(timed(2, 0.7), steady(WRONG))
    Report.findings = (replace(finding, confirmation=Confirmation.suspected),)
    assert exit_status(Report(), fail_on) == status  # type: ignore[arg-type]


# pairs --------------------------------------------------------------------------------


def row(base: Sequence[float], head: Sequence[float], policy: PolicySettings, **fields: Any) -> Any:
    of = fields.get("of", quality())
    asked = replace(cell("parse"), kind=Kind.quality)
    sides = [[process(n, (of, [value])) for n, value in enumerate(side)] for side in (base, head)]
    processes = {("a", asked.key): tuple(sides[0]), ("b", asked.key): tuple(sides[1])}
    told = known(processes=processes)
    own = replace(judge(), policy=policy, mains={"parse": of.metric})
    return own.main(Pair(cell=asked, base="a", head="b"), told)


@pytest.mark.parametrize(
    ("after", "outcome"), [(0.91, Outcome.same), (0.9, Outcome.slower), (0.95, Outcome.faster)]
)
def test_two_processes_a_side_decide_a_quality(after: float, outcome: Outcome) -> None:
    of = row([0.912] * 2, [after] * 2, tolerating(0.003))
    assert (of.exact, of.verdict.outcome, of.kind) == (True, outcome, Kind.quality)


def test_pairs_of_a_noisy_quality_use_its_tolerance() -> None:
    random = np.random.default_rng(3)
    base = (0.9 + 0.0005 * random.normal(size=20)).tolist()
    head = (0.895 + 0.0005 * random.normal(size=20)).tolist()
    assert row(base, head, tolerating(0.002)).verdict.outcome is Outcome.slower
    assert row(base, head, tolerating(0.02)).verdict.outcome is Outcome.same


def test_a_noisy_quality_is_confirmed_by_one_of_its_cells() -> None:
    of = replace(quality(), parameters=())
    values = 0.9 + 0.002 * np.random.default_rng(1).normal(size=(20, 5))
    values[10:] -= 0.04
    (finding,) = analyse([history(values, of)], tolerating(0.003)).findings
    cells = [
        replace(cell("parse"), parameters=(("batch", size),), kind=Kind.quality)
        for size in ("1", "8")
    ]
    (suspicion,) = suspicions(
        [finding],
        coordinates={of.series: of},
        commits=[point.commit for point in history(values, of).points],
        cells=cells,
        policy=POLICY,
        scales={},
    )
    assert suspicion.sides.cells == (cells[0],)
