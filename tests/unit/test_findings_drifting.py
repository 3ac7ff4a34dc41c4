"""A slow slide is one finding over the series that slid along."""

from __future__ import annotations

import numpy as np

from tests.support.series import POLICY, coordinate, history, noise
from tests.support.values import commit
from tracker.findings.context import cropped
from tracker.findings.detection import Analysis, analyse
from tracker.model.findings import Finding, FindingKind, Outcome
from tracker.model.series import History


def slid(name: str, start: int, stop: int, total: float = 0.1, seed: int = 4) -> History:
    values = noise("lognormal", 100, 5, 0.01, np.random.default_rng(seed))
    values += total * np.clip((np.arange(100) - start) / (stop - start), 0, 1)[:, None]
    return history(0.008 * np.exp(values), coordinate(name))


def drifts(analysis: Analysis) -> list[Finding]:
    assert all(one.kind is FindingKind.drift for one in analysis.findings)
    return list(analysis.findings)


def test_series_that_slide_together_are_one_finding() -> None:
    (finding,) = drifts(
        analyse([slid("parse", 30, 70), slid("load", 32, 72, 0.15, seed=5)], POLICY)
    )
    assert [effect.title for effect in finding.effects] == ["load[size=8]", "parse[size=8]"]
    verdict = finding.headline.verdict
    assert verdict
    assert verdict.outcome is Outcome.slower
    assert finding.is_worse
    positions = {commit(at).sha: at for at in range(100)}
    assert abs(positions[finding.after] - 32) <= 8
    assert abs(positions[finding.commit] - 72) <= 8


def test_slides_of_other_times_are_others() -> None:
    found = drifts(analyse([slid("parse", 5, 40), slid("load", 55, 95, seed=5)], POLICY))
    assert len(found) == 2


def test_what_got_better_slowly_is_no_bad_news() -> None:
    (finding,) = drifts(analyse([slid("parse", 30, 70, -0.1)], POLICY))
    assert not finding.is_worse


def test_a_drift_that_goes_on_is_told_with_its_new_commits() -> None:
    histories = [slid("parse", 30, 99)]
    commits = [commit(at) for at in range(90, 100)]
    (one,), analysis = cropped(histories, analyse(histories, POLICY), commits)
    (finding,) = drifts(analysis)
    assert finding.after not in {point.commit.sha for point in one.points}
    (drift,) = analysis.judgements[one.series].drifts
    assert drift.first == 0
    assert 0.0085 < drift.before < drift.after
