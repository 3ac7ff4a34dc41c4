"""Throughput, efficiency and knee of a curve, and evidence over all of its points."""

from __future__ import annotations

from math import exp, inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.statistics.arrays import Floats
from tracker.statistics.multiplicity import holm
from tracker.statistics.ratios import mean_ratio
from tracker.statistics.scaling import (
    common_change,
    efficiencies,
    knee,
    shape_p,
    throughputs,
)

SIZES: Floats = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0])

#: powers of two, which scale without rounding
units = st.integers(-10, 10).map(lambda power: 2.0**power)
rates_of_8 = st.lists(st.floats(0.5, 2e3), min_size=8, max_size=8).map(np.array)
p_values = st.lists(st.floats(1e-12, 1.0), min_size=1, max_size=9).map(np.array)


def saturating(half: float) -> Floats:
    """Throughput that reaches half of its limit at a size, as with a fixed cost for each call."""
    return np.asarray(1000 * SIZES / (SIZES + half))


def test_throughput_is_size_over_time() -> None:
    assert throughputs(np.array([1.0, 8.0]), np.array([0.5, 2.0])).tolist() == [2.0, 4.0]


def test_linear_scaling_is_efficient_and_has_no_knee() -> None:
    assert efficiencies(SIZES, 3 * SIZES) == pytest.approx(np.ones(8))
    assert knee(SIZES, 3 * SIZES) is None


def test_efficiency_halves_where_twice_as_much_takes_twice_as_long() -> None:
    assert efficiencies(SIZES, np.full(8, 7.0)) == pytest.approx(1 / SIZES)


def test_a_curve_that_does_not_grow_is_over_its_knee_at_once() -> None:
    assert knee(SIZES, np.array([7.0, 7.1, 6.9, 7.2, 7.0, 7.1, 7.0, 7.05])) == 1.0


def test_the_knee_of_a_corner_is_the_corner() -> None:
    for corner in (4.0, 16.0, 32.0):
        assert knee(SIZES, np.minimum(SIZES, corner)) == corner


def test_the_knee_is_where_the_tangent_has_the_slope_of_the_whole() -> None:
    # of 1000 b / (b + 8) between 1 and 128: b + 8 = sqrt(9 * 136) = 35.0
    assert knee(SIZES, saturating(8.0)) == 32.0


def test_a_larger_fixed_cost_moves_the_knee_up() -> None:
    knees = [knee(SIZES, saturating(half)) for half in (0.5, 2.0, 8.0)]
    assert knees == sorted(knees, key=lambda one: one or 0.0)
    assert knees[0] < knees[-1]  # type: ignore[operator]


@given(rates_of_8, units, units)
def test_units_change_neither_knee_nor_efficiency(
    rates: Floats, size_unit: float, rate_unit: float
) -> None:
    found = knee(SIZES, rates)
    scaled = knee(SIZES * size_unit, rates * rate_unit)
    assert (scaled is None) == (found is None)
    if found is not None:
        assert scaled == pytest.approx(found * size_unit)
    assert efficiencies(SIZES * size_unit, rates * rate_unit) == pytest.approx(
        efficiencies(SIZES, rates)
    )


@given(rates_of_8)
def test_a_knee_is_one_of_the_sizes(rates: Floats) -> None:
    assert knee(SIZES, rates) in (None, *SIZES.tolist())


# evidence -----------------------------------------------------------------------------


def test_weak_evidence_of_many_points_adds_up() -> None:
    p, way = common_change(np.full(6, 0.02), -np.ones(6))
    assert p < 1e-6
    assert way == -1
    assert common_change(np.full(6, 0.02), np.array([1.0, -1.0] * 3))[0] == pytest.approx(1.0)


@given(p_values)
def test_one_point_alone_keeps_its_p_value_and_the_sign_does_not_matter(p: Floats) -> None:
    assert common_change(p[:1], np.ones(1))[0] == pytest.approx(p[0], rel=1e-6)
    signs = np.ones(len(p))
    (up, _), (down, _) = common_change(p, signs), common_change(p, -signs)
    assert up == pytest.approx(down)
    assert 0 <= up <= 1


def test_one_ratio_everywhere_is_no_change_of_shape() -> None:
    assert shape_p(np.full(5, 0.1), np.full(5, 0.02)) == pytest.approx(1.0)
    bent = shape_p(np.array([0.0, 0.0, 0.0, 0.1, 0.1]), np.full(5, 0.02))
    assert bent is not None
    assert bent < 1e-6


def test_points_that_know_nothing_say_nothing_about_the_shape() -> None:
    wide = np.array([0.02, np.inf, 0.0])
    assert shape_p(np.array([0.1, 5.0, 5.0]), wide) is None


@given(
    st.lists(st.tuples(st.floats(-1, 1), st.floats(0.001, 1)), min_size=2, max_size=8),
    st.floats(-1, 1),
)
def test_shape_does_not_see_what_all_points_have_in_common(
    points: list[tuple[float, float]], shift: float
) -> None:
    steps, halves = (np.array(column) for column in zip(*points, strict=True))
    assert shape_p(steps, halves) == pytest.approx(shape_p(steps + shift, halves), abs=1e-6)


def test_the_mean_of_four_points_is_known_twice_as_well() -> None:
    ends = (1.1 * exp(-0.02) - 1, 1.1 * exp(0.02) - 1)
    effect, low, high = mean_ratio([(0.1, *ends)] * 4)
    assert effect == pytest.approx(0.1)
    assert (low, high) == pytest.approx((1.1 * exp(-0.01) - 1, 1.1 * exp(0.01) - 1))


def test_the_mean_of_a_ratio_and_its_inverse_is_no_change() -> None:
    assert mean_ratio([(1.0, 0.9, 1.1), (-0.5, -0.55, -0.45)])[0] == pytest.approx(0.0)
    assert mean_ratio([(1.0, 0.9, inf), (-0.5, -0.55, -0.45)])[1:] == (-1.0, inf)
    assert mean_ratio([(-1.0, -1.0, -1.0)]) == (-1.0, -1.0, inf)


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx((0.03, 0.06, 0.06))
    assert holm([0.5, 0.9]) == (1.0, 1.0)
    assert holm([]) == ()


@given(p_values)
def test_one_change_among_many_is_never_worse_than_bonferroni(p: Floats) -> None:
    adjusted = holm(p.tolist())
    assert min(adjusted) == pytest.approx(min(1.0, len(p) * float(p.min())))
    assert all(own >= raw or own == 1.0 for own, raw in zip(adjusted, p.tolist(), strict=True))
