"""Bisecting lines of commits with planted changes, measured by a made-up engine."""

from __future__ import annotations

from itertools import pairwise
from math import log2

import pytest

from tests.support.duels import judge
from tests.support.lines import World, stepped
from tracker.model.findings import Outcome

SURE = 0.99


def named(world: World, **line: object) -> tuple[int, int] | None:
    located = world.search(world.line(**line)).located
    return (located.first, located.last) if located else None


@pytest.mark.parametrize("place", [0, 1, 17, 38, 39])
@pytest.mark.parametrize("change", [0.08, -0.08])
def test_the_commit_is_named(place: int, change: float) -> None:
    world = World(levels=stepped(40, {place: change}), sd=0.01)
    assert named(world) == (place, place)
    asked = len(world.built) - 2
    assert asked <= 1.3 * log2(40)


def test_ends_that_do_not_differ_are_told_and_nothing_else_is_built() -> None:
    world = World(levels=stepped(40, {}), sd=0.01)
    survey = world.search()
    assert survey.located is None
    assert survey.row is not None
    assert survey.row.verdict is not None
    assert survey.row.verdict.outcome is Outcome.same
    assert 0 < survey.row.verdict.mde < 0.05
    assert len(world.built) == 2


def test_a_search_goes_on_where_it_stopped() -> None:
    whole = World(levels=stepped(30, {11: 0.1}), sd=0.01)
    whole.search()
    parts = World(levels=stepped(30, {11: 0.1}), sd=0.01)
    for _ in range(200):
        parts.search(most=3)
    assert parts.built == whole.built
    assert parts.pairs == whole.pairs
    before = parts.pairs
    assert named(parts) == (11, 11)
    assert parts.pairs == before


def test_where_the_commit_does_not_build_the_range_is_named() -> None:
    # built: 9 and 13; 10, 11 and 12 are not, and 11 is the one (places are one less)
    world = World(levels=stepped(30, {10: 0.1}), sd=0.01, broken=frozenset({10, 11, 12}))
    assert named(world) == (9, 12)


def test_a_commit_that_fails_is_passed_over() -> None:
    world = World(levels=stepped(30, {10: 0.1}), sd=0.01, failing=frozenset({15, 16}))
    assert named(world) == (10, 10)


def test_a_gap_of_broken_commits_around_the_change() -> None:
    world = World(levels=stepped(80, {40: 0.1}), sd=0.01, broken=frozenset(range(16, 66)))
    assert named(world) == (15, 65)
    assert len(world.built) <= 60


def test_the_first_of_two_changes_is_named_and_the_other_suspected() -> None:
    world = World(levels=stepped(40, {10: 0.08, 30: 0.08}), sd=0.01)
    located = world.search().located
    assert located is not None
    assert (located.first, located.before, located.after) == (10, False, True)


def test_a_small_change_before_a_large_one_is_suspected() -> None:
    world = World(levels=stepped(40, {10: 0.04, 30: 0.2}), sd=0.01)
    located = world.search().located
    assert located is not None
    assert located.first == 30
    assert located.before
    assert not located.after


def test_commits_that_install_the_same_cost_nothing_and_changed_nothing() -> None:
    levels = stepped(20, {9: 0.1})
    same = {place: place // 5 * 5 for place in range(20)}  # builds change with every fifth commit
    world = World(levels=levels, sd=0.01, same={**same, 20: 20})
    assert named(world) == (9, 9)


def test_counts_answer_where_they_move_with_the_timing() -> None:
    counts = [1000] * 12 + [1080] * 30
    world = World(levels=stepped(41, {11: 0.08}), sd=0.01, counts=counts)
    survey = world.search()
    assert survey.count == "instructions"
    assert survey.located is not None
    assert (survey.located.first, survey.located.last) == (11, 11)
    assert world.singles == len(world.built) - 2  # one process a commit
    assert world.pairs <= 12  # of the ends


def test_counts_that_do_not_move_with_it_are_left_alone() -> None:
    counts = [1000] * 5 + [1001] * 37
    world = World(levels=stepped(41, {11: 0.08}), sd=0.01, counts=counts)
    assert world.search().count == ""
    assert named(world) == (11, 11)


def test_counts_tell_of_more_changes() -> None:
    counts = [1000] * 12 + [1100] * 10 + [1300] * 20
    world = World(levels=stepped(41, {11: 0.1, 21: 0.18}), sd=0.01, counts=counts)
    located = world.search().located
    assert located is not None
    assert (located.first, located.before, located.after) == (21, True, False)


def test_counts_that_are_stored_need_no_process() -> None:
    counts = [1000] * 12 + [1080] * 30
    world = World(levels=stepped(41, {11: 0.08}), sd=0.01, counts=counts)
    stored = {"instructions": {f"b{place}": float(count) for place, count in enumerate(counts)}}
    assert named(world, counts=stored) == (11, 11)
    assert world.singles == 0


def test_points_that_are_stored_choose_the_commits() -> None:
    world = World(levels=stepped(64, {40: 0.08}), sd=0.01)
    prior = [0.002] * 64
    prior[40] = 1 - 63 * 0.002
    assert named(world, prior=tuple(prior)) == (40, 40)
    assert len(world.built) - 2 <= 4


def test_points_that_mislead_only_cost_time() -> None:
    world = World(levels=stepped(64, {40: 0.08}), sd=0.01)
    prior = [0.2 / 63] * 64
    prior[7] = 0.8
    assert named(world, prior=tuple(prior)) == (40, 40)


def test_another_environment_is_not_asked_unless_told() -> None:
    inside = World(levels=stepped(20, {4: 0.1}), sd=0.01, border=12)
    survey = inside.search()
    assert survey.ends is None
    assert survey.located is None
    across = World(levels=stepped(20, {4: 0.1}), sd=0.01, border=12)
    assert named(across, across=True) == (4, 4)


def test_what_is_not_sure_says_how_likely_it_is() -> None:
    world = World(levels=stepped(20, {9: 0.05}), sd=0.01)
    line = world.line(judge=judge(rounds=6))
    located = world.search(line).located
    if located is not None:
        assert located.first <= 9 <= located.last
        assert located.chance <= 1


def test_every_commit_is_built_once() -> None:
    world = World(levels=stepped(40, {10: 0.08, 30: 0.08}), sd=0.01)
    world.search()
    assert all(one != other for one, other in pairwise(sorted(world.built)))
