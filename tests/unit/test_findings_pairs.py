"""Pairs of processes become verdicts, and nothing that was not measured side by side does."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import pytest

from tests.support.duels import CELL, HEAD, duel, judge, known, process, sides
from tests.support.series import coordinate
from tracker.model.comparisons import Compared
from tracker.model.findings import Outcome
from tracker.model.measurements import State
from tracker.model.requests import Ending
from tracker.model.suites import Direction

COUNT = coordinate(metric="instructions", exact=True)


def main(base: object, head: object, **fields: object) -> Compared:
    (row, *_) = sides().verdicts(known(base, head, **fields))  # type: ignore[arg-type]
    return row


@pytest.mark.parametrize(
    ("ratio", "outcome"),
    [(1.0, Outcome.same), (1.05, Outcome.slower), (0.95, Outcome.faster), (3.0, Outcome.slower)],
)
def test_turns_show_through_the_jumps_of_the_machine(ratio: float, outcome: Outcome) -> None:
    row = main(*duel(20, ratio))
    assert row.verdict is not None
    assert row.verdict.outcome is outcome
    assert row.verdict.low <= ratio - 1 <= row.verdict.high
    assert row.verdict.effect == pytest.approx(ratio - 1, rel=0.02, abs=0.01)
    assert row.rounds == 20
    assert 0 < row.verdict.mde < 0.05


def test_more_is_better_where_the_direction_says_so() -> None:
    of = coordinate(metric="throughput", direction=Direction.more)
    base = [process(n, (of, [100.0 + n % 3])) for n in range(9)]
    head = [process(n, (of, [80.0 + n % 2])) for n in range(9)]
    row = main(base, head)
    assert row.verdict is not None
    assert row.verdict.outcome is Outcome.slower
    assert row.verdict.effect < 0


def test_one_round_says_nothing_and_five_may() -> None:
    few = main(*duel(1, 1.5)).verdict
    assert few is not None
    assert (few.outcome, few.mde) == (Outcome.unknown, inf)
    enough = main(*duel(5, 1.5)).verdict
    assert enough is not None
    assert enough.outcome is Outcome.slower


def test_what_did_not_run_side_by_side_is_not_compared() -> None:
    base, head = duel(9, 1.5)
    row = main(base, [replace(one, batch=2) for one in head])
    assert row.verdict is not None
    assert row.verdict.outcome is Outcome.unknown
    assert row.reason == "never measured side by side"


def test_counts_are_compared_exactly_where_processes_agree() -> None:
    base = [process(n, (COUNT, [1000])) for n in range(2)]
    row = main(base, [process(n, (COUNT, [1010])) for n in range(2)])
    assert row.verdict is not None
    assert (row.exact, row.verdict.outcome, row.verdict.effect) == (True, Outcome.slower, 0.01)
    same = main(base, base)
    assert same.verdict is not None
    assert (same.verdict.outcome, same.verdict.p) == (Outcome.same, 1.0)


def test_counts_that_depend_on_luck_are_judged_like_timings() -> None:
    base = [process(n, (COUNT, [1000 + n])) for n in range(8)]
    head = [process(n, (COUNT, [1000 + (n * 3) % 8])) for n in range(8)]
    row = main(base, head)
    assert not row.exact
    assert row.verdict is not None
    assert row.verdict.outcome is not Outcome.slower


@pytest.mark.parametrize("value", [0.0, -3.0])
def test_values_that_have_no_logarithm(value: float) -> None:
    of = coordinate(metric="value", direction=Direction.none)
    base = [process(n, (of, [value])) for n in range(8)]
    row = main(base, base)
    assert row.verdict is not None
    assert row.verdict.outcome is Outcome.same
    other = main(base, [process(n, (of, [value + 9.0])) for n in range(8)])
    assert other.verdict is not None
    assert other.verdict.outcome is Outcome.slower


def test_a_metric_of_one_side_is_told() -> None:
    base, head = duel(6, 1.0)
    extra = [
        replace(one, readings=(*one.readings, *process(0, (COUNT, [5])).readings)) for one in head
    ]
    rows = sides().verdicts(known(base, extra))
    assert [(row.metric, row.reason) for row in rows] == [
        ("time", ""),
        ("instructions", "only at the head"),
    ]


def test_a_side_that_fails_is_a_row_and_not_a_crash() -> None:
    base, _ = duel(6, 1.0)
    row = main(
        base, (), failed={("b", CELL.key): Ending(state=State.benchmark_failed, reason="boom")}
    )
    assert row.verdict is None
    assert row.reason == "benchmark failed at the head: boom"
    assert row.is_lost


def test_when_a_cell_is_over() -> None:
    (pair,) = sides().pairs(known())
    assert not judge().is_over(pair, known())
    assert not judge().is_over(pair, known(*duel(4, 1.5)))
    assert judge().is_over(pair, known(*duel(6, 1.5)))
    loud = duel(9, 1.01, sd=0.2)
    assert not judge().is_over(pair, known(*loud))
    assert judge(rounds=9).is_over(pair, known(*loud))
    assert judge().is_over(pair, known(failed={("a", CELL.key): Ending(state=State.timed_out)}))


def test_what_no_number_of_rounds_would_decide_is_given_up_early() -> None:
    (pair,) = sides().pairs(known())
    hopeless = duel(26, 1.0, sd=0.1, seed=3)
    row = main(*hopeless)
    assert row.verdict is not None
    assert row.verdict.outcome is Outcome.unknown
    assert row.verdict.mde > 0.05
    assert judge().is_over(pair, known(*hopeless))
    promising = duel(16, 1.0, sd=0.012, seed=3)
    assert main(*promising).verdict.outcome is Outcome.unknown  # type: ignore[union-attr]
    assert not judge().is_over(pair, known(*promising))


def test_commits_that_install_the_same_are_the_same() -> None:
    one = known(builds=dict.fromkeys(known().builds, ("a",)))
    assert sides().pairs(one) == ()
    assert sides().identical(one) == (CELL,)


def test_environments_are_not_compared_unless_told() -> None:
    apart = known(classes={"a": "left", "b": "right"})
    assert sides().pairs(apart) == ()
    assert [pair.head for pair in sides(across=True).pairs(apart)] == ["b"]


def test_the_experiment_is_named_by_its_sides() -> None:
    from tracker.model.purposes import Aim

    one = sides().purpose(Aim.compare)
    assert one == sides().purpose(Aim.compare)
    others = {one, sides().purpose(Aim.confirm), sides().purpose(Aim.compare, 1)}
    assert len({*others, sides(base=HEAD).purpose(Aim.compare)}) == 4
