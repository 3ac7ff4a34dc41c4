"""What should be in Grafana: a folder, a data source, dashboards."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tracker import resources
from tracker.model.canonical import digest
from tracker.store.address import Address

#: tag of all that is the tracker's, and the identifier of folder, data source and alert group
NAME = "commit-tracker"
TITLE = "Commit tracker"
#: the login that can only read; grafana/reader.sql makes it
LOGIN = "dashboard"
TYPE = "grafana-postgresql-datasource"

Document = dict[str, Any]

_MODES = ("disable", "require", "verify-ca", "verify-full")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The database as Grafana reaches it. Its text never shows the password."""

    #: host and port
    host: str
    database: str
    sslmode: str
    #: of the login; empty: not known here
    password: str = field(repr=False)

    def document(self) -> Document:
        """What Grafana stores and shows: all but the password."""
        return {
            "uid": NAME,
            "name": TITLE,
            "type": TYPE,
            "access": "proxy",
            "url": self.host,
            "user": LOGIN,
            "jsonData": {
                "database": self.database,
                "sslmode": self.sslmode,
                "postgresVersion": 1500,
                "maxOpenConns": 10,
            },
        }


def source(address: Address, environ: Mapping[str, str], password: str) -> Source:
    """The data source of a database; variables say where Grafana reaches it by another way."""
    parameters = address.parameters
    host = parameters.get("host", "localhost")
    mode = parameters.get("sslmode", "")
    if mode not in _MODES:  # "prefer" and "allow", which Grafana does not know
        mode = "disable" if _is_here(host) else "require"
    return Source(
        host=environ.get("TRACKER_GRAFANA_HOST") or f"{host}:{parameters.get('port', '5432')}",
        database=environ.get("TRACKER_GRAFANA_DATABASE") or parameters.get("dbname", ""),
        sslmode=environ.get("TRACKER_GRAFANA_SSLMODE") or mode,
        password=password,
    )


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.startswith("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """A dashboard as it is committed."""

    document: Document

    @property
    def uid(self) -> str:
        return str(self.document["uid"])

    @property
    def title(self) -> str:
        return str(self.document["title"])

    @property
    def signature(self) -> str:
        """What its version is called in Grafana: whoever else saves it leaves another."""
        return f"{NAME} {digest(self.document)[:16]}"


def dashboards() -> tuple[Dashboard, ...]:
    """The dashboards that ship."""
    paths = sorted((resources.directory("grafana") / "dashboards").glob("*.json"))
    return tuple(Dashboard(document=json.loads(path.read_text("utf-8"))) for path in paths)
