from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.series import NOISES, noise
from tracker.statistics.arrays import Floats
from tracker.statistics.changes import Steps, change_points, find_steps
from tracker.statistics.noise import units
from tracker.statistics.rounds import Blocks, without_rounds

PRACTICAL = float(np.log(1.01))
#: the same examples every time: a simulation has its share of odd draws
PROPERTY = settings(max_examples=40, deadline=None, derandomize=True)


def steps(values: Floats) -> Steps:
    return find_steps(units(without_rounds(values)), alpha=0.01, practical=PRACTICAL)


def starts(values: Floats) -> list[int]:
    return [level.start for level in steps(values).levels[1:]]


def planted(kind: str, seed: int, commits: int, at: int, by: float) -> Floats:
    values = noise(kind, commits, 5, 0.01, np.random.default_rng(seed))
    values[at:] += np.log1p(by)
    return values


series = st.builds(
    planted,
    st.sampled_from(NOISES),
    st.integers(0, 10_000),
    st.just(16),
    st.integers(1, 15),
    st.sampled_from((-0.1, 0.0, 0.03, 0.3)),
)


@given(series, st.sampled_from((-3.0, 0.5, 20.0)))
@PROPERTY
def test_the_unit_does_not_matter(values: Floats, to: float) -> None:
    assert starts(values + to) == starts(values)


@given(series)
@PROPERTY
def test_faster_is_slower_seen_from_the_other_side(values: Floats) -> None:
    up, down = steps(values), steps(-values)
    assert [one.start for one in up.levels] == [one.start for one in down.levels]
    for there, back in zip(up.steps, down.steps, strict=True):
        assert there
        assert back
        assert there.step == pytest.approx(-back.step)
        assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
        assert there.p == pytest.approx(back.p)


@given(series, st.integers(0, 1000))
@PROPERTY
def test_the_order_of_the_processes_of_a_commit_does_not_matter(values: Floats, seed: int) -> None:
    def alone(rows: Floats) -> Steps:
        blocks = Blocks(rows, np.zeros(len(rows)))  # nothing in common between rounds
        return find_steps(units(blocks), alpha=0.01, practical=PRACTICAL)

    one = alone(values)
    other = alone(np.random.default_rng(seed).permuted(values, axis=1))
    assert [level.start for level in one.levels] == [level.start for level in other.levels]
    assert one.mde == pytest.approx(other.mde)


@given(series, st.permutations(range(5)))
@PROPERTY
def test_the_order_of_the_rounds_does_not_matter(values: Floats, order: list[int]) -> None:
    assert starts(values[:, order]) == starts(values)


@given(st.sampled_from(NOISES), st.integers(0, 10_000))
@PROPERTY
def test_a_larger_step_is_found_where_a_smaller_one_was(kind: str, seed: int) -> None:
    before = noise(kind, 12, 5, 0.01, np.random.default_rng(seed))
    evidence = []
    for by in (0.05, 0.2, 0.8):
        values = before.copy()
        values[6:] += np.log1p(by)
        found = steps(values)
        evidence.append(min((step.p for step in found.steps if step), default=1.0))
    # What one build can say is bounded: beyond that more is the same.
    for smaller, larger in pairwise(evidence):
        assert larger <= smaller * (1 + 1e-9)


@pytest.mark.parametrize("commits", [2, 12, 40])
def test_where_nothing_changed_hardly_anything_is_found(commits: int) -> None:
    random = np.random.default_rng(commits)
    false = [bool(starts(noise(kind, commits, 5, 0.02, random))) for kind in NOISES * 20]
    assert sum(false) <= 2  # of 140


@pytest.mark.parametrize("kind", NOISES)
@pytest.mark.parametrize("by", [0.1, -0.1])
def test_a_step_of_a_tenth_is_found_at_its_commit(kind: str, by: float) -> None:
    for seed in range(8):
        assert starts(planted(kind, seed, 12, 7, by)) == [7]


def test_a_small_step_is_found_soon_after_it() -> None:
    found = [starts(planted("lognormal", seed, 40, 38, 0.03)) for seed in range(40)]
    assert sum(any(abs(at - 38) <= 1 for at in places) for places in found) >= 38


def test_a_change_and_its_revert_are_both_found() -> None:
    values = noise("lognormal", 30, 5, 0.01, np.random.default_rng(1))
    values[20] += 0.2
    assert starts(values) == [20, 21]


def test_a_commit_far_off_beside_a_step_does_not_move_it() -> None:
    values = planted("lognormal", 9, 20, 10, 0.1)
    values[9] += 0.03
    values[12, :3] += 0.3
    assert starts(values) == [10]


def test_single_slow_processes_are_no_change() -> None:
    values = noise("lognormal", 30, 5, 0.01, np.random.default_rng(2))
    values[10, :2] += 0.5
    values[20, 3] += 3
    assert starts(values) == []


def test_one_commit_somewhat_odd_is_no_change() -> None:
    values = noise("builds", 60, 5, 0.01, np.random.default_rng(3))
    values[30] += 0.02
    assert starts(values) == []


def test_two_commits_are_compared_by_their_processes() -> None:
    random = np.random.default_rng(4)
    values = random.normal(0, 0.01, (2, 5))
    assert starts(values) == []
    values[1] += 0.1
    assert starts(values) == [1]
    (step,) = steps(values).steps
    assert step
    assert step.low < 0.1 < step.high


def test_several_steps_are_found_each_at_its_place() -> None:
    values = noise("lognormal", 200, 5, 0.01, np.random.default_rng(5))
    for at, by in ((30, 0.05), (90, -0.1), (97, 0.06), (180, 0.3)):
        values[at:] += by
    assert starts(values) == [30, 90, 97, 180]


def test_one_value_a_commit_needs_more_commits() -> None:
    values = np.random.default_rng(6).normal(0, 0.01, (60, 1))
    assert starts(values) == []
    values[40:] += 0.05
    assert starts(values) == pytest.approx([40], abs=1)
    values[59] += 5
    assert starts(values) == pytest.approx([40], abs=1)


def test_commits_with_fewer_values_weigh_less() -> None:
    values = noise("lognormal", 30, 5, 0.01, np.random.default_rng(7))
    values[15:] += 0.05
    values[::3, 2:] = np.nan
    assert starts(values) == [15]


def test_values_without_any_noise() -> None:
    values = np.zeros((10, 5))
    assert starts(values) == []
    values[4:] += 0.05
    assert starts(values) == [4]
    assert starts(np.zeros((1, 1))) == []
    assert steps(np.zeros((1, 1))).mde == np.inf


def test_the_smallest_change_that_would_be_seen_is_mostly_seen() -> None:
    random = np.random.default_rng(8)
    hits = []
    for _ in range(60):
        values = noise("lognormal", 24, 5, 0.01, random)
        values[21:] += steps(values).mde
        hits.append(bool(starts(values)))
    assert 0.65 <= np.mean(hits) <= 1


def test_series_of_one_value_a_commit() -> None:
    random = np.random.default_rng(5)
    values = np.exp(random.normal(0, 0.01, 60))
    assert change_points(values) == []
    values[25:] *= 1.05
    assert change_points(values) == [25]
    assert change_points(values * 1e-6) == [25]
    assert change_points(values[::-1]) == [35]
    with_gap = values.copy()
    with_gap[10:14] = np.nan
    assert change_points(with_gap) == [25]


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 2.0], [1.0] * 30, [np.nan] * 9])
def test_short_and_constant_series_have_no_changes(values: list[float]) -> None:
    assert change_points(np.array(values)) == []
