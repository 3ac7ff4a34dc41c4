"""A report as one HTML file that opens offline and asks nothing of any network.

The page gets everything that it shows as text made here, so that a number reads the same in
every form of a report; its scripts draw, filter and sort. Script, style and the chart library
lie in ``assets/`` as they are, and are put into the page with a policy that allows nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import html
from typing import Any

from tracker.publish import drawn
from tracker.publish.frames import asset, embedded, filled
from tracker.publish.report import Report
from tracker.publish.scaling.html import curve_page
from tracker.publish.sentences import closing, failure_lines, verdict
from tracker.publish.wording import ago

_SCRIPTS = (
    *("uPlot.iife.min.js", "elements.js", "chart.js", "theme.js", "series.js", "table.js"),
    *("cards.js", "curves.js", "dialog.js", "page.js"),
)
_STYLES = ("uPlot.min.css", "page.css")


def render(report: Report) -> str:
    """The whole page."""
    scripts = [asset(name) for name in _SCRIPTS]
    parts = {
        "title": html.escape(f"{report.project}: {verdict(report)}"),
        "policy": html.escape(_policy(scripts)),
        "licence": asset("uPlot.LICENSE.txt").replace("--", "- -"),
        "styles": "".join(f"<style>\n{asset(name)}</style>\n" for name in _STYLES),
        "scripts": "".join(f"<script>{script}</script>\n" for script in scripts),
        "data": embedded(page(report)),
    }
    return filled("page.html", parts)


def _policy(scripts: list[str]) -> str:
    """Content-Security-Policy: these scripts and styles, no connection of any kind."""
    hashes = (
        base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts
    )
    allowed = " ".join(f"'sha256-{one}'" for one in hashes)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'"
    )


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
        "curves": [curve_page(curve, report, index, series_index) for curve in report.curves],
    }
