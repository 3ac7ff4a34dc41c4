"""New commits are judged with what was measured before them, and shown without."""

from __future__ import annotations

import numpy as np

from tests.support.series import POLICY, history, noise
from tests.support.values import commit
from tracker.findings.context import cropped
from tracker.findings.detection import Analysis, analyse
from tracker.model.series import History
from tracker.statistics.arrays import Floats

COMMITS = 40


def stepped(*starts: int) -> Floats:
    """Values around 8 ms, a tenth more from each start on."""
    values = noise("lognormal", COMMITS, 5, 0.01, np.random.default_rng(3))
    for start in starts:
        values[start:] += np.log(1.1)
    return 0.008 * np.exp(values)


def shown(values: Floats, first: int) -> tuple[tuple[History, ...], Analysis]:
    """What is said of the commits from ``first`` on."""
    histories = [history(values)]
    return cropped(
        histories, analyse(histories, POLICY), [commit(at) for at in range(first, COMMITS)]
    )


def test_the_first_of_the_new_commits_is_held_against_the_last_of_the_old() -> None:
    (one,), analysis = shown(stepped(38), 38)
    (finding,) = analysis.findings
    assert (finding.commit, finding.after) == (commit(38).sha, commit(37).sha)
    judgement = analysis.judgements[one.series]
    assert [change.index for change in judgement.changes] == [0]
    assert [start for start, _ in judgement.levels] == [0]
    assert len(one.points) == 2


def test_what_is_older_was_told_before() -> None:
    (one,), analysis = shown(stepped(10, 35), 20)
    assert [finding.commit for finding in analysis.findings] == [commit(35).sha]
    judgement = analysis.judgements[one.series]
    assert [change.index for change in judgement.changes] == [15]
    levels = dict(judgement.levels)
    assert sorted(levels) == [0, 15]
    assert levels[0] < levels[15]


def test_a_series_that_ended_before_is_left_out() -> None:
    old = history(stepped()[:10])
    assert cropped([old], analyse([old], POLICY), [commit(at) for at in range(20, 30)])[0] == ()


def test_without_older_commits_nothing_is_cropped() -> None:
    histories = [history(stepped(20))]
    analysis = analyse(histories, POLICY)
    every = [commit(at) for at in range(COMMITS)]
    assert cropped(histories, analysis, every) == (tuple(histories), analysis)
