"""The published JSON Schemas, and documents held against them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema

_DOCS = Path(__file__).parents[2] / "docs"


def published(name: str) -> dict[str, Any]:
    """The schema of that name."""
    return dict(json.loads((_DOCS / f"{name}.schema.json").read_text("utf-8")))


def validate(document: Any, schema: dict[str, Any]) -> None:
    """Hold a document against a schema, the formats of its strings too.

    Raises:
        jsonschema.ValidationError: it does not fit.
    """
    jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    ).validate(document)


def allows_nothing_else(schema: dict[str, Any]) -> bool:
    """Is it a schema whose objects have all of their properties, and no other?"""
    jsonschema.Draft202012Validator.check_schema(schema)
    return all(
        one["additionalProperties"] is False and one["required"] == list(one["properties"])
        for one in _objects(schema)
    )


def _objects(schema: Any) -> list[dict[str, Any]]:
    if isinstance(schema, list):
        return [found for one in schema for found in _objects(one)]
    if not isinstance(schema, dict):
        return []
    own = [schema] if "properties" in schema and isinstance(schema["properties"], dict) else []
    return own + [found for one in schema.values() for found in _objects(one)]
