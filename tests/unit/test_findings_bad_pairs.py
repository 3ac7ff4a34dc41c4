"""What is odd about pairs ends in a row that says so, and never in a crash or a false change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.comparisons import comparison, row, verdict
from tests.support.duels import BASE, CELL, duel, known, process, sides
from tests.support.series import coordinate
from tests.support.values import cell, machine
from tracker.cli.compare import exit_status
from tracker.errors import MeasurementError
from tracker.model.comparisons import Compared
from tracker.model.findings import Outcome
from tracker.model.measurements import Process, State
from tracker.model.requests import Ending
from tracker.model.suites import Kind
from tracker.publish.comparing.gather import on_one_machine

TIME = coordinate()
COUNT = coordinate(metric="instructions", exact=True)


def processes(*samples: Sequence[float], of: Any = TIME) -> tuple[Process, ...]:
    return tuple(process(number, (of, one)) for number, one in enumerate(samples))


def main(base: Sequence[Process], head: Sequence[Process], **fields: Any) -> Compared:
    (row, *_) = sides().verdicts(known(base, head, **fields))
    return row


def outcome(row: Compared) -> Outcome:
    assert row.verdict is not None
    return row.verdict.outcome


@pytest.mark.parametrize("value", [1e-9, 1e-3, 0.0, 5e300])
def test_constant_samples(value: float) -> None:
    constant = processes(*[[value] * 5] * 8)
    row = main(constant, constant)
    assert outcome(row) is Outcome.same
    assert row.verdict is not None
    assert row.verdict.effect == 0
    assert row.base == row.head == value


def test_a_change_of_constant_samples() -> None:
    base, head = (processes(*[[value] * 5] * 8) for value in (1e-3, 1.1e-3))
    row = main(base, head)
    assert outcome(row) is Outcome.slower
    assert row.head == pytest.approx(1.1e-3, rel=0.01)


@pytest.mark.parametrize("seed", range(6))
def test_samples_of_two_values_are_no_change(seed: int) -> None:
    random = np.random.default_rng(seed)
    base, head = (processes(*random.choice([1.00e-3, 1.01e-3], (12, 9)).tolist()) for _ in range(2))
    assert outcome(main(base, head)) in (Outcome.same, Outcome.unknown)


def test_one_process_decides_nothing_however_large_the_change() -> None:
    row = main(processes([1e-3] * 9), processes([9e-3] * 9))
    assert outcome(row) is Outcome.unknown
    assert row.rounds == 1


def test_one_zero_among_times_is_no_crash() -> None:
    base, head = duel(8, 1.0)
    zero = process(3, (TIME, [0.0] * 9))
    row = main(base, (*head[:3], zero, *head[4:]))
    assert outcome(row) in (Outcome.same, Outcome.unknown)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12)), min_size=1, max_size=8))
def test_whatever_is_measured_has_a_row_of_finite_levels(values: list[tuple[float, float]]) -> None:
    of = coordinate(metric="value")
    base, head = (processes(*[[pair[side]] for pair in values], of=of) for side in (0, 1))
    row = main(base, head)
    assert row.verdict is not None
    assert row.base is not None
    assert row.head is not None
    assert isfinite(row.base)
    assert isfinite(row.head)
    assert row.verdict.low <= row.verdict.high


def test_both_that_change_level_half_way_are_the_same() -> None:
    """As a machine does that changes its speed in the middle of each pair."""
    base, head = duel(12, 1.0)
    step = np.where(np.arange(9) < 5, 1.0, 1.6)
    moved = [
        [
            process(one.round, (TIME, (np.array(one.readings[0].samples) * step).tolist()))
            for one in side
        ]
        for side in (base, head)
    ]
    assert outcome(main(*moved)) is Outcome.same


def test_a_head_that_changes_level_half_way_is_seen_only_if_most_of_it_did() -> None:
    base, head = duel(12, 1.0)
    for late, expected in ((3, Outcome.slower), (7, Outcome.same)):
        step = np.where(np.arange(9) < late, 1.0, 1.6)
        unsteady = [
            replace(
                process(one.round, (TIME, (np.array(one.readings[0].samples) * step).tolist())),
                flags=("unsteady",),
            )
            for one in head
        ]
        assert outcome(main(base, unsteady)) is expected


def test_counts_of_which_one_side_depends_on_luck_are_not_exact() -> None:
    base = [process(n, (COUNT, [1000])) for n in range(8)]
    head = [process(n, (COUNT, [1000 + 40 * (n % 2)])) for n in range(8)]
    row = main(base, head)
    assert not row.exact
    assert outcome(row) is not Outcome.faster


def test_a_count_of_one_process_is_not_exact_yet() -> None:
    row = main(processes([1000], of=COUNT), processes([1010], of=COUNT))
    assert (row.exact, outcome(row)) == (False, Outcome.unknown)


@pytest.mark.parametrize(
    ("field", "value"), [("threads", 8), ("device", "cuda:0"), ("unit", "min"), ("dataset", "mini")]
)
def test_what_means_something_else_is_not_compared(field: str, value: Any) -> None:
    base, head = duel(8, 1.5)
    other = replace(TIME, **{field: value})
    row = main(base, [process(one.round, (other, one.readings[0].samples)) for one in head])
    assert row.verdict is None
    assert f"{field} is " in row.reason
    (pair,) = sides().pairs(known())
    assert sides().judge.is_over(pair, known(base, [process(0, (other, [1e-3] * 9))]))


def test_the_levels_agree_with_the_change() -> None:
    for seed in range(8):
        row = main(*duel(12, 1.0, seed=seed, sd=0.05))
        assert row.verdict is not None
        assert row.base is not None
        assert row.head == pytest.approx(row.base * (1 + row.verdict.effect))


def test_a_cell_that_no_time_was_left_for_is_told() -> None:
    (row,) = sides().verdicts(known())
    assert (row.verdict, row.base, row.head, row.reason) == (None, None, None, "not measured")


def test_a_cell_that_one_side_has_no_build_for_is_told() -> None:
    builds = known().builds
    (base, _), (head, request) = builds
    gone = known(builds={(base, request): ("a",), (head, request): ()})
    (row,) = sides().verdicts(gone)
    assert (row.verdict, row.reason) == (None, "no build at the head")
    apart = known(classes={"a": "left", "b": "right"})
    (row,) = sides().verdicts(apart)
    assert row.reason == "the sides need different environments"


def test_what_both_sides_skip_is_the_benchmarks_own_wish() -> None:
    skipped = Ending(state=State.unsupported, reason="needs a GPU")
    both = known(failed={(build, CELL.key): skipped for build in "ab"})
    assert sides().verdicts(both) == ()
    (row,) = sides().verdicts(known(failed={("b", CELL.key): skipped}))
    assert row.reason == "unsupported at the head: needs a GPU"


def test_a_commit_against_itself_is_identical() -> None:
    itself = sides(head=BASE)
    assert itself.identical(known()) == (CELL,)
    assert itself.commits == (BASE,)


# machines -----------------------------------------------------------------------------


def measured_on(*classes: str) -> tuple[Process, ...]:
    return tuple(
        process(number, (coordinate(machine_class=name), [1e-3]))
        for number, name in enumerate(classes)
    )


def test_sides_of_different_machines_are_refused() -> None:
    stored = known(measured_on("left"), measured_on("right"))
    with pytest.raises(MeasurementError, match="different classes: left; right") as refused:
        on_one_machine(stored, machine())
    assert refused.value.code == "measurement.machines"


def test_a_base_that_this_machine_does_not_know_is_compared_where_both_ran() -> None:
    here = machine().machine_class
    stored = known(measured_on("far", "far"), measured_on("far", here))
    kept, warning = on_one_machine(stored, machine())
    assert warning == "measured on far"
    assert [len(processes) for processes in kept.processes.values()] == [2, 1]


def test_what_this_machine_measured_is_preferred() -> None:
    here = machine().machine_class
    kept, warning = on_one_machine(known(*[measured_on("far", here)] * 2), machine())
    assert warning == ""
    for processes in kept.processes.values():
        assert [one.readings[0].coordinate.machine_class for one in processes] == [here]


def test_a_quality_is_compared_wherever_it_was_measured() -> None:
    here = machine().machine_class
    of = replace(coordinate(metric="accuracy"), kind=Kind.quality).without_platform(())
    right = tuple(process(number, (of, [0.9])) for number in range(5, 7))
    kept, warning = on_one_machine(known(right, right), machine())
    assert (warning, [len(one) for one in kept.processes.values()]) == ("", [2, 2])
    both = known((*measured_on("far", here), *right), (*measured_on(here), *right))
    kept, _ = on_one_machine(both, machine())
    assert [len(one) for one in kept.processes.values()] == [3, 3]


# exit codes ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pairs", "codes"),
    [
        (duel(12, 1.5), (1, 1, 0)),
        (duel(12, 0.6), (0, 0, 0)),
        (duel(12, 1.0), (0, 0, 0)),
        (duel(2, 1.0), (0, 1, 0)),
        (((), ()), (3, 3, 3)),
    ],
)
def test_exit_codes(pairs: Any, codes: tuple[int, int, int]) -> None:
    of = comparison(sides().verdicts(known(*pairs)))
    assert tuple(exit_status(of, name) for name in ("slower", "unknown", "never")) == codes


def test_lost_and_new_have_exit_codes_of_their_own() -> None:
    fine = row(cell("fine"), verdict(Outcome.same, 0.0))
    base, _ = duel(2, 1.0)
    failed = {("b", CELL.key): Ending(state=State.benchmark_failed)}
    lost = comparison([fine, main(base, (), failed=failed)])
    new = comparison([fine, row(cell("new"), None, base=None, head=1e-3)])
    names = ("slower", "unknown", "never")
    assert [exit_status(lost, name) for name in names] == [1, 1, 0]
    assert [exit_status(new, name) for name in names] == [0, 0, 0]
    open_cell = comparison([fine, row(cell("open"), None, base=None, reason="not measured")])
    assert [exit_status(open_cell, name) for name in names] == [0, 1, 0]
