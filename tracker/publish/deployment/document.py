"""A summary as JSON, for programs. ``docs/summary.schema.json`` says what may be in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from tracker.publish.deployment.contents import Amount, Badge, Speedup, Speedups, Summary, Timing
from tracker.publish.deployment.words import recommendation

#: raised when a reader of the previous version could misread the document
SCHEMA_VERSION = 1


def to_json(summary: Summary) -> dict[str, Any]:
    """The summary as plain JSON values, in the order that people read it.

    Numbers are in the unit that stands beside them, times in seconds; a number that does not exist
    is null.
    """
    commit = summary.commit
    return {
        "schema_version": SCHEMA_VERSION,
        "project": summary.project,
        "suite": summary.suite,
        "machine": {
            "name": summary.machine.name,
            "facts": dict(sorted(summary.machine.facts.items())),
        },
        "commit": {
            "sha": commit.sha,
            "label": commit.label,
            "subject": commit.subject,
            "author": commit.author,
            "date": commit.authored_at.isoformat(),
            "url": summary.url,
        },
        "generated_at": summary.generated_at.isoformat(),
        "recommendations": [
            {
                "sign": one.sign.value,
                "of": list(one.of),
                "evidence": one.evidence,
                "text": recommendation(one),
            }
            for one in summary.advice
        ],
        "timings": [_timing(one) for one in summary.timings],
        "scaling": [
            asdict(one) | {"badges": _badges(one.badges), "points": [*map(list, one.points)]}
            for one in summary.scaling
        ],
        "quality": _amounts(summary.quality),
        "memory": _amounts(summary.memory),
        "work": _amounts(summary.work),
        "others": _amounts(summary.others),
        "not_measured": [
            {"title": one.title, "state": one.state.value, "reason": one.reason}
            for one in summary.lost
        ],
        "speedups": summary.speedups and _speedups(summary.speedups),
    }


def _timing(one: Timing) -> dict[str, Any]:
    return {
        "name": one.name,
        "metric": one.metric,
        "size": one.size,
        "latency": asdict(one.latency),
        "throughput": one.throughput,
        "processes": one.processes,
        "within": one.within,
        "between": one.between,
        "badges": _badges(one.badges),
    }


def _amounts(amounts: Sequence[Amount]) -> list[dict[str, Any]]:
    return [
        {
            "name": one.name,
            "metric": one.metric,
            "unit": one.unit,
            "value": one.value,
            "exact": one.exact,
            "direction": one.direction.value,
            "badges": _badges(one.badges),
        }
        for one in amounts
    ]


def _badges(badges: Sequence[Badge]) -> list[dict[str, str]]:
    return [{"sign": badge.sign.value, "evidence": badge.evidence} for badge in badges]


def _speedups(of: Speedups) -> dict[str, Any]:
    return {
        "reference": of.reference,
        "columns": list(of.columns),
        "rows": [{"name": name, "speedups": list(map(_speedup, ones))} for name, ones in of.rows],
        "means": list(map(_speedup, of.means)),
    }


def _speedup(one: Speedup | None) -> dict[str, float | None] | None:
    if one is None:
        return None
    low, high = one.bounds or (None, None)
    return {"ratio": one.ratio, "low": low, "high": high}
