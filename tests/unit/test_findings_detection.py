from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np
import pytest

from tests.support.series import NOISES, POLICY, coordinate, history, noise, point
from tests.support.values import commit
from tracker.findings.detection import Analysis, analyse
from tracker.findings.grouping import change_findings
from tracker.model.findings import ChangePoint, Finding, FindingKind, Judgement, Outcome, Verdict
from tracker.model.measurements import State
from tracker.model.series import History, Point
from tracker.model.suites import Direction, Kind
from tracker.statistics.arrays import Floats


def seconds(
    seed: int, commits: int = 12, *, kind: str = "lognormal", sd: float = 0.02, at: int = 0
) -> Floats:
    """Values around 8 ms; from commit ``at`` a tenth more."""
    values = noise(kind, commits, 5, sd, np.random.default_rng(seed))
    if at:
        values[at:] += np.log(1.1)
    return 0.008 * np.exp(values)


def counts(*values: int) -> list[Point]:
    return [point(at, [value] * 2) for at, value in enumerate(values)]


def only(analysis: Analysis) -> Finding:
    (finding,) = analysis.findings
    return finding


@pytest.mark.parametrize("kind", ["lognormal", "right tail", "builds", "rounded"])
def test_a_tenth_more_is_a_regression_at_its_commit(kind: str) -> None:
    for seed in range(5):
        finding = only(analyse([history(seconds(seed, kind=kind, at=7))], POLICY))
        assert finding.kind is FindingKind.regression
        assert (finding.commit, finding.after) == (commit(7).sha, commit(6).sha)
        verdict = finding.headline.verdict
        assert verdict
        assert verdict.outcome is Outcome.slower
        assert verdict.effect == pytest.approx(0.1, abs=0.03)
        assert verdict.low < verdict.effect < verdict.high
        assert finding.headline.q is not None
        assert finding.headline.q < 0.05


@pytest.mark.parametrize(("before", "after"), [(-5.0, -3.0), (-1.0, 1.0), (0.0, 2.0)])
def test_levels_at_and_below_zero_are_judged(before: float, after: float) -> None:
    values = 0.05 * np.random.default_rng(1).normal(size=(12, 5)) + before
    values[7:] += after - before
    finding = only(analyse([history(values, coordinate(metric="value"))], POLICY))
    assert (finding.kind, finding.commit) == (FindingKind.regression, commit(7).sha)
    assert finding.headline.before == pytest.approx(before, abs=0.1)
    assert finding.headline.after == pytest.approx(after, abs=0.1)
    verdict = finding.headline.verdict
    assert verdict
    assert verdict.effect > 0
    quiet = analyse([history(values[:7], coordinate(metric="value"))], POLICY)
    assert quiet.findings == ()


def test_twenty_series_without_a_change_say_nothing_but_what_they_would_have_seen() -> None:
    histories = [
        history(seconds(seed, kind=NOISES[seed % len(NOISES)]), coordinate(f"bench{seed}"))
        for seed in range(20)
    ]
    analysis = analyse(histories, POLICY)
    assert analysis.findings == ()
    for judgement in analysis.judgements.values():
        assert judgement.changes == ()
        assert len(judgement.levels) == 1
        assert 0.01 < judgement.mde < 0.4
        assert 0 < judgement.noise < 0.3


def test_noise_and_levels_are_those_of_the_values() -> None:
    one = history(seconds(1, 40, sd=0.01, at=20))
    judgement = analyse([one], POLICY).judgements[one.series]
    assert judgement.noise == pytest.approx(0.01, rel=0.25)
    assert [at for at, _ in judgement.levels] == [0, 20]
    assert [value for _, value in judgement.levels] == pytest.approx([0.008, 0.0088], rel=0.01)


def test_metrics_and_benchmarks_of_one_commit_are_one_finding_worst_first() -> None:
    slow = history(seconds(1, at=7), coordinate("a"))
    slower = history(seconds(2, at=7) * np.repeat([1, 2], [7, 5])[:, None], coordinate("b"))
    memory = history(seconds(3, at=7), coordinate("a", metric="peak_memory"))
    better = history(1 / seconds(4, at=7), coordinate("c"))
    count = history(counts(*[100] * 7, *[150] * 5), coordinate("a", metric="count", exact=True))
    finding = only(analyse([better, slow, memory, slower, count], POLICY))
    assert finding.kind is FindingKind.regression
    titles = [(effect.title, effect.metric) for effect in finding.effects]
    assert titles[:2] == [("b[size=8]", "time"), ("a[size=8]", "count")]
    assert titles[-1] == ("c[size=8]", "time")
    assert len(titles) == 5


def test_a_series_that_cannot_tell_the_commit_follows_those_that_can() -> None:
    values = seconds(5, 12, sd=0.02)
    values[8:] *= 1.06
    values[7] = 0.008 * 1.03 * np.exp([-0.04, -0.02, 0, 0.02, 0.04])  # halfway
    unsure = history(values, coordinate("a"))
    alone = only(analyse([unsure], POLICY))
    places = set()
    for at in (7, 8):
        count = history(
            counts(*[100] * at, *[150] * (12 - at)), coordinate("a", metric="count", exact=True)
        )
        finding = only(analyse([unsure, count], POLICY))
        assert len(finding.effects) == 2
        places.add(finding.commit)
    assert places == {commit(7).sha, commit(8).sha}
    assert alone.commit in places


def test_a_loud_series_hardly_ever_names_another_commit_than_its_count() -> None:
    apart = 0
    for seed in range(60):
        loud = history(seconds(seed, 60, sd=0.3, at=40) * np.repeat([1, 1.15], [40, 20])[:, None])
        count = history(
            counts(*[100] * 40, *[127] * 20), coordinate(metric="instructions", exact=True)
        )
        apart += len(analyse([loud, count], POLICY).findings) > 1
    assert apart <= 3


@pytest.mark.parametrize(
    ("direction", "up", "kind"),
    [
        (Direction.less, True, FindingKind.regression),
        (Direction.less, False, FindingKind.improvement),
        (Direction.more, True, FindingKind.improvement),
        (Direction.more, False, FindingKind.regression),
        (Direction.none, True, FindingKind.shift),
        (Direction.none, False, FindingKind.shift),
    ],
)
def test_the_direction_says_what_is_worse(
    direction: Direction, up: bool, kind: FindingKind
) -> None:
    values = seconds(1, at=7)
    one = history(values if up else 1 / values, coordinate(direction=direction))
    assert only(analyse([one], POLICY)).kind is kind


def test_a_build_that_stands_at_many_commits_counts_once() -> None:
    values = seconds(1, 4, sd=0.01)
    values[2] *= 1.03
    shared = [
        point(at, values[min(at, 2)], build=f"build-{min(at, 2)}") for at in range(30)
    ]  # one build, measured once, at 28 commits
    alone = shared[:3]
    many, few = (analyse([history(points)], POLICY).judgements for points in (shared, alone))
    assert [one.changes for one in many.values()] == [one.changes for one in few.values()]


def test_no_change_lies_between_commits_of_one_build() -> None:
    values = seconds(1, 12, at=6)
    points = [point(at, values[at]) for at in range(12)]
    points[7] = point(7)  # does not run
    points[8] = point(8, values[6], build="build-6")
    finding = only(analyse([history(points)], POLICY))
    assert finding.commit == commit(6).sha


def test_commits_without_values_leave_a_range() -> None:
    points = [point(at, row) for at, row in enumerate(seconds(1, at=7))]
    points[6:8] = [point(6, state=State.build_failed), point(7, state=State.build_failed)]
    finding = only(analyse([history(points)], POLICY))
    assert (finding.after, finding.commit) == (commit(5).sha, commit(8).sha)


def test_a_changed_count_is_certain_and_a_finding_when_it_matters() -> None:
    one = history(counts(1000, 1000, 1000, 1100, 1100), coordinate(exact=True))
    analysis = analyse([one], POLICY)
    finding = only(analysis)
    assert finding.commit == commit(3).sha
    verdict = finding.headline.verdict
    assert verdict
    assert (verdict.p, verdict.low, verdict.high) == (0, verdict.effect, verdict.effect)
    assert verdict.effect == pytest.approx(0.1)
    assert analysis.judgements[one.series].noise == 0

    small = history(counts(100_000, 100_001), coordinate(exact=True))
    analysis = analyse([small], POLICY)
    assert analysis.findings == ()
    assert [change.index for change in analysis.judgements[small.series].changes] == [1]


def test_a_count_from_nothing_is_a_whole_change() -> None:
    finding = only(analyse([history(counts(0, 0, 5), coordinate(exact=True))], POLICY))
    assert finding.headline.verdict
    assert finding.headline.verdict.effect == 1


def test_a_count_that_differs_between_processes_is_judged_like_noise() -> None:
    random = np.random.default_rng(1)
    values = np.round(random.normal(100_000, 1000, (12, 5)))
    one = history(values, coordinate(exact=True))
    judgement = analyse([one], POLICY).judgements[one.series]
    assert judgement.changes == ()
    assert judgement.noise > 0


def test_values_that_are_not_positive_are_judged_too() -> None:
    random = np.random.default_rng(2)
    values = random.normal(0, 1, (12, 5))
    assert analyse([history(values)], POLICY).findings == ()
    values[7:] += 20
    assert only(analyse([history(values)], POLICY)).commit == commit(7).sha


def test_one_process_a_commit_is_judged_over_more_commits() -> None:
    values = seconds(3, 40, sd=0.01, at=25)[:, :1]
    assert only(analyse([history(values)], POLICY)).commit == commit(25).sha
    two = history(values[24:26])
    judgement = analyse([two], POLICY).judgements[two.series]
    assert judgement.changes == ()
    assert judgement.mde == inf


def test_a_history_without_values_is_no_finding() -> None:
    one = history([point(0), point(1)])
    analysis = analyse([one], POLICY)
    assert analysis.findings == ()
    assert analysis.judgements[one.series].levels == ()


def failing(*states: State) -> History:
    """Four good commits, then these."""
    good = [point(at, row) for at, row in enumerate(seconds(1, 4))]
    bad = [
        point(4 + at, seconds(2, 1)[0] if state is State.measured else (), state=state, reason="no")
        for at, state in enumerate(states)
    ]
    return history([*good, *bad])


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (State.benchmark_failed, FindingKind.failed),
        (State.timed_out, FindingKind.failed),
        (State.build_failed, FindingKind.failed),
        (State.unsupported, FindingKind.missing),
        (State.harness_incompatible, FindingKind.missing),
    ],
)
def test_what_stops_working_and_stays_so_is_a_finding(state: State, kind: FindingKind) -> None:
    finding = only(analyse([failing(state, state, State.benchmark_failed)], POLICY))
    assert (finding.kind, finding.commit) == (kind, commit(4).sha)
    assert finding.after == commit(3).sha
    assert finding.headline.reason == "no"
    assert finding.headline.verdict is None


def test_what_healed_is_no_finding() -> None:
    healed = failing(State.build_failed, State.benchmark_failed, State.measured)
    assert analyse([healed], POLICY).findings == ()


def test_the_newest_failure_counts_from_where_it_began() -> None:
    again = failing(State.build_failed, State.measured, State.timed_out)
    assert only(analyse([again], POLICY)).commit == commit(6).sha


def test_a_quarantined_measurement_is_no_failure() -> None:
    assert analyse([failing(State.quarantined)], POLICY).findings == ()


def test_stopping_early_is_a_finding() -> None:
    assert only(analyse([failing(State.early_stopped)], POLICY)).kind is FindingKind.failed


def test_all_metrics_of_a_failing_cell_are_one_effect() -> None:
    points = failing(State.benchmark_failed).points
    where = [coordinate(), coordinate(metric="peak_memory"), coordinate("other")]
    finding = only(analyse([history(points, one) for one in where], POLICY))
    assert [effect.title for effect in finding.effects] == ["parse[size=8]", "other[size=8]"]


def test_a_new_environment_is_an_event_and_no_failure() -> None:
    old = [point(at, row) for at, row in enumerate(seconds(1, 6))]
    old.append(point(6, state=State.build_failed))
    new = history(
        seconds(2, 6), coordinate(environment_class="env-b", python="cpython-3.11.8"), first=5
    )
    memory = replace(coordinate(metric="peak_memory"), environment_class="env-b")
    analysis = analyse([history(old), new, history(seconds(3, 6), memory, first=5)], POLICY)
    assert analysis.findings == ()
    (event,) = analysis.events
    assert event.kind is FindingKind.environment_change
    assert event.commit == commit(6).sha  # commit 5 was measured on both sides
    assert "env-a → env-b" in event.text


def test_another_machine_is_an_event() -> None:
    new = history(seconds(2, 6), coordinate(machine_class="bench-2"), first=6)
    (event,) = analyse([new, history(seconds(1, 6))], POLICY).events
    assert (event.kind, event.commit) == (FindingKind.machine_change, commit(6).sha)


def test_pythons_side_by_side_are_no_event() -> None:
    both = [
        history(seconds(1, 6)),
        history(seconds(2, 7), coordinate(python="cpython-3.12.1", environment_class="env-b")),
    ]
    assert analyse(both, POLICY).events == ()


def test_a_weak_change_among_many_series_is_kept_from_the_findings() -> None:
    verdict = Verdict(outcome=Outcome.slower, effect=0.02, low=0.01, high=0.03, mde=0.02, p=0.005)
    change = ChangePoint(index=3, verdict=verdict, before=1.0, after=1.02)
    histories = [history(seconds(seed, 6), coordinate(f"b{seed}")) for seed in range(40)]
    judgements = {
        one.series: Judgement(series=one.series, changes=(), levels=(), noise=0.01, mde=0.02)
        for one in histories
    }
    weak = histories[0].series
    judgements[weak] = replace(judgements[weak], changes=(change,))
    (finding,) = change_findings(histories[:5], judgements, POLICY)
    assert finding.headline.q == pytest.approx(0.025)
    assert change_findings(histories, judgements, POLICY) == []


def test_faster_but_wrong_is_a_drift_of_quality_first() -> None:
    accuracy = replace(coordinate(metric="accuracy", direction=Direction.more), kind=Kind.quality)
    right = 0.9 + 0.001 * np.random.default_rng(2).normal(size=(14, 5))
    right[7:] -= 0.1
    quick = seconds(3, 14)
    quick[7:] /= 2
    finding = only(analyse([history(quick), history(right, accuracy)], POLICY))
    assert finding.kind is FindingKind.quality_drift
    assert [effect.metric for effect in finding.effects] == ["accuracy", "time"]
