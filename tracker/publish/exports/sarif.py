"""Alerts as SARIF 2.1.0, which GitHub's code scanning and editors read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from tracker.publish.exports.alerts import Alert
from tracker.publish.exports.places import Place, Whereabouts
from tracker.publish.markdown import unlinked
from tracker.publish.wording import clean
from tracker.version import VERSION

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
#: rule -> what it means
_RULES = {
    "slower": "A benchmark is slower than at the base.",
    "lost": "A benchmark that gave values at the base gives none any more.",
    "faster": "A benchmark is faster than at the base.",
    "regression": "A commit made benchmarks worse.",
    "improvement": "A commit made benchmarks better.",
    "shift": "A commit changed a number of which neither way is better.",
    "drift": "A benchmark changed slowly over many commits.",
    "missing": "A benchmark is not there any more.",
    "failed": "A benchmark fails since a commit.",
    "quality-drift": "The quality of results is worse since a commit.",
    "disagreement": "Platforms disagree about a quality by more than the tolerance.",
    "environment-change": "A new environment moved numbers.",
    "machine-change": "A changed machine moved numbers.",
}


def render(alerts: Iterable[Alert], places: Whereabouts) -> str:
    """The document, each alert at the place of its benchmark."""
    found = tuple(alerts)
    rules = list(dict.fromkeys(alert.rule for alert in found))
    driver = {
        "name": "commit-tracker",
        "semanticVersion": VERSION,
        "rules": [{"id": rule, "shortDescription": {"text": _RULES[rule]}} for rule in rules],
    }
    results = [
        _result(alert, rules.index(alert.rule), places.of(alert.benchmark)) for alert in found
    ]
    run = {"tool": {"driver": driver}, "results": results}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1)


def _result(alert: Alert, index: int, place: Place) -> dict[str, Any]:
    return {
        "ruleId": alert.rule,
        "ruleIndex": index,
        "level": alert.severity.value,
        # brackets with an address behind them would be a link
        "message": {"text": unlinked(clean(alert.text))},
        "partialFingerprints": {
            "tracker/v1": alert.fingerprint,
            # without it GitHub tells alerts apart by the text of the line, which many share
            "primaryLocationLineHash": alert.fingerprint,
        },
        "locations": [_location(place)],
    }


def _location(place: Place) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(place.file)},
            "region": {"startLine": place.line},
        }
    }
