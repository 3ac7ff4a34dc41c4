import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.worker.steadiness import (
    WINDOW,
    median,
    shifted,
    slope,
    spread,
    steady,
    variation,
)

seconds = st.floats(1e-6, 1e3)
curves = st.lists(seconds, min_size=2 * WINDOW, max_size=4 * WINDOW)


@given(st.lists(seconds, min_size=1))
def test_the_median_is_the_median(values: list[float]) -> None:
    assert median(values) == pytest.approx(statistics.median(values))


@given(curves, st.sampled_from([2.0**-10, 0.5, 4.0, 2.0**20]))
def test_units_do_not_matter(curve: list[float], factor: float) -> None:
    assert steady(curve) == steady([value * factor for value in curve])


@given(seconds)
def test_a_flat_curve_is_steady_and_silent(level: float) -> None:
    assert steady([level] * 2 * WINDOW)
    assert variation([level] * 7) == 0


@given(seconds, st.floats(0.8, 0.97))
def test_a_falling_curve_is_not_steady(level: float, factor: float) -> None:
    assert not steady([level * factor**i for i in range(2 * WINDOW)])


def test_too_short_to_tell() -> None:
    assert not steady([1.0] * (2 * WINDOW - 1))
    assert steady([1.0, 1.0], window=1)


def test_noise_alone_becomes_steady_soon() -> None:
    random.seed(1)
    waits = []
    for _ in range(200):
        curve = [random.lognormvariate(0, 0.1) for _ in range(2 * WINDOW)]
        while not steady(curve):
            curve.append(random.lognormvariate(0, 0.1))
        waits.append(len(curve))
    assert statistics.median(waits) < 4 * WINDOW


def test_a_step_is_seen_and_then_forgotten() -> None:
    curve = [2.0] * WINDOW + [1.0] * WINDOW
    assert not steady(curve)
    assert steady([*curve, *[1.0] * WINDOW])


def test_outliers_do_not_count() -> None:
    assert steady([1, 1, 9, 1, 1, 1, 1, 1, 9, 1])
    assert variation([1, 1, 1, 9, 1]) == 0


@given(st.floats(-5, 5), st.floats(-5, 5))
def test_slope_and_spread_of_a_line(start: float, step: float) -> None:
    line = [start + step * i for i in range(7)]
    assert slope(line) == pytest.approx(step, abs=1e-9)
    assert spread([value - step * i for i, value in enumerate(line)]) == pytest.approx(0, abs=1e-9)


def test_another_level_half_way_is_found_at_its_place() -> None:
    noise = random.Random(1)
    samples = [noise.gauss(1.0, 0.01) for _ in range(6)] + [
        noise.gauss(1.4, 0.01) for _ in range(5)
    ]
    assert shifted(samples) == 6
    assert shifted(samples[::-1]) == 5
    assert shifted([10 * sample for sample in samples]) == 6


@given(st.integers(0, 10_000))
def test_noise_alone_has_one_level(seed: int) -> None:
    noise = random.Random(seed)
    assert shifted([noise.gauss(1.0, 0.02) for _ in range(10)]) == 0


@pytest.mark.parametrize("samples", [[], [1.0], [1.0] * 7, [1.0] * 20, [0.0] * 20, [1.0, 2.0] * 8])
def test_what_has_no_shift(samples: list[float]) -> None:
    assert shifted(samples) == 0
