"""Evidence of pairs: the same whichever side is which, and whatever unit was used."""

from __future__ import annotations

from math import inf, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tracker.statistics.arrays import Floats
from tracker.statistics.decision import Rules, is_changed, is_same, smallest_seen
from tracker.statistics.evidence import FINEST, weigh
from tracker.statistics.mixture import REACH, RESOLUTION, tables

PRACTICAL = log(1.01)
LOOK = Rules(practical=PRACTICAL, band=log(1.02), sequential=True)


def values(
    seed: int, rounds: int, *, shift: float = 0.0, sd: float = 0.01
) -> tuple[Floats, Floats]:
    random = np.random.default_rng(seed)
    return random.normal(0, sd, rounds), random.normal(shift, sd, rounds)


pairs = st.builds(
    values,
    st.integers(0, 2**32 - 1),
    st.integers(2, 25),
    shift=st.sampled_from([0.0, 0.02, -0.05, 0.3]),
    sd=st.sampled_from([0.001, 0.01, 0.1]),
)


@settings(max_examples=40, deadline=None)
@given(pairs)
def test_exchanging_the_sides_turns_the_sign(given_pairs: tuple[Floats, Floats]) -> None:
    base, head = given_pairs
    there = weigh(base, head, practical=PRACTICAL)
    back = weigh(head, base, practical=PRACTICAL)
    step = there.grid[1] - there.grid[0]
    assert back.shift == pytest.approx(-there.shift, abs=step)
    assert (back.low, back.high) == pytest.approx((-there.high, -there.low), abs=step)
    assert back.log_factor == pytest.approx(there.log_factor, abs=0.7, rel=0.2)


@settings(max_examples=40, deadline=None)
@given(pairs, st.floats(-30, 30))
def test_the_unit_of_the_values_does_not_matter(
    given_pairs: tuple[Floats, Floats], unit: float
) -> None:
    base, head = given_pairs
    one = weigh(base, head, practical=PRACTICAL)
    other = weigh(base + unit, head + unit, practical=PRACTICAL)
    assert other.shift == pytest.approx(one.shift, abs=1e-6)
    assert other.log_factor == pytest.approx(one.log_factor, abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(pairs)
def test_what_is_told_of_the_shift_fits_together(given_pairs: tuple[Floats, Floats]) -> None:
    evidence = weigh(*given_pairs, practical=PRACTICAL)
    assert evidence.low <= evidence.shift <= evidence.high
    assert evidence.error >= 0
    assert evidence.mass.sum() == pytest.approx(1)
    assert evidence.outside(0.0) >= evidence.outside(0.02) - 1e-9 >= evidence.outside(inf) - 1e-9


def test_the_estimate_of_plain_noise_is_that_of_the_means() -> None:
    """Reference: the mean difference and its t interval, which plain noise makes optimal."""
    widths = []
    for seed in range(30):
        base, head = values(seed, 20, shift=0.03)
        evidence = weigh(base, head, practical=PRACTICAL, scale=0.01)
        expected = stats.ttest_rel(head, base).confidence_interval()
        assert evidence.shift == pytest.approx((head - base).mean(), abs=0.004)
        widths.append((evidence.high - evidence.low) / (expected.high - expected.low))
    assert 0.7 < np.median(widths) < 1.15


def test_the_machine_may_jump_from_round_to_round() -> None:
    random = np.random.default_rng(3)
    level = random.choice([0.0, log(1.6)], 12)
    base, head = (level + random.normal(shift, 0.01, 12) for shift in (0.0, 0.05))
    evidence = weigh(base, head, practical=PRACTICAL)
    assert evidence.shift == pytest.approx(0.05, abs=0.015)
    assert is_changed(evidence, LOOK)


def test_more_of_the_same_is_more_evidence() -> None:
    factors = []
    for rounds in (5, 10, 20, 40):
        base, head = values(5, 40, shift=0.05)
        factors.append(weigh(base[:rounds], head[:rounds], practical=PRACTICAL).log_factor)
    assert factors == sorted(factors)


def test_constant_values() -> None:
    same = weigh(np.zeros(6), np.zeros(6), practical=PRACTICAL)
    assert is_same(same, LOOK)
    assert not is_changed(same, LOOK)
    assert same.shift == pytest.approx(0, abs=FINEST)
    assert smallest_seen(same, LOOK) < 0.02
    other = weigh(np.zeros(6), np.full(6, 0.05), practical=PRACTICAL)
    assert is_changed(other, LOOK)
    assert other.shift == pytest.approx(0.05, rel=0.1)


def test_values_of_a_coarse_clock_are_not_believed_to_the_last_digit() -> None:
    base = np.array([0.0, 0.0, 0.01, 0.0, 0.0])
    head = np.array([0.01, 0.01, 0.0, 0.0, 0.01])
    evidence = weigh(base, head, practical=PRACTICAL)
    assert not is_changed(evidence, LOOK)
    assert evidence.low < 0 < evidence.high


def test_a_shift_of_any_size_has_its_sign() -> None:
    for shift in (0.2, -0.2, 2.0, -2.0):
        base, head = values(1, 5, shift=shift)
        evidence = weigh(base, head, practical=PRACTICAL)
        assert evidence.shift == pytest.approx(shift, rel=0.1)
        assert is_changed(evidence, LOOK)


def test_one_round_decides_nothing() -> None:
    evidence = weigh(np.array([0.0]), np.array([0.5]), practical=PRACTICAL)
    assert not is_changed(evidence, LOOK)
    assert not is_same(evidence, LOOK)
    assert smallest_seen(evidence, LOOK) == inf


@pytest.mark.parametrize(
    ("base", "head"), [([], []), ([0.0], [0.0, 1.0]), ([np.nan], [0.0]), ([0.0], [np.inf])]
)
def test_what_is_no_pair_is_refused(base: list[float], head: list[float]) -> None:
    with pytest.raises(ValueError, match=r"pairs need|finite"):
        weigh(np.array(base), np.array(head), practical=PRACTICAL)


def test_many_cells_ask_for_more_evidence() -> None:
    one, many = LOOK, Rules(practical=PRACTICAL, band=0.02, sequential=True, cells=1000)
    assert many.threshold(20) == pytest.approx(log(1000 / 0.05))
    assert one.threshold(20) < many.threshold(20)


def test_a_side_that_scatters_more_is_no_change() -> None:
    changed = 0
    for seed in range(80):
        random = np.random.default_rng(seed)
        base, head = random.normal(0, 0.01, 20), random.normal(0, 0.025, 20)
        evidence = weigh(base, head, practical=PRACTICAL, scale=0.01)
        changed += is_changed(evidence, Rules(practical=PRACTICAL, band=0.02, sequential=False))
    assert changed <= 2


def test_the_densities_are_densities() -> None:
    table = tables()
    for logs in (table.single, table.difference):
        assert np.exp(logs).sum(axis=1) / RESOLUTION == pytest.approx(1, abs=0.03)
    middle = REACH * RESOLUTION
    # of two normal values: the difference has twice the variance
    plain = np.exp(table.difference[table.scales == 1.0][0, middle])
    assert plain == pytest.approx(stats.norm.pdf(0, scale=np.sqrt(2)), rel=0.03)


def test_planted_changes_of_the_size_that_would_be_seen_are_found_four_times_in_five() -> None:
    random = np.random.default_rng(11)
    sizes = []
    for _ in range(60):
        base, head = random.normal(0, 0.01, (2, 15))
        sizes.append(smallest_seen(weigh(base, head, practical=PRACTICAL), LOOK))
    size = float(np.median(sizes))
    found = 0
    for _ in range(120):
        base, head = random.normal(0, 0.01, (2, 15))
        found += is_changed(weigh(base, head + size, practical=PRACTICAL), LOOK)
    assert 0.6 < found / 120 < 0.97
