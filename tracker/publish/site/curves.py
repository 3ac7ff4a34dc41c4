"""The scaling curves of each benchmark, for its page. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from tracker.publish.contents import Series
from tracker.publish.report import Report
from tracker.publish.scaling.contents import ScalingCurve
from tracker.publish.scaling.html import curve_page
from tracker.publish.scaling.words import head, row


def curves(report: Report) -> Mapping[str, Sequence[dict[str, Any]]]:
    """Name of each benchmark that has curves -> what its page shows of them."""
    known = {one.series: one for one in report.series}
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for curve in report.curves:
        benchmark = next(known[rung.series].coordinate.benchmark for rung in curve.measured)
        found[benchmark].append(_curve(curve, known, report))
    return found


def _curve(curve: ScalingCurve, known: Mapping[str, Series], report: Report) -> dict[str, Any]:
    """The rows of its table lead to their series on the same page."""
    rows = [
        (known[rung.series].short if rung.series in known else None, row(rung))
        for rung in curve.rungs
    ]
    return curve_page(curve, report, head(curve), rows)
