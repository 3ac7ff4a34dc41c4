"""Evidence over all that was looked at, with the points of one curve asked together. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

import numpy as np

from tracker.model.findings import Verdict
from tracker.statistics.multiplicity import benjamini_hochberg, holm
from tracker.statistics.scaling import common_change


def corrected(
    verdicts: Mapping[str, Verdict], looked: Collection[str], curve_of: Mapping[str, object]
) -> dict[str, float]:
    """The q-value of each series that changed at a commit.

    A curve counts once, however many sizes were measured: it is asked whether its points changed
    together, and each point whether it changed alone, by Holm's method, so that neither a small
    change of all nor one of a single point is lost. Curves and single series are then corrected
    together (Benjamini and Hochberg); q of a point is the larger of the two (as in Benjamini and
    Bogomolov, JRSS B 2014, section 3).

    Args:
        verdicts: series -> its verdict.
        looked: all series that were measured there; those without a verdict did not change.
        curve_of: series -> the curve that it is a point of, where it is one.
    """
    members: dict[object, list[str]] = defaultdict(list)
    for series in dict.fromkeys((*verdicts, *looked)):
        members[curve_of.get(series, series)].append(series)
    adjusted = [_within(points, verdicts) for points in members.values()]
    of_members = benjamini_hochberg([min(points.values()) for points in adjusted])
    return {
        series: max(of_member, p)
        for of_member, points in zip(of_members, adjusted, strict=True)
        for series, p in points.items()
        if series in verdicts
    }


def _within(points: list[str], verdicts: Mapping[str, Verdict]) -> dict[str, float]:
    """The p-value of each point of a curve, corrected over the curve."""
    told = [verdicts.get(series) for series in points]
    own = [1.0 if verdict is None else verdict.p for verdict in told]
    if len(points) == 1:
        return dict(zip(points, own, strict=True))
    ways = [0.0 if verdict is None else float(np.sign(verdict.effect)) for verdict in told]
    together, way = common_change(np.array(own), np.array(ways))
    all_together, *alone = holm([together, *own])
    return {
        series: min(p, all_together) if its_way == way else p
        for series, p, its_way in zip(points, alone, ways, strict=True)
    }
