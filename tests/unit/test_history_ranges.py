from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.errors import RevisionError
from tracker.history.ranges import Range, every, parse_range, positions, since, tagged
from tracker.model.commits import Commit

MOMENT = datetime(2024, 1, 1, tzinfo=UTC)


def commit(number: int, *tags: str) -> Commit:
    return Commit(
        sha=f"{number:040x}",
        tree="t",
        parents=(),
        author="A",
        authored_at=MOMENT,
        committed_at=MOMENT + timedelta(days=number),
        subject="S",
        tags=tags,
        position=number,
    )


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("A..B", Range(start="A", end="B")),
        (" v1.0..HEAD~2 ", Range(start="v1.0", end="HEAD~2")),
        ("..B", Range(start="", end="B")),
        ("A..", Range(start="A", end="HEAD")),
        ("ALL", Range(start="", end="HEAD")),
        ("größer", Range(start="", end="größer", single=True)),
    ],
)
def test_what_a_range_means(text: str, meant: Range) -> None:
    assert parse_range(text) == meant


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("A...B", "A..B is what B has beyond A"),
        ("", "ALL"),
        ("A..B..C", "A..B"),
        ("A .. B", "A..B"),
        ("--all", "ALL"),
        ("-n1", "A..B"),
        ("A..--output=x", "A..B"),
        ("^A..B", "A..B"),
        ("A\n..B", "A..B"),
    ],
)
def test_what_is_no_range(text: str, hint: str) -> None:
    with pytest.raises(RevisionError) as caught:
        parse_range(text)
    assert caught.value.code == "revision.range"
    assert hint in caught.value.hint


@given(st.integers(0, 50), st.integers(1, 60))
def test_every_nth_has_the_newest_and_even_gaps(length: int, step: int) -> None:
    commits = [commit(number) for number in range(length)]
    chosen = [one.position for one in every(commits, step)]
    assert chosen[-1:] == [length - 1][:length]
    assert all(b - a == step for a, b in pairwise(chosen))
    assert not chosen or chosen[0] < step


def test_tags_are_matched_as_globs_with_case() -> None:
    commits = [commit(0, "v1.0"), commit(1), commit(2, "nightly", "v1.1"), commit(3, "V2")]
    assert tagged(commits, ["v1.*"]) == (commits[0], commits[2])
    assert tagged(commits, []) == tuple(commits)


def test_since_keeps_what_is_newer_wherever_it_stands() -> None:
    commits = [commit(5), commit(1), commit(7)]
    assert since(commits, MOMENT + timedelta(days=5)) == (commits[0], commits[2])
    assert since(commits, None) == tuple(commits)


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, tuple[str, ...]]:
    """Commits named by numbers; parents have smaller ones."""
    size = draw(st.integers(1, 30))
    return {
        str(number): tuple(
            str(parent)
            for parent in draw(
                st.lists(st.integers(0, number - 1), min_size=1, max_size=3, unique=True)
            )
        )
        if number
        else ()
        for number in range(size)
    }


@given(graphs())
def test_positions_grow_from_parents_to_children(parents: dict[str, tuple[str, ...]]) -> None:
    line = [str(len(parents) - 1)]
    while first := parents[line[0]][:1]:
        line.insert(0, first[0])
    places = positions(line, parents)
    assert [places[sha] for sha in line] == list(range(len(line)))
    for sha, place in places.items():
        assert all(places[parent] <= place for parent in parents[sha])
        # brought in by exactly that commit: not reachable from the one before
        assert place == 0 or sha not in positions(line[:place], parents)
