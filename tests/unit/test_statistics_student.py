from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import stdtr, stdtrit

from tracker.statistics.student import upper_quantile, upper_tail

freedoms = st.floats(1, 10_000)


@given(st.floats(0, 50), freedoms)
def test_tails_are_scipys(t: float, freedom: float) -> None:
    assert upper_tail(t, freedom) == pytest.approx(float(stdtr(freedom, -t)), rel=1e-9, abs=1e-280)


@given(st.floats(1e-12, 0.5), freedoms)
def test_quantiles_are_scipys(tail: float, freedom: float) -> None:
    expected = -float(stdtrit(freedom, tail))
    assert upper_quantile(tail, freedom) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_ends_of_the_distribution() -> None:
    assert upper_tail(0, 3) == 0.5
    assert upper_tail(1e-200, 3) == 0.5
    assert upper_tail(1e200, 3) == upper_tail(inf, 3) == 0.0
    assert upper_quantile(0.5, 3) == 0.0
