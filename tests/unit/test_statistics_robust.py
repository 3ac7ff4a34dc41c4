from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import mannwhitneyu

from tracker.statistics.arrays import Floats, table
from tracker.statistics.multiplicity import benjamini_hochberg
from tracker.statistics.ranks import mann_whitney
from tracker.statistics.robust import biweight, huber_scale, pooled_scale, row_medians

numbers = st.integers(-1000, 1000).map(float)
rows = arrays(np.float64, st.tuples(st.integers(1, 8), st.integers(1, 6)), elements=numbers)
sides = arrays(np.float64, st.integers(1, 9), elements=st.integers(0, 30).map(float))


@given(rows)
def test_row_medians_are_numpys(values: Floats) -> None:
    assert row_medians(values) == pytest.approx(np.median(values, axis=1))


def test_row_medians_pass_over_what_is_missing() -> None:
    values = table([(3.0, 1.0, 2.0), (5.0,), (1.0, 2.0)])
    assert row_medians(values).tolist() == [2.0, 5.0, 1.5]
    assert np.isnan(row_medians(np.full((1, 2), np.nan))).all()


def test_scales_are_the_standard_deviation_of_normal_values() -> None:
    values = np.random.default_rng(1).normal(10, 3, (4000, 5))
    assert pooled_scale(values) == pytest.approx(3, rel=0.03)
    assert huber_scale(values.ravel() - 10) == pytest.approx(3, rel=0.03)


def test_scales_hold_when_some_values_are_odd() -> None:
    random = np.random.default_rng(2)
    values = random.normal(0, 1, (1000, 5))
    values[:, 0] += 100
    assert pooled_scale(values) < 1.8
    flat = np.append(random.normal(0, 1, 970), np.full(30, 1e6))
    assert huber_scale(flat) < 1.3


def test_huber_scale_solves_its_equation_and_takes_ties() -> None:
    residuals = np.concatenate((np.zeros(60), np.random.default_rng(3).normal(0, 1, 40)))
    scale = huber_scale(residuals)
    assert np.minimum((residuals / scale) ** 2, 6.25).mean() == pytest.approx(0.97759)
    assert huber_scale(np.zeros(5)) == 0
    assert huber_scale(np.array([])) == 0


@given(rows, st.sampled_from((0.001, 3.0, 1e4)), numbers)
def test_locations_move_and_grow_with_the_values(values: Floats, by: float, to: float) -> None:
    scale = pooled_scale(values)
    centre, variance = biweight(values, scale)
    moved, grown = biweight(values * by + to, scale * by)
    assert moved == pytest.approx(centre * by + to, rel=1e-6, abs=1e-6 * max(by, 1))
    assert grown == pytest.approx(variance * by**2, rel=1e-6, abs=1e-12)


def test_biweight_knows_its_own_variance() -> None:
    values = np.random.default_rng(4).normal(0, 2, (3000, 5))
    centre, variance = biweight(values, pooled_scale(values))
    assert variance == pytest.approx(float(centre.var()) * 5, rel=0.1)
    values[:, 3] = 1e9
    assert abs(float(biweight(values, 2.0)[0].mean())) < 0.1


@given(sides, sides)
def test_ranks_do_not_care_which_side_is_first(a: Floats, b: Floats) -> None:
    assert mann_whitney(a, b) == mann_whitney(b, a)
    assert mann_whitney(a, b) == pytest.approx(mann_whitney(-a, -b))


@pytest.mark.parametrize(("m", "n"), [(5, 5), (3, 40), (5, 150), (12, 13), (1, 9)])
@pytest.mark.parametrize("shift", [0.0, 1.0, 4.0])
def test_ranks_agree_with_scipy(m: int, n: int, shift: float) -> None:
    random = np.random.default_rng(m * n)
    a, b = random.normal(shift, 1, m), random.normal(0, 1, n)
    assert mann_whitney(a, b) == pytest.approx(mannwhitneyu(a, b, method="exact").pvalue, rel=1e-9)


def test_ranks_of_large_sides_with_ties_agree_with_scipy() -> None:
    random = np.random.default_rng(6)
    a, b = np.round(random.normal(0.5, 1, 40)), np.round(random.normal(0, 1, 60))
    expected = mannwhitneyu(a, b, method="asymptotic").pvalue
    assert mann_whitney(a, b) == pytest.approx(expected, rel=1e-9)
    assert mann_whitney(np.ones(20), np.ones(20)) == 1
    assert mann_whitney(np.array([]), b) == 1


def test_benjamini_hochberg_gives_the_published_example() -> None:
    # Benjamini and Hochberg 1995, section 4: fifteen p-values, the first four are below 0.05
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
    p += [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    q = benjamini_hochberg(p)
    assert [value <= 0.05 for value in q] == [True] * 4 + [False] * 11
    assert q[0] == pytest.approx(0.0015)


@given(st.lists(st.floats(0, 1), max_size=20))
def test_corrected_values_keep_the_order_and_are_not_smaller(p: list[float]) -> None:
    q = benjamini_hochberg(p)
    assert all(b >= a - 1e-15 for a, b in zip(p, q, strict=True))
    order = np.argsort(p, kind="stable")
    assert (np.diff(np.array(q)[order]) >= 0).all()
