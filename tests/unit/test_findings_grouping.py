"""All cells that a commit touches are corrected together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tests.support.series import POLICY, coordinate, history
from tracker.findings.grouping import change_findings
from tracker.model.cells import Coordinate
from tracker.model.findings import ChangePoint, Finding, Judgement, Outcome, Verdict
from tracker.model.series import History

VALUES = np.full((6, 5), 1e-3)


def changed(p: Sequence[float | None], *, at: int = 3) -> list[tuple[History, Judgement]]:
    """Series of timings, one for each p-value of a change at a commit; None: it did not change."""
    return [judged(coordinate(f"b{number}"), one, at) for number, one in enumerate(p)]


def judged(of: Coordinate, p: float | None, at: int) -> tuple[History, Judgement]:
    one = history(VALUES, of)
    effect = 0.02
    width = 0.0 if of.exact else 0.01
    verdict = Verdict(
        outcome=Outcome.slower,
        effect=effect,
        low=effect - width,
        high=effect + width,
        mde=0.02,
        p=p or 0.0,
    )
    change = ChangePoint(index=at, verdict=verdict, before=1e-3, after=1.02e-3)
    return one, Judgement(
        series=one.series,
        changes=() if p is None else (change,),
        levels=(),
        noise=0.0 if of.exact else 0.01,
        mde=0.02,
    )


def found(pairs: Sequence[tuple[History, Judgement]]) -> list[Finding]:
    return change_findings(
        [one for one, _ in pairs], {judgement.series: judgement for _, judgement in pairs}, POLICY
    )


def qs(finding: Finding) -> dict[str, float | None]:
    return {effect.title.partition("[")[0]: effect.q for effect in finding.effects}


def test_q_counts_every_series_that_was_measured_at_the_commit() -> None:
    (finding,) = found(changed([0.002, 0.01, None, None]))
    # p m / rank: 0.002 * 4 / 1 and 0.01 * 4 / 2
    assert qs(finding) == pytest.approx({"b0": 0.008, "b1": 0.02})
    (alone,) = found(changed([0.002]))
    assert qs(alone) == pytest.approx({"b0": 0.002})


def test_a_larger_p_never_has_the_smaller_q() -> None:
    (finding,) = found(changed([0.0099, 0.01, None]))
    assert qs(finding) == pytest.approx({"b0": 0.015, "b1": 0.015})


def test_what_many_quiet_series_drown_is_no_effect_of_the_finding() -> None:
    (finding,) = found(changed([1e-6, 0.008, *[None] * 18]))
    assert qs(finding) == pytest.approx({"b0": 2e-5})


def test_commits_are_corrected_apart() -> None:
    first, second = changed([0.002, 0.01])[0], judged(coordinate("b1"), 0.01, 4)
    by_commit = {finding.commit: qs(finding) for finding in found([first, second])}
    assert sorted(by_commit.values(), key=str) == [
        pytest.approx({"b0": 0.004}),
        pytest.approx({"b1": 0.02}),
    ]


def test_an_exact_count_is_no_test_and_makes_none_stricter() -> None:
    count = judged(coordinate("b9", metric="instructions", exact=True), 0.0, 3)
    (finding,) = found([*changed([0.002, None]), count])
    assert qs(finding) == pytest.approx({"b0": 0.004, "b9": 0.0})
