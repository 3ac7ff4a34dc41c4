"""A change and its revert belong together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from tests.support.series import POLICY, coordinate, history, noise
from tests.support.values import commit
from tracker.findings.detection import analyse
from tracker.model.findings import Finding, FindingKind
from tracker.model.series import History


def stepped(name: str, steps: Mapping[int, float], seed: int = 7) -> History:
    """Forty commits; from each place on that many times as much."""
    values = noise("lognormal", 40, 5, 0.01, np.random.default_rng(seed))
    for at, factor in steps.items():
        values[at:] += np.log(factor)
    return history(0.008 * np.exp(values), coordinate(name))


def by_commit(*histories: History) -> dict[str, Finding]:
    return {finding.commit: finding for finding in analyse(histories, POLICY).findings}


def test_a_revert_names_what_it_takes_back() -> None:
    found = by_commit(stepped("parse", {10: 1.2, 20: 1 / 1.2}), stepped("load", {10: 1.1}, 8))
    assert found[commit(10).sha].takes_back == ""
    revert = found[commit(20).sha]
    assert revert.kind is FindingKind.improvement
    assert revert.takes_back == commit(10).sha


def test_what_came_between_may_stay_or_go() -> None:
    found = by_commit(stepped("parse", {10: 1.2, 20: 1.3, 30: 1 / (1.2 * 1.3)}))
    assert found[commit(30).sha].takes_back == commit(10).sha


@pytest.mark.parametrize("back", [1 / 1.05, 1 / 1.4])
def test_to_another_level_is_no_revert(back: float) -> None:
    found = by_commit(stepped("parse", {10: 1.2, 20: back}))
    assert found[commit(20).sha].takes_back == ""


def test_one_series_of_many_makes_no_revert() -> None:
    series = [stepped("parse", {10: 1.2, 20: 1 / 1.2})]
    series += [stepped(f"load-{seed}", {20: 1.3}, seed) for seed in range(3)]
    assert by_commit(*series)[commit(20).sha].takes_back == ""
