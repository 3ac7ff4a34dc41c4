"""A report as one HTML file that opens offline and asks nothing of any network.

The page gets everything that it shows as text made here, so that a number reads the same in
every form of a report; its scripts draw, filter and sort. Script, style and the chart library
lie in ``assets/`` as they are, and are put into the page with a policy that allows nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from importlib.resources import files
from typing import Any

from tracker.model.findings import ChangePoint, Drift, Effect, Finding
from tracker.model.quality import badge
from tracker.publish.contents import Failure, Series, bad
from tracker.publish.report import Report
from tracker.publish.sentences import (
    called,
    change,
    closing,
    command,
    failure_lines,
    magnitude,
    remarks,
    since_first,
    status,
    verdict,
)
from tracker.publish.spots import Spot
from tracker.publish.wording import (
    ago,
    counted,
    interval,
    percent,
    quantity,
    scale_for,
    smallest_seen,
    step,
)

_ASSETS = files("tracker.publish") / "assets"
_SCRIPTS = ("uPlot.iife.min.js", "elements.js", "chart.js", "series.js", "page.js")
_STYLES = ("uPlot.min.css", "page.css")
#: raw values are whole numbers of this share of the largest value: finer than any chart shows
_GRAIN = 1e-5


def render(report: Report) -> str:
    """The whole page."""
    scripts = [_asset(name) for name in _SCRIPTS]
    parts = {
        "title": html.escape(f"{report.project}: {verdict(report)}"),
        "policy": html.escape(_policy(scripts)),
        "licence": _asset("uPlot.LICENSE.txt").replace("--", "- -"),
        "styles": "".join(f"<style>\n{_asset(name)}</style>\n" for name in _STYLES),
        "scripts": "".join(f"<script>{script}</script>\n" for script in scripts),
        "data": embedded(page(report)),
    }
    # one pass: a placeholder inside of a value stays what it is
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _asset("page.html"))


def embedded(value: Any) -> str:
    """JSON that stands inside of a script element: nothing in it can end that element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


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
    return {
        "project": report.project,
        "verdict": verdict(report),
        "about": _about(report),
        "closing": list(closing(report)),
        "warnings": list(report.warnings),
        "failures": list(failure_lines(report)),
        "facts": _provenance(report),
        "commits": [
            [
                commit.sha,
                commit.label,
                commit.subject,
                commit.author,
                f"{commit.authored_at:%Y-%m-%d}",
                report.url(commit),
            ]
            for commit in report.commits
        ],
        "findings": [_finding(finding, report, index, series_index) for finding in report.findings],
        "events": [
            [index[event.commit], event.kind, event.text]
            for event in report.events
            if event.commit in index
        ],
        "broken": [
            [index[sha], failure.reason]
            for failure in report.failures
            if not failure.title
            for sha in failure.commits
        ],
        "series": [_series(one, report, index) for one in report.series],
    }


def _about(report: Report) -> list[str]:
    parts = [
        counted(len(report.commits), "commit"),
        counted(len(report.series), "series", "series"),
        f"suite {report.suite_name}",
        f"machine {report.machine.name}",
    ]
    if report.run:
        how = "" if report.run.state in ("finished", "running") else f", {report.run.state}"
        parts.append(f"measured {report.run.started_at:%Y-%m-%d %H:%M} UTC{how}")
    return parts


def _provenance(report: Report) -> list[tuple[str, str]]:
    rows = [("suite hash", report.suite.hash)]
    if run := report.run:
        rows += [("command", command(run)), ("tracker", run.tool_version)]
        rows.append(("started", f"{run.started_at:%Y-%m-%d %H:%M:%S} UTC"))
        if run.finished_at:
            rows.append(("finished", f"{run.finished_at:%Y-%m-%d %H:%M:%S} UTC ({run.state})"))
    rows.append(("report made", f"{report.generated_at:%Y-%m-%d %H:%M} UTC"))
    return rows + sorted(report.machine.facts.items())


def _finding(
    finding: Finding, report: Report, index: dict[str, int], series_index: dict[str, int]
) -> dict[str, Any]:
    commit = report.commit(finding.commit)
    return {
        "kind": called(finding),
        "tone": "bad" if bad(finding) else _tone(finding.headline),
        "commit": index[finding.commit],
        "ago": ago(commit.authored_at, report.generated_at),
        "status": status(finding),
        "magnitude": magnitude(finding),
        "remarks": list(remarks(finding, report)),
        "effects": [
            [
                series_index.get(effect.series, -1),
                report.name_of(effect),
                *change(effect),
                _tone(effect),
            ]
            for effect in finding.effects
        ],
    }


def _tone(effect: Effect) -> str:
    if effect.verdict is None:
        return "note"
    return {"faster": "good", "slower": "bad"}.get(effect.verdict.outcome.value, "note")


def _series(one: Series, report: Report, index: dict[str, int]) -> dict[str, Any]:
    spots = [(number, spot) for number, spot in enumerate(one.spots) if spot.commit in index]
    measured = [spot for _, spot in spots if spot.value is not None]
    values = [spot.value for spot in measured if spot.value is not None]
    largest = max((abs(value) for value in values), default=0.0)
    unit = one.coordinate.unit
    scale = scale_for(largest, unit)
    grain = _GRAIN * (max((abs(v) for spot in measured for v in spot.values), default=0.0) or 1.0)
    at = {number: index[spot.commit] for number, spot in spots}
    return {
        "id": one.series[:12],
        "name": one.name,
        "title": one.title,
        "metric": one.coordinate.metric,
        "variant": ", ".join(filter(None, (one.variant, badge(one.coordinate.dataset)))),
        "better": one.coordinate.direction.value,
        "symbol": scale.symbol,
        "last": quantity(values[-1], unit) if values else "",
        "since": since_first(one),
        "noise": "" if one.noise is None else percent(one.noise, sign=False),
        "mde": smallest_seen(one.mde, exact=one.coordinate.exact),
        # last, since, noise, mde as numbers: what the table is sorted by
        "sort": [values[-1] if values else None, one.since_first, one.noise, one.mde],
        "facts": one.facts,
        "grain": grain / scale.size,
        "at": [index[spot.commit] for spot in measured],
        "values": [_shortened(value / scale.size, exact=one.coordinate.exact) for value in values],
        "raw": [_offsets(spot, grain) for spot in measured],
        "levels": [[at[number], _rounded(value / scale.size)] for number, value in one.levels],
        "changes": [_change(one, change, at[change.index]) for change in one.changes],
        # from and to, the levels there, and the words of a change
        "drifts": [
            [
                at[drift.first],
                at[drift.last],
                _rounded(drift.before / scale.size),
                _rounded(drift.after / scale.size),
                _change(one, drift, at[drift.last]),
            ]
            for drift in one.drifts
        ],
        "failed": [
            [at[number], spot.state.value.replace("-", " "), spot.reason]
            for number, spot in spots
            if not spot.state.has_values
        ],
        "failures": [
            _failing(failure, report) for failure in report.failures if failure.title == one.title
        ],
    }


def _offsets(spot: Spot, grain: float) -> list[int]:
    """Ends of the interval and the raw values, as whole grains from the median."""
    assert spot.value is not None and spot.low is not None and spot.high is not None  # noqa: S101, PT018  measured
    return [round((value - spot.value) / grain) for value in (spot.low, spot.high, *spot.values)]


def _shortened(value: float, *, exact: bool) -> float:
    return float(f"{value:.15g}") if exact else _rounded(value)


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")


def _change(one: Series, change: ChangePoint | Drift, at: int) -> list[Any]:
    found = change.verdict
    return [
        at,
        percent(found.effect),
        "" if found.low == found.high else interval(found.low, found.high),
        step(change.before, change.after, one.coordinate.unit),
        {"faster": "good", "slower": "bad"}.get(found.outcome.value, "note"),
    ]


def _failing(failure: Failure, report: Report) -> str:
    labels = [report.commit(sha).label for sha in failure.commits]
    return f"{failure.state.value.replace('-', ' ')} at {', '.join(labels)}: {failure.reason}"
