"""How fast is each release of jsonschema? Three things that its users do all day."""

from tracker import benchmark

SCHEMA_WITH_REFS = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$defs": {
        "item": {
            "type": "object",
            "properties": {
                "id": {"type": "integer"},
                "name": {"type": "string"},
                "tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}},
            },
            "required": ["id", "name"],
        },
        "tag": {"type": "string", "minLength": 1},
    },
    "type": "array",
    "items": {"$ref": "#/$defs/item"},
}

SCHEMA_WITHOUT_REFS = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "id": {"type": "integer", "minimum": 0},
            "name": {"type": "string", "pattern": "^n"},
        },
        "required": ["id", "name"],
    },
}

ITEMS = [{"id": number, "name": f"n{number}", "tags": ["a", "b", "c"]} for number in range(60)]


def validator(schema):
    """Outside of the timing: a user keeps a validator and calls it often."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415  a suite is read without it

    return Draft202012Validator(schema)


@benchmark(setup=lambda: validator(SCHEMA_WITH_REFS))
def validate_with_refs(schema):
    """60 items whose schema is put together by ``$ref``."""
    assert schema.is_valid(ITEMS)


@benchmark(setup=lambda: validator(SCHEMA_WITHOUT_REFS))
def validate_without_refs(schema):
    """60 items against a schema in one piece."""
    assert schema.is_valid(ITEMS)


@benchmark(setup=lambda: validator(SCHEMA_WITHOUT_REFS))
def list_errors(schema):
    """60 items that are all wrong in two ways."""
    assert len(list(schema.iter_errors([{"id": "x"}] * 60))) == 120
