"""What the scripts of pages draw, as compact JSON values: the same for a report and for a site.

Commits and series are named by keys, which the page chooses: their index in lists of its own, or
what a file of its own is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tracker.model.commits import Commit
from tracker.model.findings import ChangePoint, Drift, Effect, Finding, Verdict
from tracker.model.quality import badge
from tracker.publish.contents import Failure, Series, bad
from tracker.publish.members import members
from tracker.publish.report import Report
from tracker.publish.sentences import (
    called,
    change,
    command,
    magnitude,
    remarks,
    since_first,
    status,
)
from tracker.publish.spots import Spot
from tracker.publish.wording import (
    counted,
    interval,
    percent,
    quantity,
    scale_for,
    smallest_seen,
    step,
)

#: how a page names a commit or a series
Key = int | str

#: raw values are whole numbers of this share of the largest value: finer than any chart shows
_GRAIN = 1e-5
#: effects of a finding on its card
_SHOWN = 4


def about(report: Report) -> list[str]:
    """What a report is of: commits, series, suite, machine, when it was measured."""
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


def provenance(report: Report) -> list[tuple[str, str]]:
    """Where the newest values come from: (name, value)."""
    rows = [("suite hash", report.suite.hash)]
    if run := report.run:
        rows += [("command", command(run)), ("tracker", run.tool_version)]
        rows.append(("started", f"{run.started_at:%Y-%m-%d %H:%M:%S} UTC"))
        if run.finished_at:
            rows.append(("finished", f"{run.finished_at:%Y-%m-%d %H:%M:%S} UTC ({run.state})"))
    return rows + sorted(report.machine.facts.items())


def events(report: Report, commits: Mapping[str, Key]) -> list[tuple[Key, str, str]]:
    """Where the environment or the machine changed: commit, which of them, how."""
    return [
        (commits[event.commit], event.kind, event.text)
        for event in report.events
        if event.commit in commits
    ]


def broken(report: Report, commits: Mapping[str, Key]) -> list[tuple[Key, str]]:
    """Commits that do not build, and why."""
    return [
        (commits[sha], failure.reason)
        for failure in report.failures
        if not failure.title
        for sha in failure.commits
    ]


def commit(of: Commit, report: Report) -> list[str]:
    return [
        of.sha,
        of.label,
        of.subject,
        of.author,
        f"{of.authored_at:%Y-%m-%d}",
        report.url(of),
    ]


def finding(
    of: Finding, report: Report, commits: Mapping[str, Key], series: Mapping[str, Key]
) -> dict[str, Any]:
    """A finding as a card shows it.

    Args:
        commits: SHA -> key of the commit.
        series: series -> its key; those of the report.
    """
    every = members(of, report.name_of)
    return {
        "kind": called(of),
        "tone": tone(of),
        "commit": commits[of.commit],
        "status": status(of),
        "magnitude": magnitude(of),
        "remarks": list(remarks(of, report)),
        "effects": [
            [
                series.get(member.effects[0].series),
                member.name,
                *member.words,
                _tone(member.effects[0]),
                [
                    [
                        series.get(effect.series),
                        report.name_of(effect),
                        *change(effect),
                        _tone(effect),
                    ]
                    for effect in member.points
                ],
            ]
            for member in every[:_SHOWN]
        ],
        "more": max(0, len(every) - _SHOWN),
    }


def tone(of: Finding) -> str:
    """Whether a finding is ``good``, ``bad``, or a ``note``."""
    if bad(of):
        return "bad"
    return _tone(of.headline)


def _tone(effect: Effect) -> str:
    return sense(effect.verdict) if effect.verdict else "note"


def sense(verdict: Verdict) -> str:
    """Whether a change is ``good``, ``bad``, or neither: a ``note``."""
    return {"faster": "good", "slower": "bad"}.get(verdict.outcome.value, "note")


def summary(one: Series) -> dict[str, Any]:
    """A series as a row of a table."""
    unit = one.coordinate.unit
    values = [spot.value for spot in one.spots if spot.value is not None]
    return {
        "id": one.short,
        "title": one.title,
        "metric": one.coordinate.metric,
        "variant": ", ".join(filter(None, (one.variant, badge(one.coordinate.dataset)))),
        "last": quantity(values[-1], unit) if values else "",
        "since": since_first(one),
        "noise": "" if one.noise is None else percent(one.noise, sign=False),
        "mde": smallest_seen(one.mde, exact=one.coordinate.exact),
        # last, since, noise, mde as numbers: what the table is sorted by
        "sort": [values[-1] if values else None, one.since_first, one.noise, one.mde],
    }


def series(one: Series, report: Report, commits: Mapping[str, Key]) -> dict[str, Any]:
    """A series with its values, as a chart draws it.

    Args:
        commits: SHA -> key of the commit; spots of other commits are left out.
    """
    spots = [(number, spot) for number, spot in enumerate(one.spots) if spot.commit in commits]
    measured = [spot for _, spot in spots if spot.value is not None]
    values = [spot.value for spot in measured if spot.value is not None]
    scale = scale_for(max((abs(value) for value in values), default=0.0), one.coordinate.unit)
    grain = _GRAIN * (max((abs(v) for spot in measured for v in spot.values), default=0.0) or 1.0)
    at = {number: commits[spot.commit] for number, spot in spots}
    return summary(one) | {
        "facts": one.facts,
        "better": one.coordinate.direction.value,
        "symbol": scale.symbol,
        "grain": grain / scale.size,
        "at": [commits[spot.commit] for spot in measured],
        "values": [_shortened(value / scale.size, exact=one.coordinate.exact) for value in values],
        "raw": [_offsets(spot, grain) for spot in measured],
        "levels": [[at[number], _rounded(value / scale.size)] for number, value in one.levels],
        "changes": [[at[found.index], *words(one, found)] for found in one.changes],
        # from and to, the levels there, and a change with its words
        "drifts": [
            [
                at[found.first],
                at[found.last],
                _rounded(found.before / scale.size),
                _rounded(found.after / scale.size),
                [at[found.last], *words(one, found)],
            ]
            for found in one.drifts
        ],
        "failed": [
            [at[number], spot.state.words, spot.reason]
            for number, spot in spots
            if not spot.state.has_values
        ],
        "failures": [
            _failing(failure, report) for failure in report.failures if failure.title == one.title
        ],
    }


def words(one: Series, found: ChangePoint | Drift) -> list[str]:
    """A change of a series: its size, the interval of it, the levels, and good or bad."""
    verdict = found.verdict
    return [
        percent(verdict.effect),
        "" if verdict.low == verdict.high else interval(verdict.low, verdict.high),
        step(found.before, found.after, one.coordinate.unit),
        sense(verdict),
    ]


def _offsets(spot: Spot, grain: float) -> list[int]:
    """Ends of the interval and the raw values, as whole grains from the median."""
    assert spot.value is not None and spot.low is not None and spot.high is not None  # noqa: S101, PT018  measured
    return [round((value - spot.value) / grain) for value in (spot.low, spot.high, *spot.values)]


def _shortened(value: float, *, exact: bool) -> float:
    return float(f"{value:.15g}") if exact else _rounded(value)


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")


def _failing(failure: Failure, report: Report) -> str:
    labels = [report.commit(sha).label for sha in failure.commits]
    return f"{failure.state.words} at {', '.join(labels)}: {failure.reason}"
