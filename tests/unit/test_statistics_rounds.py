from __future__ import annotations

import numpy as np

from tests.support.series import noise
from tracker.statistics.rounds import without_rounds


def test_what_a_round_did_to_all_commits_is_taken_out() -> None:
    values = noise("drift", 30, 5, 0.01, np.random.default_rng(1))
    cleaned = without_rounds(values).rows
    assert cleaned.std(axis=1).mean() < 0.7 * values.std(axis=1).mean()
    assert np.abs((cleaned - values).mean(axis=1)).max() < 1e-9


def test_a_step_where_the_rounds_change_their_pattern_is_less_certain() -> None:
    borders = without_rounds(noise("drift", 30, 5, 0.01, np.random.default_rng(1))).borders
    assert (borders[[10, 20]] > 0).all()
    assert (borders[[5, 6, 14, 15, 25]] == 0).all()


def test_rows_without_rounds_in_common_come_back_as_they_are() -> None:
    random = np.random.default_rng(2)
    for kind in ("lognormal", "right tail", "slow mode", "two speeds", "builds"):
        values = noise(kind, 30, 5, 0.01, random)
        assert without_rounds(values).rows is values


def test_a_change_survives_the_rounds() -> None:
    values = noise("drift", 30, 5, 0.01, np.random.default_rng(3))
    values[15:] += 0.05
    cleaned = without_rounds(values).rows
    step = np.median(cleaned[15:]) - np.median(cleaned[:15])
    assert abs(step - 0.05) < 0.01


def test_missing_rounds_stay_missing() -> None:
    values = noise("drift", 30, 5, 0.01, np.random.default_rng(4))
    values[3, 1:] = np.nan
    values[10] = np.append(values[10, :2], [np.nan] * 3)
    assert (np.isnan(without_rounds(values).rows) == np.isnan(values)).all()


def test_a_short_series_has_nothing_to_tell_a_round_by() -> None:
    values = noise("drift", 3, 5, 0.01, np.random.default_rng(5))
    assert without_rounds(values).rows is values
