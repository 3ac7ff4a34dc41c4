"""What the tracker decides about findings by itself, and what it leaves to people."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.findings.lifecycle import Expectation, is_back, own_decision
from tracker.model.findings import (
    Effect,
    Finding,
    FindingKind,
    Judgement,
    Magnitude,
    Outcome,
    Triage,
    Verdict,
)

SLOWER = Verdict(outcome=Outcome.slower, effect=0.2, low=0.1, high=0.3, mde=0.01, p=0.0)


def effect(series: str = "s", title: str = "parse[size=8]") -> Effect:
    return Effect(
        series=series,
        title=title,
        metric="time",
        unit="s",
        verdict=SLOWER,
        before=1.0,
        after=1.2,
        q=0.0,
    )


FINDING = Finding(
    kind=FindingKind.regression, commit="ab" * 20, after="cd" * 20, effects=(effect(),), id=1
)


def now(*levels: float, series: str = "s") -> dict[str, Judgement]:
    placed = tuple(enumerate(levels))
    return {series: Judgement(series=series, changes=(), levels=placed, noise=0.01, mde=0.01)}


@pytest.mark.parametrize(
    ("levels", "back"),
    [
        ((1.0, 1.2), False),
        ((1.0, 1.2, 1.0), True),
        ((1.0, 1.2, 1.03), True),
        ((1.0, 1.2, 1.1), False),
    ],
)
def test_a_level_is_back_when_little_of_the_way_is_left(
    levels: tuple[float, ...], back: bool
) -> None:
    assert is_back(FINDING, now(*levels)) is back


def test_all_of_its_series_have_to_be_back() -> None:
    both = replace(FINDING, effects=(effect("s"), effect("t")))
    judgements = now(1.0, 1.2, 1.0) | now(1.0, 1.2, series="t")
    assert is_back(both, judgements) is False
    assert is_back(both, now(1.0, 1.2, 1.0)) is True  # of the other nothing is known now


def test_who_knows_nothing_says_nothing() -> None:
    assert is_back(FINDING, {}) is None
    assert is_back(replace(FINDING, kind=FindingKind.improvement), now(1.2, 1.0)) is None
    assert own_decision(FINDING, {}, ()) is None


def test_fixed_by_the_tracker_and_opened_again_when_it_returns() -> None:
    change = own_decision(FINDING, now(1.0, 1.2, 1.0), ())
    assert change is not None
    assert change.triage is Triage.fixed
    fixed = replace(FINDING, triage=Triage.fixed)
    assert own_decision(fixed, now(1.0, 1.2, 1.0), ()) is None
    again = own_decision(fixed, now(1.0, 1.2, 1.0, 1.2), ())
    assert again is not None
    assert again.triage is Triage.open


@pytest.mark.parametrize("triage", [Triage.expected, Triage.false_alarm])
def test_what_people_settled_stays(triage: Triage) -> None:
    settled = replace(FINDING, triage=triage)
    assert own_decision(settled, now(1.0, 1.2, 1.0), ()) is None


@pytest.mark.parametrize(
    ("commit", "benchmark", "covered"),
    [
        ("", "parse*", True),
        ("abab", "*", True),
        ("cdcd", "*", False),
        ("", "load*", False),
    ],
)
def test_announced_changes_are_expected(commit: str, benchmark: str, covered: bool) -> None:
    announced = Expectation(commit=commit, benchmark=benchmark, reason="checks more")
    change = own_decision(FINDING, now(1.0, 1.2), (announced,))
    assert (change is not None) is covered
    if change is not None:
        assert (change.triage, change.note) == (Triage.expected, "checks more")
    reopened = replace(FINDING, triage=Triage.acknowledged)
    assert own_decision(reopened, now(1.0, 1.2), (announced,)) is None


def test_a_finding_is_expected_only_as_a_whole() -> None:
    both = replace(FINDING, effects=(effect(), effect("t", "load")))
    announced = Expectation(commit="", benchmark="parse*", reason="checks more")
    assert own_decision(both, now(1.0, 1.2), (announced,)) is None


def sized(effect: float, mde: float) -> Magnitude:
    return replace(SLOWER, effect=effect, mde=mde).magnitude


@pytest.mark.parametrize(
    ("effect", "mde", "magnitude"),
    [
        (0.011, 0.01, Magnitude.very_small),
        (0.05, 0.05, Magnitude.small),
        (0.05, 0.01, Magnitude.medium),
        (0.2, 0.01, Magnitude.large),
        (1 / 1.2 - 1, 0.01, Magnitude.large),
        (0.5, 0.01, Magnitude.very_large),
        (0.5, 0.4, Magnitude.medium),
        (-1.0, 0.01, Magnitude.very_large),
    ],
)
def test_a_magnitude_counts_noise_and_ratio(
    effect: float, mde: float, magnitude: Magnitude
) -> None:
    assert sized(effect, mde) is magnitude


@given(
    size=st.floats(1e-4, 10), more=st.floats(1, 10), mde=st.floats(1e-4, 1), louder=st.floats(1, 10)
)
def test_magnitudes_grow_with_the_change_and_shrink_with_the_noise(
    size: float, more: float, mde: float, louder: float
) -> None:
    order = list(Magnitude)
    assert order.index(sized(size * more, mde)) >= order.index(sized(size, mde))
    assert order.index(sized(size, mde * louder)) <= order.index(sized(size, mde))
