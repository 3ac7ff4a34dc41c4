"""Slow slides are told from steps, and from noise."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.series import NOISES, noise
from tracker.statistics.arrays import Floats
from tracker.statistics.changes import Steps, find_steps
from tracker.statistics.noise import units
from tracker.statistics.rounds import without_rounds

SEEDS = st.integers(0, 2**32 - 1)


def judged(values: Floats) -> Steps:
    found = units(without_rounds(values))
    return find_steps(found, alpha=0.01, practical=float(np.log(1.01)))


def quiet(seed: int, commits: int = 120, kind: str = "lognormal") -> Floats:
    return noise(kind, commits, 5, 0.01, np.random.default_rng(seed))


def slid(values: Floats, total: float, start: int, stop: int) -> Floats:
    share = np.clip((np.arange(len(values)) - start) / (stop - start), 0, 1)
    return values + total * share[:, None]


@pytest.mark.parametrize(
    ("total", "start", "stop"), [(0.1, 40, 80), (-0.1, 10, 110), (0.06, 0, 119)]
)
def test_a_slide_is_one_drift_and_no_step(total: float, start: int, stop: int) -> None:
    covered = 0
    for seed in range(5):
        found = judged(slid(quiet(seed), total, start, stop))
        (drift,) = found.drifts
        assert found.steps == (None,)
        assert drift.total.step == pytest.approx(total, rel=0.2)
        covered += drift.total.low < total < drift.total.high
        assert abs(drift.start - start) <= 10
        assert abs(drift.stop - stop) <= 10
        before, after = found.levels
        assert (before.start, before.stop, after.stop) == (0, drift.stop, 120)
    assert covered >= 3


def test_a_step_beside_a_slide_stays_a_step() -> None:
    values = slid(quiet(3, 200), 0.1, 20, 80)
    values[140:] -= 0.05
    found = judged(values)
    assert [step is None for step in found.steps] == [True, False]
    assert found.levels[-1].start == 140


@given(seed=SEEDS, by=st.floats(0.02, 0.2), at=st.integers(5, 115))
@settings(max_examples=50)
def test_a_step_is_no_drift(seed: int, by: float, at: int) -> None:
    values = quiet(seed)
    values[at:] += by
    assert not judged(values).drifts


@pytest.mark.parametrize("steps", [{40: 0.03, 70: 0.03}, {30: 0.02, 60: 0.02, 90: 0.02}])
def test_a_few_steps_one_way_are_no_drift(steps: Mapping[int, float]) -> None:
    for seed in range(5):
        values = quiet(seed)
        for at, by in steps.items():
            values[at:] += by
        found = judged(values)
        assert not found.drifts
        assert len(found.steps) == len(steps)


def test_a_step_between_two_batches_is_no_drift() -> None:
    for seed in range(10):
        values = quiet(seed, kind="drift")
        values[30:] += 0.02
        assert not judged(values).drifts


@pytest.mark.parametrize("kind", NOISES)
def test_noise_does_not_drift(kind: str) -> None:
    assert not any(judged(quiet(seed, 60, kind)).drifts for seed in range(20))


@given(seed=SEEDS, shift=st.floats(-5, 5))
@settings(max_examples=20)
def test_units_and_signs_do_not_matter(seed: int, shift: float) -> None:
    values = slid(quiet(seed, 60), 0.1, 10, 50)
    places = [(one.start, one.stop) for one in judged(values).drifts]
    assert [(one.start, one.stop) for one in judged(values + shift).drifts] == places
    assert [(one.start, one.stop) for one in judged(-values).drifts] == places
