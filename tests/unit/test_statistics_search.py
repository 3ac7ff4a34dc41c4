"""Chances of places, and what to ask of whom."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.statistics import search
from tracker.statistics.evidence import Evidence, weigh

FLAT = np.full(8, 1 / 8)
odds = st.dictionaries(st.integers(0, 7), st.floats(-9, 9), max_size=8)


def evidence(shift: float, rounds: int = 12, sd: float = 0.005) -> Evidence:
    random = np.random.default_rng(3)
    base, head = random.normal(0, sd, (2, rounds))
    return weigh(base, head + shift, practical=0.01)


def test_one_certain_answer_halves_the_line() -> None:
    likely = search.chances(FLAT, {3: 40.0})
    assert likely[:4] == pytest.approx(1 / 4)
    assert likely[4:] == pytest.approx(0, abs=1e-12)


def test_bayes_rule_by_hand() -> None:
    # P(answer "at or before 1" | it is) = 0.8 = 1 - P(... | it is not)
    likely = search.chances(np.array([0.25, 0.25, 0.5]), {1: float(np.log(4))})
    assert likely == pytest.approx([0.4, 0.4, 0.2])


@given(odds)
def test_chances_are_chances_and_do_not_depend_on_the_order(answers: dict[int, float]) -> None:
    likely = search.chances(FLAT, answers)
    assert likely.sum() == pytest.approx(1)
    again = search.chances(FLAT, dict(reversed(answers.items())))
    assert likely == pytest.approx(again)


@given(odds)
def test_seen_from_the_other_end_it_is_the_same(answers: dict[int, float]) -> None:
    # "at or before k" of eight places is "not at or before 6 - k", counted from the end
    answers = {at: value for at, value in answers.items() if at < 7}
    turned = search.chances(FLAT, {6 - at: -value for at, value in answers.items()})
    assert search.chances(FLAT, answers) == pytest.approx(turned[::-1])


@given(odds, st.integers(0, 6), st.floats(0.1, 5))
def test_more_evidence_moves_chances_its_way(
    answers: dict[int, float], at: int, more: float
) -> None:
    before = search.chances(FLAT, answers)
    after = search.chances(FLAT, {**answers, at: answers.get(at, 0.0) + more})
    assert after[: at + 1].sum() >= before[: at + 1].sum() - 1e-12


def test_the_question_is_the_one_that_halves() -> None:
    assert search.best_question(FLAT, range(8)) == 3
    assert search.best_question(FLAT, [0, 6]) in (0, 6)
    assert search.best_question(search.chances(FLAT, {3: 40.0}), [5, 6]) is None


def test_a_place_is_named_when_it_is_sure_and_with_those_that_cannot_be_asked() -> None:
    sure = search.chances(FLAT, {3: -9.0, 4: 9.0})
    seen = [False] * 8
    assert search.narrowest(sure, 0.99, seen) == (4, 4)
    assert search.narrowest(FLAT, 0.99, seen) is None
    around = search.chances(FLAT, {2: -9.0, 5: 9.0})
    assert search.narrowest(around, 0.99, seen) is None
    dark = [False, False, False, True, True, False, False, False]
    assert search.narrowest(around, 0.99, dark) == (3, 5)
    assert search.central(around, 0.99) == (3, 5)


@pytest.mark.parametrize("sign", [1, -1])
def test_odds_follow_the_shift(sign: int) -> None:
    assert search.log_odds(evidence(sign * 0.05), sign * 0.05) > 4.6
    assert search.log_odds(evidence(0.0), sign * 0.05) < -4.6
    # as far beyond the half as not
    assert abs(search.log_odds(evidence(sign * 0.05, sd=0.05), sign * 0.1)) < 4


def test_a_level_between_the_ends_is_beyond_the_first_change() -> None:
    assert search.log_odds(evidence(0.05, rounds=30), 0.1) > 4.6
    assert search.log_odds(evidence(0.049, rounds=30), 0.1) > 4.6


def test_few_pairs_are_never_sure() -> None:
    assert search.log_odds(evidence(0.5, rounds=5), 0.5) <= 5


def test_stored_points_point_to_their_step() -> None:
    random = np.random.default_rng(1)
    points = [*random.normal(0, 0.01, 10), *random.normal(0.1, 0.01, 11)]
    prior = search.prior_of_points(points)
    assert prior.sum() == pytest.approx(1)
    assert int(np.argmax(prior)) == 9
    assert prior.min() >= 0.2 / 20  # a machine may have moved between them
    gaps = [point if at % 3 == 0 else None for at, point in enumerate(points)]
    assert search.prior_of_points(gaps)[[9, 10, 11]] == pytest.approx(
        search.prior_of_points(gaps)[9]
    )


@pytest.mark.parametrize("points", [[None] * 9, [0.0] * 9, [0.0, *[None] * 7, 1.0]])
def test_points_that_say_nothing(points: list[float | None]) -> None:
    assert search.prior_of_points(points) == pytest.approx(1 / 8)
