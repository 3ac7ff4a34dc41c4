"""A comparison as JSON, for programs. ``docs/comparison.schema.json`` says what may be in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tracker.model.calibrations import Calibration
from tracker.model.commits import Commit
from tracker.model.comparisons import Compared, ComparedCurve
from tracker.model.quality import subset_size
from tracker.publish.comparing.contents import Comparison
from tracker.publish.comparing.entries import entries, name_of_curve
from tracker.publish.comparing.sentences import TITLES, name
from tracker.publish.document import bend, verdict

#: raised when a reader of the previous version could misread the document
SCHEMA_VERSION = 1


def to_json(comparison: Comparison) -> dict[str, Any]:
    """The comparison as plain JSON values.

    Numbers are in the unit that stands beside them; changes are ratios (0.05 is 5 % more);
    a number that does not exist is null.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "project": comparison.project,
        "base": side(comparison.base),
        "head": side(comparison.head),
        "machine": {
            "name": comparison.machine.name,
            "facts": dict(sorted(comparison.machine.facts.items())),
        },
        "generated_at": comparison.generated_at.isoformat(),
        "seconds": comparison.seconds,
        "stored": comparison.stored,
        "practical": comparison.practical,
        "calibration": comparison.calibration and _calibration(comparison.calibration),
        "warnings": list(comparison.warnings),
        "identical": list(comparison.identical),
        "faster_but_wrong": comparison.is_faster_but_wrong,
        "geomeans": [
            {"metric": mean.metric, "cells": mean.cells, "effect": mean.effect}
            for mean in comparison.geomeans
        ],
        "rows": [row(one, comparison.names) for one in comparison.rows],
        "curves": [_curve(one, comparison) for one in comparison.curves],
    }


def _curve(of: ComparedCurve, comparison: Comparison) -> dict[str, Any]:
    number = {one: at for at, one in enumerate(comparison.rows)}
    changed = [one for one in comparison.changed if one in of.rows]
    return {
        "name": name_of_curve(of, comparison),
        "title": of.title,
        "parameter": of.parameter,
        "metric": of.metric,
        "points": [{"size": size, "row": number[one]} for size, one in of.points],
        **bend(of),
        "changes": [
            {
                "name": entry.name,
                "sizes": [size for size, one in of.points if one in (entry.points or (entry.row,))],
                "verdict": entry.row.verdict and verdict(entry.row.verdict),
                "reason": entry.row.reason,
            }
            for entry in entries(changed, comparison)
        ],
    }


def _calibration(of: Calibration) -> dict[str, Any]:
    return {"at": of.at.isoformat(), "decisions": of.decisions, "alarms": of.alarms}


def side(commit: Commit) -> dict[str, Any]:
    """What a side is called."""
    return {
        "sha": "" if commit.stands_for else commit.sha,
        "label": commit.label,
        "subject": commit.subject,
        "is_commit": not commit.stands_for,
    }


def row(of: Compared, names: Mapping[str, str] = TITLES) -> dict[str, Any]:
    """One metric of one cell at both sides."""
    cell = of.cell
    return {
        "name": name(of, names),
        "title": cell.title,
        "benchmark": cell.benchmark,
        "parameters": dict(cell.parameters),
        "recipe": cell.environment.recipe,
        "python": cell.environment.python,
        "device": cell.device,
        "threads": cell.threads,
        "metric": of.metric,
        "unit": of.unit,
        "direction": of.direction.value,
        "exact": of.exact,
        "subset": subset_size(of.dataset),
        "base": of.base,
        "head": of.head,
        "verdict": of.verdict and verdict(of.verdict),
        "rounds": of.rounds,
        "reason": of.reason,
    }
