"""Histories that are too short, odd or full of holes: never a crash, never an invented change."""

from __future__ import annotations

from math import inf, isfinite, nan

import numpy as np
import pytest

from tests.support.series import POLICY, coordinate, history, noise, point
from tests.support.values import commit
from tracker.findings.detection import Analysis, analyse
from tracker.model.findings import Judgement
from tracker.model.measurements import State
from tracker.model.series import History
from tracker.statistics.arrays import Floats

#: processes a commit: of a series as it is measured, and of one value a commit
PROCESSES = (1, 5)


def seconds(seed: int, commits: int, processes: int = 5, *, sd: float = 0.01) -> Floats:
    return 0.008 * np.exp(noise("lognormal", commits, processes, sd, np.random.default_rng(seed)))


def judged(one: History) -> Judgement:
    return analyse([one], POLICY).judgements[one.series]


def places(analysis: Analysis) -> list[tuple[str, str]]:
    """(commit, the one measured before it) of each finding."""
    return [(one.commit, one.after) for one in analysis.findings]


@pytest.mark.parametrize("processes", PROCESSES)
@pytest.mark.parametrize("commits", [0, 1, 2])
def test_a_series_of_hardly_any_commits_has_no_change(commits: int, processes: int) -> None:
    for seed in range(20):
        one = history(seconds(seed, commits, processes))
        analysis = analyse([one], POLICY)
        assert analysis.findings == ()
        judgement = analysis.judgements[one.series]
        assert judgement.changes == ()
        assert len(judgement.levels) == min(commits, 1)
        # two builds of five processes could have shown something, and nothing less could
        assert (judgement.mde < inf) is (commits == 2 and processes == 5)


def test_no_series_at_all() -> None:
    assert analyse([], POLICY) == Analysis(judgements={}, findings=(), events=())


@pytest.mark.parametrize("processes", PROCESSES)
@pytest.mark.parametrize("value", [8e-3, 0.0, -3.0])
def test_values_that_are_all_equal_have_no_noise_and_no_change(
    value: float, processes: int
) -> None:
    judgement = judged(history(np.full((30, processes), value)))
    assert judgement.changes == ()
    assert judgement.noise == 0
    assert [level for _, level in judgement.levels] == pytest.approx([value])
    # as little as is worth reporting at all
    assert POLICY.practical <= judgement.mde < 1.1 * POLICY.practical


@pytest.mark.parametrize("processes", PROCESSES)
def test_a_step_between_values_that_are_all_equal_is_found(processes: int) -> None:
    values = np.full((30, processes), 8e-3)
    values[20:] *= 1.1
    assert places(analyse([history(values)], POLICY)) == [(commit(20).sha, commit(19).sha)]


@pytest.mark.parametrize("bad", [nan, inf, -inf])
@pytest.mark.parametrize("processes", PROCESSES)
def test_a_value_that_is_no_number_is_passed_over(processes: int, bad: float) -> None:
    values = seconds(1, 40, processes)
    values[25:] *= 1.3
    values[5, 0] = values[38, -1] = bad
    values[10] = bad  # a build without any number
    analysis = analyse([history(values)], POLICY)
    assert places(analysis) == [(commit(25).sha, commit(24).sha)]
    (judgement,) = analysis.judgements.values()
    assert all(isfinite(level) for _, level in judgement.levels)
    assert 0 < judgement.noise < 0.02


@pytest.mark.parametrize("bad", [nan, inf, -inf])
def test_where_nothing_is_a_number_nothing_was_measured(bad: float) -> None:
    judgement = judged(history(np.full((12, 5), bad)))
    assert (judgement.changes, judgement.levels, judgement.mde) == ((), (), inf)


@pytest.mark.parametrize("at", [20, 40, 69])
@pytest.mark.parametrize("processes", PROCESSES)
def test_a_gap_of_fifty_broken_commits_around_the_change_is_a_range(
    processes: int, at: int
) -> None:
    values = seconds(3, 90, processes)
    values[at:] *= 1.1
    points = [
        point(number, state=State.build_failed) if 20 <= number < 70 else point(number, row)
        for number, row in enumerate(values)
    ]
    analysis = analyse([history(points)], POLICY)
    assert places(analysis) == [(commit(70).sha, commit(19).sha)]


@pytest.mark.parametrize("at", [1, 29])
def test_the_first_or_the_last_commit_that_changed_is_found(at: int) -> None:
    """The second commit is the first that can be one that changed something."""
    for seed in range(10):
        values = seconds(seed, 30)
        values[at:] *= 1.1
        assert places(analyse([history(values)], POLICY)) == [(commit(at).sha, commit(at - 1).sha)]


@pytest.mark.parametrize("apart", [1, 3])
@pytest.mark.parametrize(("first", "second"), [(1.1, 1.1), (1.2, 1.08), (1.1, 1 / 1.1)])
def test_changes_of_two_commits_close_together_are_two_findings(
    first: float, second: float, apart: int
) -> None:
    kept = 0
    for seed in range(20):
        values = seconds(seed, 30)
        values[15:] *= first
        values[15 + apart :] *= second
        found = {one.commit for one in analyse([history(values)], POLICY).findings}
        kept += found == {commit(15).sha, commit(15 + apart).sha}
    assert kept >= 18


@pytest.mark.parametrize("apart", [1, 3])
def test_neighbours_that_changed_different_benchmarks_are_two_findings(apart: int) -> None:
    for seed in range(10):
        values = {name: seconds(seed + 100 * n, 30) for n, name in enumerate(("a", "b"))}
        values["a"][15:] *= 1.1
        values["b"][15 + apart :] *= 1.1
        analysis = analyse(
            [history(rows, coordinate(name)) for name, rows in values.items()], POLICY
        )
        assert {(one.commit, one.headline.title) for one in analysis.findings} == {
            (commit(15).sha, "a[size=8]"),
            (commit(15 + apart).sha, "b[size=8]"),
        }
