"""What is new for a night, and how much of it there is time for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.test_strategies_walk import CELLS, COMMITS, WALK, after, built
from tracker.model.requests import Known
from tracker.model.runs import RunSummary
from tracker.strategies.nightly import (
    for_measuring,
    last_complete,
    pace,
    step,
    unfinished,
    unsettled,
)

BEGAN = datetime(2026, 11, 1, 2, tzinfo=UTC)


def known(rounds: dict[int, int], broken: tuple[int, ...] = ()) -> Known:
    """Commits with so many rounds of each cell, and commits that do not build."""
    found = built(*rounds)
    measured = {
        (f"build-{number}", cell.key): frozenset(range(count))
        for number, count in rounds.items()
        for cell in CELLS
        if count
    }
    failures = dict.fromkeys(built(*broken).builds, ())
    return replace(found, builds={**found.builds, **failures}, measured=measured)


def run(seconds: float | None, measured: int, failed: int = 0) -> RunSummary:
    ended = None if seconds is None else BEGAN + timedelta(seconds=seconds)
    return RunSummary(
        run="",
        command=(),
        machine="here",
        state="finished",
        started_at=BEGAN,
        finished_at=ended,
        measured=measured,
        failed=failed,
    )


def test_new_is_what_comes_after_the_newest_complete_commit() -> None:
    assert last_complete(WALK, known({0: 3, 1: 3, 2: 2})) == COMMITS[1]
    assert last_complete(WALK, known({0: 1, 1: 2})) is None


def test_a_broken_commit_does_not_stand_for_its_night() -> None:
    assert last_complete(WALK, known({0: 3, 1: 1}, broken=(2,))) == COMMITS[0]


def test_a_night_that_was_cut_short_goes_on() -> None:
    # 3 was left out by a coarse night: nothing of it is there
    state = known({0: 3, 1: 2, 2: 2, 3: 0, 4: 3})
    assert last_complete(WALK, state) == COMMITS[4]
    assert unfinished(WALK, state) == COMMITS[1:3]


def test_a_night_that_measured_everything_leaves_nothing() -> None:
    state = built(*range(len(COMMITS)))
    while asked := WALK.ask(state):
        assert unsettled(WALK, state)
        state = after(state, asked)  # type: ignore[arg-type]
    assert unsettled(WALK, state) == unfinished(WALK, state) == ()


def test_what_does_not_build_is_settled_and_what_nobody_looked_at_is_not() -> None:
    assert unsettled(WALK, known({0: 3, 1: 1}, broken=(2, 3))) == (COMMITS[1], *COMMITS[4:])


def test_the_pace_is_that_of_runs_that_ended_and_measured() -> None:
    runs = [run(60, 25, failed=5), run(30, 15), run(None, 500), run(20, 0)]
    assert pace(runs) == pytest.approx(2.0)
    assert pace([run(20, 0), run(None, 3)]) is None


@given(
    commits=st.integers(1, 500),
    seconds=st.floats(0.01, 1e4),
    budget=st.floats(-10.0, 1e5),
)
def test_the_step_fits_and_is_no_larger_than_it_must_be(
    commits: int, seconds: float, budget: float
) -> None:
    def cost(every: int) -> float:
        return -(-commits // every) * seconds

    found = step(commits, seconds, budget)
    assert 1 <= found <= commits
    assert cost(found) <= max(budget, seconds) * (1 + 1e-9)
    assert found == 1 or cost(found - 1) > budget


def test_time_is_kept_for_what_the_commits_show() -> None:
    assert for_measuring(3600, 600) == 3000
    assert for_measuring(600, 600) == 300
    assert for_measuring(3600, 0) == 3600
