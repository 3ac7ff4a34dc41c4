"""What stored histories say of a line before anything is asked. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import log

import numpy as np

from tracker.findings.judging import deterministic
from tracker.findings.line import Counts
from tracker.findings.samples import samples
from tracker.model.commits import Commit
from tracker.model.series import History
from tracker.statistics.search import prior_of_points


def known_counts(histories: Sequence[History]) -> Counts:
    """The counts of builds, where all processes agree."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for history in histories:
        if deterministic(history, samples(history.points)):
            for point in history.points:
                if point.values:
                    found[history.coordinate.metric][point.build] = point.values[0]
    return dict(found)


def prior(
    histories: Sequence[History], metric: str, base: Commit, commits: Sequence[Commit]
) -> tuple[float, ...]:
    """How likely each commit is to have changed a metric; of the series with most points."""
    timed = [one for one in histories if one.coordinate.metric == metric]
    levels: dict[str, float] = {}
    for history in timed:
        known = {
            point.commit.sha: log(float(np.median(point.values)))
            for point in history.points
            if point.values and min(point.values) > 0
        }
        levels = max(levels, known, key=len)
    points = [levels.get(commit.sha) for commit in (base, *commits)]
    return tuple(prior_of_points(points).tolist())
