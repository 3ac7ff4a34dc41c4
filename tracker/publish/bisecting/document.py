"""A bisection as JSON, for programs."""

from __future__ import annotations

from typing import Any

from tracker.model.comparisons import Bisected, Culprit
from tracker.publish.comparing.document import row, side

#: raised when a reader of the previous version could misread the document
SCHEMA_VERSION = 1


def to_json(found: Bisected) -> dict[str, Any]:
    """The bisection as plain JSON values, rows as those of a comparison."""
    return {
        "schema_version": SCHEMA_VERSION,
        "base": side(found.base),
        "head": side(found.head),
        "commits": found.commits,
        "ends": [row(one) for one in found.ends],
        "row": found.row and row(found.row),
        "culprits": [_culprit(one) for one in found.culprits],
        "asked": found.asked,
        "unseen": [side(one) for one in found.unseen],
    }


def _culprit(culprit: Culprit) -> dict[str, Any]:
    return {
        "commits": [side(one) for one in culprit.commits],
        "before": side(culprit.before),
        "chance": culprit.chance,
        "count": culprit.count,
        "row": culprit.row and row(culprit.row),
        "merge": culprit.merge and side(culprit.merge),
    }
