"""The scores of the figure on histories, and that its series are what they are said to be."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.histories import corpora
from benchmarks.histories.corpora import Series
from benchmarks.histories.noise import KINDS, OTHERS, factors
from benchmarks.histories.peers import weighted_t
from benchmarks.histories.scoring import counted, delay, difference, f1, matched


def test_a_place_belongs_to_one_change_the_nearest_first() -> None:
    assert matched([10, 12], [11]) == ({10}, {11})
    assert matched([10, 13], [12, 11]) == ({10, 13}, {11, 12})
    assert matched([14], [11]) == (set(), set())


def test_a_faint_change_counts_neither_way() -> None:
    series = Series(kind="", group="", values=np.ones(50), changes=(20,), faint=(30,))
    assert counted([series] * 3, [[20, 31], [20], [40]]).tolist() == [
        [1, 0, 0],
        [1, 0, 0],
        [0, 1, 1],
    ]


def test_f1_and_its_difference() -> None:
    counts = np.array([[2, 0, 0], [0, 1, 1]])
    assert f1(counts) == pytest.approx(2 / 3)
    assert difference(counts, counts) == (0.0, 0.0)


def test_a_delay_is_counted_from_the_change_on() -> None:
    assert delay(40, [[], [10], [41], []], missed=30) == 3
    assert delay(40, [[], []], missed=30) == 30


@pytest.mark.parametrize("kind", KINDS + OTHERS)
def test_noise_is_around_one_at_its_scale(kind: str) -> None:
    values, worth = factors(kind, 4000, 0.01, np.random.default_rng(1))
    assert np.median(values) == pytest.approx(1, abs=0.03)
    assert worth >= 0.9


def test_changes_keep_their_distance_and_are_the_same_for_a_seed() -> None:
    first, again = (corpora.changed(KINDS, 20, 5) for _ in range(2))
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.values, other.values)
        places = sorted((*one.changes, *one.faint))
        assert np.diff([0, *places, len(one.values)]).min() >= corpora.APART


def test_the_weighted_t_finds_a_clear_step() -> None:
    values = np.random.default_rng(2).normal(1, 0.01, 100)
    values[50:] += 0.1
    assert weighted_t(values) == [50]
