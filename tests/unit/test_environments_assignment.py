"""Which environment class a commit runs in: fewest borders, known classes first, bridges."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log2

from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from tracker.environments.assignment import Needs, assign
from tracker.environments.faults import Unbuildable
from tracker.model.environments import BuildFailure, EnvironmentClass

VERSIONS = [str(number) for number in range(10)]


def a_class(version: str) -> EnvironmentClass:
    return EnvironmentClass(recipe="pinned", python="3.11", lock=f"dep=={version}")


def satisfies(one: EnvironmentClass, requires: Sequence[str]) -> bool:
    version = one.lock.removeprefix("dep==")
    return all(SpecifierSet(text).contains(version) for text in requires)


class Index:
    """One package in ten versions; the newest that fits is chosen."""

    def __init__(self) -> None:
        self.calls = 0

    def resolve(self, requires: Sequence[str]) -> EnvironmentClass:
        self.calls += 1
        for version in reversed(VERSIONS):
            if satisfies(a_class(version), requires):
                return a_class(version)
        raise Unbuildable(f"nothing fits {requires}")


def needs(*specifiers: str) -> list[Needs]:
    return [
        Needs(sha=f"c{index}", requires=(specifier,)) for index, specifier in enumerate(specifiers)
    ]


def test_one_lock_serves_all_that_can_be_resolved_together() -> None:
    index = Index()
    assigned = assign(needs(">=1", ">=2", "<8"), [], satisfies=satisfies, resolve=index.resolve)
    assert assigned == dict.fromkeys(["c0", "c1", "c2"], (a_class("7"),))
    assert index.calls == 1


def test_a_range_without_a_common_resolution_splits_and_the_border_is_bridged() -> None:
    assigned = assign(
        needs("<5", "<9", ">=5", ">=6"), [], satisfies=satisfies, resolve=Index().resolve
    )
    assert assigned == {
        "c0": (a_class("4"),),
        "c1": (a_class("4"),),
        "c2": (a_class("9"),),
        "c3": (a_class("9"),),
    }
    bridged = assign(needs("<5", ">=4", ">=5"), [], satisfies=satisfies, resolve=Index().resolve)
    assert bridged["c1"] == (a_class("4"), a_class("9"))


def test_known_classes_are_reused_the_newest_first_and_nothing_is_resolved() -> None:
    index = Index()
    known = [a_class("6"), a_class("5")]
    assigned = assign(needs(">=4", ">=5"), known, satisfies=satisfies, resolve=index.resolve)
    assert assigned == dict.fromkeys(["c0", "c1"], (a_class("6"),))
    assert index.calls == 0


def test_a_known_class_goes_on_as_far_as_it_satisfies() -> None:
    known = [a_class("6")]
    assigned = assign(needs("<9", ">=6", ">6"), known, satisfies=satisfies, resolve=Index().resolve)
    assert assigned["c0"] == (a_class("6"),)
    assert assigned["c1"] == (a_class("6"), a_class("9"))
    assert assigned["c2"] == (a_class("9"),)


def test_a_commit_that_nothing_satisfies_fails_alone() -> None:
    assigned = assign(needs(">=1", ">50", ">=1"), [], satisfies=satisfies, resolve=Index().resolve)
    assert isinstance(assigned["c1"], BuildFailure)
    assert assigned["c0"] == assigned["c2"] == (a_class("9"),)


def test_no_commits_need_no_class() -> None:
    assert assign([], [], satisfies=satisfies, resolve=Index().resolve) == {}


bounds = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(sorted)
ranges = st.lists(bounds.map(lambda pair: f">={pair[0]},<={pair[1]}"), min_size=1, max_size=30)


@given(ranges)
def test_every_commit_is_satisfied_by_all_its_classes(specifiers: list[str]) -> None:
    assigned = assign(needs(*specifiers), [], satisfies=satisfies, resolve=Index().resolve)
    assert list(assigned) == [need.sha for need in needs(*specifiers)]
    for need in needs(*specifiers):
        classes = assigned[need.sha]
        assert not isinstance(classes, BuildFailure)
        assert all(satisfies(one, need.requires) for one in classes)


@given(ranges)
def test_borders_are_found_with_few_resolutions(specifiers: list[str]) -> None:
    index = Index()
    assigned = assign(needs(*specifiers), [], satisfies=satisfies, resolve=index.resolve)
    classes = {classes[0] for classes in assigned.values() if isinstance(classes, tuple)}
    assert index.calls <= len(classes) * (2 + ceil(log2(len(specifiers) + 1)))


@given(ranges)
def test_there_are_no_more_classes_than_runs_that_cannot_be_joined(specifiers: list[str]) -> None:
    assigned = assign(needs(*specifiers), [], satisfies=satisfies, resolve=Index().resolve)
    classes = {classes[0] for classes in assigned.values() if isinstance(classes, tuple)}
    assert len(classes) <= _fewest(specifiers)


def _fewest(specifiers: Sequence[str]) -> int:
    """Greedy stabbing of intervals in order: optimal for runs of neighbours."""
    runs, together = 1, ""
    for specifier in specifiers:
        more = f"{together},{specifier}" if together else specifier
        if any(SpecifierSet(more).contains(version) for version in VERSIONS):
            together = more
        else:
            runs, together = runs + 1, specifier
    return runs
