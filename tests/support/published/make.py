"""Makes the files of this folder from what Grafana publishes.

usage: python -m tests.support.published.make [CLIENT SCHEMAS]

CLIENT and SCHEMAS are git repositories, by default those at github.com.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HERE = Path(__file__).parent
CLIENT = "https://github.com/grafana/grafana-openapi-client-go"
CLIENT_COMMIT = "6029e6c6"
SCHEMAS = "https://github.com/grafana/grafana-foundation-sdk"
SCHEMAS_COMMIT = "aba721fd"
KINDS = ("alerting", "barchart", "dashboard", "stat", "table", "timeseries", "xychart")
#: what the tracker asks of Grafana: folder of the client, and its operations
OPERATIONS = {
    "annotations": ("GetAnnotations", "PostAnnotation", "UpdateAnnotation", "DeleteAnnotationByID"),
    "dashboards": ("GetDashboardByUID", "GetDashboardVersionsByUID", "PostDashboard"),
    "datasources": (
        "GetDataSourceByUID",
        "CheckDatasourceHealthWithUID",
        "AddDataSource",
        "UpdateDataSourceByUID",
    ),
    "folders": ("GetFolderByUID", "CreateFolder"),
    "provisioning": (
        "GetContactpoints",
        "PostContactpoints",
        "PutContactpoint",
        "GetAlertRules",
        "GetAlertRuleGroup",
        "PutAlertRuleGroup",
    ),
}
PLAIN: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "bool": {"type": "boolean"},
    "float64": {"type": "number"},
    "any": {},
    "interface{}": {},
    "strfmt.DateTime": {"type": "string", "format": "date-time"},
    "strfmt.Duration": {"type": "string", "format": "duration"},
}
#: comments of the client's fields -> words of JSON Schema
BOUNDS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "Enum": ("enum", json.loads),
    "Max Length": ("maxLength", int),
    "Min Length": ("minLength", int),
    "Maximum": ("maximum", float),
    "Minimum": ("minimum", float),
    "Pattern": ("pattern", str),
}
#: whether it tells people something, rather than machines
FOR_PEOPLE = {"description", "title"}

Schema = dict[str, Any]


def main(client: str = CLIENT, schemas: str = SCHEMAS) -> None:
    """Write all files."""
    with TemporaryDirectory() as room:
        code = _checked_out(client, CLIENT_COMMIT, Path(room) / "client")
        kinds = _checked_out(schemas, SCHEMAS_COMMIT, Path(room) / "schemas") / "jsonschema"
        _write("api", _api(code))
        for kind in KINDS:
            published = json.loads((kinds / f"{kind}.jsonschema.json").read_text())
            _write(kind, _for_machines(published))


def _checked_out(repository: str, commit: str, directory: Path) -> Path:
    subprocess.run(("git", "clone", "-q", "--no-checkout", repository, str(directory)), check=True)
    subprocess.run(("git", "-C", str(directory), "checkout", "-q", commit), check=True)
    return directory


def _write(name: str, content: Schema) -> None:
    (HERE / f"{name}.json").write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")


def _for_machines(schema: Any, *, named: bool = False) -> Any:
    """``named``: the keys are names of fields or definitions, whatever they read like."""
    if isinstance(schema, list):
        return [_for_machines(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _for_machines(value, named=not named and key in {"properties", "definitions"})
        for key, value in schema.items()
        if named or key not in FOR_PEOPLE
    }


# the client's code ------------------------------------------------------------------------


def _api(code: Path) -> Schema:
    operations = [
        _operation(code / "client" / folder, name)
        for folder, names in OPERATIONS.items()
        for name in names
    ]
    definitions: dict[str, Schema] = {}
    models = _models(code / "models")
    wanted = set(_references(operations))
    while wanted:
        name = wanted.pop()
        definitions[name] = _definition(models[name])
        wanted |= {*_references(definitions[name])} - definitions.keys()
    return {"operations": operations, "definitions": definitions}


def _operation(folder: Path, name: str) -> Schema:
    """Method, path below ``/api``, names of the query's fields, body, and answers by status."""
    snake = "_".join(re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]+", name)).lower()
    client = (folder / f"{folder.name}_client.go").read_text()
    parameters = (folder / f"{snake}_parameters.go").read_text()
    answers = (folder / f"{snake}_responses.go").read_text()
    identifier = re.escape(name[0]) + "|" + re.escape(name[0].lower())
    called = _found(
        rf'ID:\s+"(?:{identifier}){name[1:]}",\s+Method:\s+"(\w+)",\s+PathPattern:\s+"([^"]+)"',
        client,
    )
    body = re.search(r"^\tBody (\S+)$", parameters, re.MULTILINE)
    return {
        "method": called[1],
        "path": called[2],
        "query": re.findall(r'SetQueryParam\("(\w+)"', parameters),
        "body": _type(body[1]) if body else None,
        "answers": {status: _payload(kind, answers) for status, kind in _outcomes(answers)},
    }


def _outcomes(answers: str) -> list[tuple[str, str]]:
    return re.findall(r"case (\d+):\s+result := New(\w+)\(\)", answers)


def _payload(outcome: str, answers: str) -> Schema | None:
    fields = _found(rf"^type {outcome} struct {{\n(.*?)^}}", answers)[1]
    payload = re.search(r"^\tPayload (\S+)$", fields, re.MULTILINE)
    return _type(payload[1]) if payload else None


def _models(folder: Path) -> dict[str, str]:
    """What each definition is declared to be, by its name."""
    declared = re.compile(r"^type (\w+) (struct {\n.*?^}|\S+$)", re.MULTILINE | re.DOTALL)
    sources = (file.read_text() for file in sorted(folder.glob("*.go")))
    return {name: kind for source in sources for name, kind in declared.findall(source)}


def _definition(declared: str) -> Schema:
    if not declared.startswith("struct"):
        return _type(declared)
    _, *fields, _ = declared.splitlines()
    described = {name: (schema, needed) for name, schema, needed in _fields(fields)}
    return {
        "type": "object",
        "properties": {name: schema for name, (schema, _) in described.items()},
        "required": [name for name, (_, needed) in described.items() if needed],
        "additionalProperties": False,
    }


def _fields(lines: list[str]) -> Iterator[tuple[str, Schema, bool]]:
    """Name, schema, and whether it is needed, of each field of a struct."""
    comments: dict[str, str] = {}
    for line in lines:
        if comment := re.fullmatch(r"\t// ([\w ]+): (.*)", line):
            comments[comment[1]] = comment[2]
        elif field := re.fullmatch(r'\t\w+ (\S+) `json:"([^",]+)[^"]*"`', line):
            bounds = {
                word: read(comments[said])
                for said, (word, read) in BOUNDS.items()
                if said in comments
            }
            yield field[2], _type(field[1]) | bounds, comments.get("Required") == "true"
            comments = {}
        elif line.strip() and not line.startswith("\t//"):
            raise ValueError(f"no field of a definition: {line}")


def _type(go: str) -> Schema:
    """The schema of a type of Go."""
    go = go.removeprefix("*").removeprefix("models.")
    if go.startswith("[]"):
        return {"type": "array", "items": _type(go[2:])}
    if go.startswith("map[string]"):
        return {"type": "object", "additionalProperties": _type(go.removeprefix("map[string]"))}
    if re.fullmatch(r"u?int\d*", go):
        return {"type": "integer"}
    return PLAIN.get(go, {"$ref": f"#/definitions/{go}"})


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for one in schema:
            yield from _references(one)
    elif isinstance(schema, dict):
        for key, value in schema.items():
            if key == "$ref":
                yield value.removeprefix("#/definitions/")
            else:
                yield from _references(value)


def _found(pattern: str, source: str) -> re.Match[str]:
    if match := re.search(pattern, source, re.MULTILINE | re.DOTALL):
        return match
    raise ValueError(f"not found: {pattern}")


if __name__ == "__main__":
    main(*sys.argv[1:])
