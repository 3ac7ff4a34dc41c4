"""Comparing asks for pairs of what is open, and for nothing else."""

from __future__ import annotations

from dataclasses import replace

from tests.support.duels import BASE, CELL, HEAD, duel, known, process, sides
from tests.support.series import coordinate
from tests.support.values import PINNED, cell
from tracker.model.measurements import State
from tracker.model.purposes import Aim
from tracker.model.requests import Ending, Known, MeasurePair, Prepare
from tracker.strategies.compare import Compare

SIDES = sides()
COMPARE = Compare(sides=SIDES, purpose=SIDES.purpose(Aim.compare), seed=1)


def asked(of: Known, compare: Compare = COMPARE) -> list[MeasurePair]:
    return [one for one in compare.ask(of) if isinstance(one, MeasurePair)]


def test_both_sides_are_built_first() -> None:
    assert COMPARE.ask(Known()) == (Prepare(environment=PINNED, commits=(BASE, HEAD)),)


def test_a_round_is_one_pair_of_each_open_cell() -> None:
    both = sides((CELL, cell("load")))
    pairs = asked(known(), replace(COMPARE, sides=both))
    assert {pair.first.cell.benchmark for pair in pairs} == {"parse", "load"}
    for pair in pairs:
        assert {one.build for one in pair.both} == {"a", "b"}
        assert {one.round for one in pair.both} == {0}
        assert {one.batch for one in pair.both} == {COMPARE.purpose.key}
    assert sorted(one.position for pair in pairs for one in pair.both) == [0, 1, 2, 3]


def test_which_side_starts_is_drawn() -> None:
    first = set()
    for rounds in range(6):
        base, head = duel(rounds, 1.03)
        first |= {pair.first.build for pair in asked(known(base, head))}
    assert first == {"a", "b"}


def test_the_same_knowledge_gives_the_same_request() -> None:
    assert COMPARE.ask(known(*duel(2, 1.0))) == COMPARE.ask(known(*duel(2, 1.0)))


def test_a_decided_cell_leaves_the_loop() -> None:
    assert asked(known(*duel(3, 1.5)))
    assert not asked(known(*duel(8, 1.5)))


def test_a_failed_side_ends_its_cell() -> None:
    assert not asked(known(failed={("b", CELL.key): Ending(state=State.timed_out)}))


def test_half_a_pair_is_left_behind() -> None:
    base, head = duel(3, 1.0)
    (pair,) = asked(known(base, head[:2]))
    assert {one.round for one in pair.both} == {3}


def test_turns_follow_from_where_the_variance_is() -> None:
    (pair,) = asked(known(*duel(4, 1.0, sd=0.05)))
    assert pair.first.samples == pair.second.samples == 3
    (fresh,) = asked(known())
    assert fresh.first.samples == SIDES.judge.policy.turns


def test_a_metric_that_few_processes_give_is_asked_for_and_ends() -> None:
    of = coordinate(metric="allocated_memory")
    told = [(process(n, (of, [100.0 + n])), process(n, (of, [100.0 + n % 3]))) for n in range(2)]
    silent = [(process(n), process(n)) for n in range(2, 40)]
    counted = replace(SIDES, judge=replace(SIDES.judge, mains={"parse": "allocated_memory"}))
    compare = replace(COMPARE, sides=counted)

    def after(rounds: int) -> Known:
        base, head = zip(*(told + silent)[:rounds], strict=True)
        return known(base, head)

    (early,) = asked(after(2), compare)
    assert not early.first.counting
    (late,) = asked(after(3), compare)
    assert late.first.counting
    assert late.second.counting
    assert not asked(after(40), compare)  # whatever they gave
