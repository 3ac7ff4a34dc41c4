"""The next second goes where the variance is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.statistics.allocation import Levels, levels, samples_a_process


def test_both_levels_are_found_again() -> None:
    random = np.random.default_rng(1)
    rows = [random.normal(random.normal(0, 0.02), 0.01, 40) for _ in range(1000)]
    found = levels(rows)
    assert found is not None
    assert found.between == pytest.approx(0.02**2, rel=0.2)
    assert found.within == pytest.approx(0.01**2, rel=0.1)


def test_too_few_processes_tell_nothing() -> None:
    assert levels([np.array([1.0, 2.0])] * 2) is None
    assert levels([np.array([1.0])] * 9) is None


@pytest.mark.parametrize(
    ("between", "within", "expected"),
    [(1e-4, 1e-4, 10), (1e-4, 0.0, 3), (0.0, 1e-4, 200), (1e-4, 1e-6, 3)],
)
def test_the_published_formula(between: float, within: float, expected: int) -> None:
    """ceil(sqrt(start / sample * within / between)): Kalibera and Jones, ISMM 2013, section 7.3."""
    of = Levels(between=between, within=within)
    assert samples_a_process(of, start=0.1, sample=0.001) == expected


@given(st.floats(1e-8, 1e-2), st.floats(1e-8, 1e-2), st.floats(1e-3, 10), st.floats(1e-4, 1))
def test_dearer_processes_get_more_samples(
    between: float, within: float, start: float, sample: float
) -> None:
    of = Levels(between=between, within=within)
    cheap = samples_a_process(of, start=start, sample=sample)
    assert samples_a_process(of, start=2 * start, sample=sample) >= cheap >= 3
