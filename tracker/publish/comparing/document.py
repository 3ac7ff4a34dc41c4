"""A comparison as JSON, for programs. ``docs/comparison.schema.json`` says what may be in it."""

from __future__ import annotations

from typing import Any

from tracker.model.commits import Commit
from tracker.model.comparisons import Compared
from tracker.publish.comparing.contents import Comparison
from tracker.publish.document import verdict

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
        "base": _side(comparison.base),
        "head": _side(comparison.head),
        "machine": {
            "name": comparison.machine.name,
            "facts": dict(sorted(comparison.machine.facts.items())),
        },
        "generated_at": comparison.generated_at.isoformat(),
        "seconds": comparison.seconds,
        "stored": comparison.stored,
        "practical": comparison.practical,
        "warnings": list(comparison.warnings),
        "identical": list(comparison.identical),
        "geomeans": [
            {"metric": mean.metric, "cells": mean.cells, "effect": mean.effect}
            for mean in comparison.geomeans
        ],
        "rows": [_row(row) for row in comparison.rows],
    }


def _side(commit: Commit) -> dict[str, Any]:
    return {
        "sha": "" if commit.stands_for else commit.sha,
        "label": commit.label,
        "subject": commit.subject,
        "is_commit": not commit.stands_for,
    }


def _row(row: Compared) -> dict[str, Any]:
    return {
        "title": row.cell.title,
        "benchmark": row.cell.benchmark,
        "parameters": dict(row.cell.parameters),
        "metric": row.metric,
        "unit": row.unit,
        "direction": row.direction.value,
        "exact": row.exact,
        "base": row.base,
        "head": row.head,
        "verdict": row.verdict and verdict(row.verdict),
        "rounds": row.rounds,
        "reason": row.reason,
    }
