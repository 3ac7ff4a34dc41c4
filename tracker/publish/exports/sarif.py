"""Alerts as SARIF 2.1.0, which GitHub's code scanning and editors read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from tracker.publish.exports.alerts import Alert
from tracker.publish.exports.places import Place
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
    "environment-change": "A new environment moved numbers.",
    "machine-change": "A changed machine moved numbers.",
}


def render(alerts: Iterable[Alert], places: Mapping[str, Place]) -> str:
    """The document.

    Args:
        places: benchmark -> where it is defined.
    """
    found = tuple(alerts)
    rules = list(dict.fromkeys(alert.rule for alert in found))
    driver = {
        "name": "commit-tracker",
        "semanticVersion": VERSION,
        "rules": [{"id": rule, "shortDescription": {"text": _RULES[rule]}} for rule in rules],
    }
    results = [_result(alert, rules.index(alert.rule), places) for alert in found]
    run = {"tool": {"driver": driver}, "results": results}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1)


def _result(alert: Alert, index: int, places: Mapping[str, Place]) -> dict[str, Any]:
    place = places.get(alert.benchmark)
    return {
        "ruleId": alert.rule,
        "ruleIndex": index,
        "level": alert.severity.value,
        # brackets with an address behind them would be a link
        "message": {"text": unlinked(clean(alert.text))},
        "partialFingerprints": {"tracker/v1": alert.fingerprint},
        "locations": [_location(place)] if place else [],
    }


def _location(place: Place) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(place.file)},
            "region": {"startLine": place.line},
        }
    }
