"""What Grafana's PostgreSQL data source makes of a query before it sends it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

DASHBOARDS = Path(__file__).parents[2] / "grafana" / "dashboards"

_VARIABLE = re.compile(r"\$\{(\w+)(?::(\w+))?\}|\$(?!__)(\w+)")
#: what Grafana makes of a range of years on a screen
_INTERVAL = "3600000"
_MACRO = re.compile(r"\$([_a-zA-Z0-9]+)\(([^)]*)\)")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One statement of a dashboard."""

    dashboard: str
    #: "panel", "variable" or "annotation"
    kind: str
    name: str
    form: str
    sql: str
    #: of a variable: several of its values may be chosen
    several: bool = False

    def __str__(self) -> str:
        return f"{self.dashboard}: {self.name}"


@dataclass(frozen=True)
class Panel:
    """A panel that asks."""

    dashboard: str
    document: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.dashboard}: {self.document['title']}"

    def referred(self) -> set[str]:
        """Columns that its overrides, links and transformations name."""
        named = {
            override["matcher"]["options"]
            for override in self._overrides()
            if override["matcher"]["id"] == "byName"
        }
        for override in self._overrides():
            for one in override["properties"]:
                if one["id"] == "custom.fillBelowTo":
                    named.add(one["value"])
        for url in self.links():
            named.update(re.findall(r"__data\.fields\.(\w+)", url))
        for one in self.document.get("transformations", ()):
            options = one["options"]
            named.update(options.get("fields", ()))
            named.update(value for key, value in options.items() if key.endswith("Field"))
        return named

    def patterns(self) -> list[re.Pattern[str]]:
        """Of the names of fields that its overrides are for."""
        return [
            re.compile(override["matcher"]["options"].strip("/"))
            for override in self._overrides()
            if override["matcher"]["id"] == "byRegexp"
        ]

    def links(self) -> list[str]:
        """The addresses behind its cells."""
        return [
            link["url"]
            for override in self._overrides()
            for one in override["properties"]
            if one["id"] == "links"
            for link in one["value"]
        ]

    def _overrides(self) -> list[dict[str, Any]]:
        return list(self.document["fieldConfig"]["overrides"])


def panels() -> list[Panel]:
    """Every panel that asks, of every dashboard."""
    return [
        Panel(path.stem, document)
        for path in sorted(DASHBOARDS.glob("*.json"))
        for document in dashboard(path.stem)["panels"]
        if "targets" in document  # a row has none
    ]


def dashboard(name: str) -> dict[str, Any]:
    """A dashboard as it is committed."""
    return dict(json.loads((DASHBOARDS / f"{name}.json").read_text("utf-8")))


def asked() -> Iterator[Asked]:
    """Every statement of every dashboard."""
    for path in sorted(DASHBOARDS.glob("*.json")):
        whole = dashboard(path.stem)
        for panel in whole["panels"]:
            for target in panel.get("targets", ()):  # a row has none
                name = f"{panel['title']} {target['refId']}"
                yield _asked(path, "panel", name, target["format"], target["rawSql"])
        for variable in whole["templating"]["list"]:
            if variable["type"] == "query":
                one = _asked(path, "variable", variable["name"], "table", variable["query"])
                yield replace(one, several=variable["multi"])
        for mark in whole["annotations"]["list"]:
            if "rawSql" in (mark.get("target") or {}):
                yield _asked(path, "annotation", mark["name"], "table", mark["target"]["rawSql"])


def _asked(path: Path, kind: str, name: str, form: str, sql: str) -> Asked:
    return Asked(dashboard=path.stem, kind=kind, name=name, form=form, sql=sql)


def expanded(
    sql: str, chosen: Mapping[str, str | Sequence[str]], since: datetime, until: datetime
) -> str:
    """The statement that is sent: first the variables, then the macros in what came out.

    Raises:
        ValueError: a form of a variable or a macro that is not to be used here.
    """

    def variable(match: re.Match[str]) -> str:
        if match[2] != "sqlstring":
            raise ValueError(f"{match[0]}: only :sqlstring quotes in every version of Grafana")
        values = chosen[match[1]]
        return ",".join(_quoted(v) for v in ([values] if isinstance(values, str) else values))

    def macro(match: re.Match[str]) -> str:
        if match[1] != "__timeFilter":
            raise ValueError(f"unknown macro {match[0]}")
        return f"{match[2]} BETWEEN '{since.isoformat()}' AND '{until.isoformat()}'"

    return _MACRO.sub(macro, _VARIABLE.sub(variable, sql).replace("$__interval_ms", _INTERVAL))


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
