"""A report as JSON, for programs. ``docs/report.schema.json`` says what may be in it."""

from __future__ import annotations

import math
from typing import Any

from tracker.model.commits import Commit
from tracker.model.findings import ChangePoint, Drift, Effect, Finding, Verdict
from tracker.model.quality import subset_size
from tracker.model.scaling import Bend, CurveChange
from tracker.publish.contents import Failure, Series
from tracker.publish.report import Report
from tracker.publish.scaling.document import scaling_curve
from tracker.publish.sentences import command, magnitude
from tracker.publish.spots import Spot

#: raised when a reader of the previous version could misread the document
SCHEMA_VERSION = 1


def to_json(report: Report) -> dict[str, Any]:
    """The report as plain JSON values, in the order that people read it.

    Numbers are in the unit that stands beside them; changes are ratios (0.05 is 5 % more);
    a number that does not exist is null; times are ISO 8601 with their offset.
    """
    run = report.run
    return {
        "schema_version": SCHEMA_VERSION,
        "project": report.project,
        "suite": {
            "name": report.suite.name,
            "version": report.suite.version,
            "hash": report.suite.hash,
        },
        "machine": {
            "name": report.machine.name,
            "facts": dict(sorted(report.machine.facts.items())),
        },
        "run": run
        and {
            "started_at": run.started_at.isoformat(),
            "finished_at": run.finished_at and run.finished_at.isoformat(),
            "state": run.state,
            "command": command(run),
            "measured": run.measured,
            "failed": run.failed,
            "tool_version": run.tool_version,
        },
        "generated_at": report.generated_at.isoformat(),
        "findings": [finding(one) for one in report.findings],
        "figures": {name: getattr(report.figures, name) for name in type(report.figures).__slots__},
        "failures": [_failure(failure) for failure in report.failures],
        "events": [
            {"commit": event.commit, "kind": event.kind, "text": event.text}
            for event in report.events
        ],
        "warnings": list(report.warnings),
        "commits": [_commit(commit, report.url(commit)) for commit in report.commits],
        "series": [_series(one) for one in report.series],
        "curves": [scaling_curve(curve) for curve in report.curves],
    }


def _commit(commit: Commit, url: str) -> dict[str, Any]:
    return {
        "sha": commit.sha,
        "label": commit.label,
        "subject": commit.subject,
        "author": commit.author,
        "date": commit.authored_at.isoformat(),
        "position": commit.position,
        "url": url,
    }


def finding(of: Finding) -> dict[str, Any]:
    """A finding as JSON values."""
    return {
        "id": of.id,
        "kind": of.kind.value,
        "commit": of.commit,
        "after": of.after,
        "confirmation": of.confirmation.value,
        "triage": of.triage.value,
        "magnitude": magnitude(of) or None,
        "faster_but_wrong": of.is_faster_but_wrong,
        "takes_back": of.takes_back or None,
        "effects": [_effect(effect) for effect in of.effects],
        "curves": [_curve(curve) for curve in of.curves],
    }


def _curve(curve: CurveChange) -> dict[str, Any]:
    return {
        "title": curve.title,
        "parameter": curve.parameter,
        "metric": curve.metric,
        "points": [{"size": point.size, "series": point.series} for point in curve.points],
        **bend(curve),
    }


def bend(of: Bend) -> dict[str, Any]:
    """What became of the shape of a curve, as JSON values."""
    before, after = of.efficiencies or (None, None)
    return {
        "shape_q": of.shape_q,
        "bent": of.bent,
        "knee": {"before": of.knees[0], "after": of.knees[1]},
        "efficiency": {"before": before, "after": after},
    }


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "series": effect.series,
        "title": effect.title,
        "metric": effect.metric,
        "unit": effect.unit,
        "before": effect.before,
        "after": effect.after,
        "verdict": effect.verdict and verdict(effect.verdict),
        "q": effect.q,
        "reason": effect.reason,
        "subset": subset_size(effect.dataset),
    }


def verdict(of: Verdict) -> dict[str, Any]:
    """A verdict as JSON values."""
    return {
        "outcome": of.outcome.value,
        "effect": _finite(of.effect),
        "low": _finite(of.low),
        "high": _finite(of.high),
        "mde": _finite(of.mde),
        "p": of.p,
    }


def _finite(value: float) -> float | None:
    """JSON has no infinity: an end of an interval that is not bounded is null."""
    return value if math.isfinite(value) else None


def _failure(failure: Failure) -> dict[str, Any]:
    return {
        "title": failure.title,
        "state": failure.state.value,
        "reason": failure.reason,
        "commits": list(failure.commits),
    }


def _series(one: Series) -> dict[str, Any]:
    coordinate = one.coordinate
    return {
        "series": one.series,
        "name": one.name,
        "title": one.title,
        "benchmark": coordinate.benchmark,
        "parameters": dict(coordinate.parameters),
        "kind": coordinate.kind.value,
        "metric": coordinate.metric,
        "unit": coordinate.unit,
        "direction": coordinate.direction.value,
        "exact": coordinate.exact,
        "subset": subset_size(coordinate.dataset),
        "facts": dict(one.facts),
        "noise": one.noise,
        "mde": one.mde,
        "since_first": one.since_first,
        "levels": [
            {"commit": one.spots[index].commit, "value": value} for index, value in one.levels
        ],
        "changes": [_change(one, change) for change in one.changes],
        "drifts": [_drift(one, drift) for drift in one.drifts],
        "points": [_point(spot) for spot in one.spots],
    }


def _change(one: Series, change: ChangePoint) -> dict[str, Any]:
    return {
        "commit": one.spots[change.index].commit,
        "before": change.before,
        "after": change.after,
        "verdict": verdict(change.verdict),
    }


def _drift(one: Series, drift: Drift) -> dict[str, Any]:
    return {
        "first": one.spots[drift.first].commit,
        "last": one.spots[drift.last].commit,
        "before": drift.before,
        "after": drift.after,
        "verdict": verdict(drift.verdict),
    }


def _point(spot: Spot) -> dict[str, Any]:
    return {
        "commit": spot.commit,
        "state": spot.state.value,
        "reason": spot.reason,
        "value": spot.value,
        "low": spot.low,
        "high": spot.high,
        "values": list(spot.values),
    }
