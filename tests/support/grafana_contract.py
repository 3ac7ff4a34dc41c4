"""Whether what Grafana is told, and what it answers, is as Grafana publishes it.

See ``published/README.md`` for where the definitions come from. Stricter than these in one thing:
a body may have no fields that they do not know. Looser in three, where the schemas are generated
from another language than JSON and lost what their own texts say: an object with anything in it may
be any value (those of overrides are texts, numbers or objects), a threshold may be null (minus
infinity), and what an annotation asks for has the described fields with Grafana's own source only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator, FormatChecker

Schema = dict[str, Any]

PUBLISHED = Path(__file__).parent / "published"
#: the browser's own start, which tells the version also to those who are no administrators
UNPUBLISHED = {("GET", "/api/frontend/settings")}
SAID_IN_WORDS: dict[str, Schema] = {
    "dashboard": {
        "AnnotationTarget": {"type": "object"},
        "Threshold": {
            "type": "object",
            "properties": {"value": {"type": ["number", "null"]}, "color": {"type": "string"}},
            "required": ["value", "color"],
            "additionalProperties": False,
        },
    }
}
FORMATS = FormatChecker(formats=())
#: sums as Grafana writes them, "1h30m"; not those of ISO 8601
DURATION = re.compile(r"([0-9]+(y|w|d|h|m|s|ms))+")


def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


def _is_duration(value: object) -> bool:
    return not isinstance(value, str) or DURATION.fullmatch(value) is not None


FORMATS.checks("date-time", raises=ValueError)(_is_moment)
FORMATS.checks("duration")(_is_duration)


def violations(method: str, path: str, body: Any, query: Collection[str] = ()) -> list[str]:
    """What is wrong with a request. ``path`` from the root, ``query``: names of its fields."""
    if (method, path) in UNPUBLISHED:
        return []
    operation = _operation(method, path)
    if operation is None:
        return [f"{method} {path}: not published"]
    found = [f"the query has no {name}" for name in query if name not in operation["query"]]
    if operation["body"] is None:
        found += [] if body is None else ["takes no body"]
    else:
        found += _faults("api", operation["body"], body) or _deeper(operation["path"], body)
    return [f"{method} {path}: {one}" for one in found]


def success(method: str, path: str) -> int:
    """The status of an answer that says: done."""
    operation = _operation(method, path)
    return 200 if operation is None else min(map(int, operation["answers"]))


def unlike(method: str, path: str, answer: Any) -> list[str]:
    """What is wrong with such an answer."""
    operation = _operation(method, path)
    if operation is None:
        return []
    described = operation["answers"][str(success(method, path))]
    return [f"{method} {path}: {one}" for one in _faults("api", described, answer)]


def _deeper(path: str, body: Any) -> list[str]:
    """What is wrong where the definitions of the interface end."""
    if path == "/dashboards/db":
        return _faults_of_dashboard(body["dashboard"])
    if path.endswith("/rule-groups/{Group}"):
        return _faults("alerting", {"$ref": "#/definitions/RuleGroup"}, body)
    return []


def _faults_of_dashboard(dashboard: Schema) -> list[str]:
    return [
        *_faults("dashboard", {"$ref": "#/definitions/Dashboard"}, dashboard),
        *(fault for panel in _panels(dashboard) for fault in _faults_of_panel(panel)),
    ]


def _panels(dashboard: Schema) -> Iterator[Schema]:
    for panel in dashboard.get("panels", []):
        yield from panel["panels"] if panel["type"] == "row" else [panel]


def _faults_of_panel(panel: Schema) -> Iterator[str]:
    """What is drawn how, by the schema of its kind."""
    # those of the dashboard say only that it is neither a panel nor a row
    yield from _faults("dashboard", {"$ref": "#/definitions/Panel"}, panel)
    kind = panel["type"]
    drawn = {
        "Options": panel.get("options", {}),
        "FieldConfig": panel.get("fieldConfig", {}).get("defaults", {}).get("custom"),
    }
    for name, value in drawn.items():
        if value is not None:
            for fault in _faults(kind, {"$ref": f"#/definitions/{name}"}, value):
                yield f"panel {panel['title']}, {name}: {fault}"


def _operation(method: str, path: str) -> Schema | None:
    for operation in _definitions("api")["operations"]:
        pattern = re.sub(r"{\w+}", "[^/]+", operation["path"])
        if operation["method"] == method and re.fullmatch(f"/api{pattern}", path):
            return dict(operation)
    return None


def _faults(source: str, schema: Schema, value: Any) -> list[str]:
    # beside a reference a validator looks at nothing
    whole = {"allOf": [schema], "definitions": _definitions(source)["definitions"]}
    errors = Draft7Validator(whole, format_checker=FORMATS).iter_errors(value)
    return [f"{error.json_path} {error.message}" for error in errors]


@cache
def _definitions(source: str) -> Schema:
    published = dict(_anything(json.loads((PUBLISHED / f"{source}.json").read_text())))
    published["definitions"] |= SAID_IN_WORDS.get(source, {})
    return published


def _anything(schema: Any) -> Any:
    if schema == {"type": "object", "additionalProperties": {}}:
        return {}
    if isinstance(schema, dict):
        return {key: _anything(value) for key, value in schema.items()}
    return [_anything(one) for one in schema] if isinstance(schema, list) else schema
