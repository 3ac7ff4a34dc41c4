"""A report as one HTML file that opens offline and asks nothing of any network.

The page gets everything that it shows as text made here, so that a number reads the same in
every form of a report; its scripts draw, filter and sort. Script, style and the chart library
lie in ``assets/`` as they are, and are put into the page with a policy that allows nothing else.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from tracker.publish import drawn
from tracker.publish.frames import drawing_parts, embedded, filled
from tracker.publish.report import Report
from tracker.publish.scaling.contents import ScalingCurve
from tracker.publish.scaling.html import curve_page
from tracker.publish.scaling.words import head, row
from tracker.publish.sentences import closing, failure_lines, verdict
from tracker.publish.wording import ago

_SCRIPTS = (
    *("uPlot.iife.min.js", "elements.js", "chart.js", "theme.js", "series.js", "table.js"),
    *("cards.js", "curves.js", "dialog.js", "page.js"),
)
_STYLES = ("uPlot.min.css", "page.css")


def render(report: Report) -> str:
    """The whole page."""
    parts = {
        "title": html.escape(f"{report.project}: {verdict(report)}"),
        "data": embedded(page(report)),
        **drawing_parts(_SCRIPTS, _STYLES),
    }
    return filled("page.html", parts)


def page(report: Report) -> dict[str, Any]:
    """What the page shows, compact: commits and series are named by their index."""
    index = {commit.sha: number for number, commit in enumerate(report.commits)}
    series_index = {one.series: number for number, one in enumerate(report.series)}
    made = ("report made", f"{report.generated_at:%Y-%m-%d %H:%M} UTC")
    return {
        "project": report.project,
        "verdict": verdict(report),
        "about": drawn.about(report),
        "closing": list(closing(report)),
        "warnings": list(report.warnings),
        "failures": list(failure_lines(report)),
        "facts": [*drawn.provenance(report), made],
        "commits": [drawn.commit(commit, report) for commit in report.commits],
        "findings": [
            drawn.finding(finding, report, index, series_index)
            | {"ago": ago(report.commit(finding.commit).authored_at, report.generated_at)}
            for finding in report.findings
        ],
        "events": drawn.events(report, index),
        "broken": drawn.broken(report, index),
        "series": [drawn.series(one, report, index) for one in report.series],
        "curves": [_curve(curve, report, index, series_index) for curve in report.curves],
    }


def _curve(
    curve: ScalingCurve, report: Report, index: Mapping[str, int], series_index: Mapping[str, int]
) -> dict[str, Any]:
    """A curve, the rows of its table leading to their series."""
    rows = [(series_index.get(rung.series), row(rung)) for rung in curve.rungs]
    return curve_page(curve, report, head(curve), rows) | {"commit": index.get(curve.commit, -1)}
