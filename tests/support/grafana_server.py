"""A Grafana that remembers what it was told, as far as the tracker asks it.

What it takes is checked against ``grafana_contract``. What it gives back has the fields that
Grafana adds: numbers, versions, provenance, defaults. It keeps secrets to itself, as Grafana does.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.support.grafana_contract import success, unlike, violations

Document = dict[str, Any]

TOKEN = "glsa_0123456789abcdef_secret"  # noqa: S105  of a server that lives for a test


class Refused(Exception):  # noqa: N818  an answer, not a fault
    """An answer other than "done"."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class State:
    """What the server holds, and how it behaves."""

    version: str = "11.6.0"
    #: a path that starts with a key is answered with that status
    refusals: dict[str, int] = field(default_factory=dict)
    #: added to every message of a refusal
    echo: str = ""
    #: why the database cannot be read; by the password that is stored
    health: Callable[[str], str] = lambda _: ""
    folders: dict[str, Document] = field(default_factory=dict)
    sources: dict[str, Document] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    #: each with its versions, oldest first
    dashboards: dict[str, list[Document]] = field(default_factory=dict)
    annotations: dict[int, Document] = field(default_factory=dict)
    contact_points: list[Document] = field(
        default_factory=lambda: [
            {
                "uid": "email",
                "name": "grafana-default-email",
                "type": "email",
                "settings": {"addresses": "<example@email.com>"},
            }
        ]
    )
    #: (folder, group) -> its rules and interval
    groups: dict[tuple[str, str], Document] = field(default_factory=dict)

    def edit_dashboard(self, uid: str, message: str = "", **changed: Any) -> None:
        """What a person does in the browser."""
        newest = self.dashboards[uid][-1]
        number = newest["version"] + 1
        self.dashboards[uid].append(
            newest
            | {"version": number, "message": message}
            | {"dashboard": newest["dashboard"] | {"version": number} | changed}
        )


class FakeGrafana:
    """Listens on 127.0.0.1 while it is entered."""

    def __init__(self) -> None:
        self.state = State()
        #: method and path of what changed something
        self.writes: list[str] = []
        self.violations: list[str] = []
        self._next = 0
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # an answer in one piece: in two, it waits for what the other side says

            def handle_any(self) -> None:
                server.answer(self)

            do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Be silent."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._http.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Check, route, and write the answer."""
        length = int(request.headers.get("Content-Length") or 0)
        body = json.loads(request.rfile.read(length)) if length else None
        parts = urlsplit(request.path)
        method = request.command
        try:
            self._authorized(request.headers.get("Authorization"), parts.path)
            self._check(method, parts.path, body, parse_qs(parts.query))
            answer = self._route(method, parts.path, parse_qs(parts.query), body)
            status = success(method, parts.path)
            self.violations += unlike(method, parts.path, answer)
        except Refused as refused:
            answer, status = {"message": f"{refused}{self.state.echo}"}, refused.status
        else:
            if method != "GET":
                self.writes.append(f"{method} {parts.path}")
        text = json.dumps(answer).encode()
        request.send_response(status)
        if 300 <= status < 400:
            request.send_header("Location", "https://grafana.example.org/")
        request.send_header("Content-Type", "application/json; charset=UTF-8")
        request.send_header("Content-Length", str(len(text)))
        request.end_headers()
        request.wfile.write(text)

    def _authorized(self, given: str | None, path: str) -> None:
        if given != f"Bearer {TOKEN}":
            raise Refused(401, "Invalid API key")
        for prefix, status in self.state.refusals.items():
            if path.startswith(prefix):
                raise Refused(status, "You'll need additional permissions")

    def _check(self, method: str, path: str, body: Any, query: dict[str, list[str]]) -> None:
        if wrong := violations(method, path, body, query):
            self.violations += wrong
            raise Refused(400, "bad request data")

    def _route(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> Any:
        routes: tuple[tuple[str, str, Callable[..., Any]], ...] = (
            ("GET", "/api/frontend/settings", self._settings),
            ("GET", "/api/folders/([^/]+)", self._get_folder),
            ("POST", "/api/folders", self._add_folder),
            ("GET", "/api/datasources/uid/([^/]+)", self._get_source),
            ("GET", "/api/datasources/uid/([^/]+)/health", self._health),
            ("POST", "/api/datasources", self._save_source),
            ("PUT", "/api/datasources/uid/[^/]+", self._save_source),
            ("GET", "/api/dashboards/uid/([^/]+)", self._get_dashboard),
            ("GET", "/api/dashboards/uid/([^/]+)/versions", self._get_versions),
            ("POST", "/api/dashboards/db", self._save_dashboard),
            ("GET", "/api/annotations", self._find_annotations),
            ("POST", "/api/annotations", self._add_annotation),
            ("PUT", "/api/annotations/([0-9]+)", self._change_annotation),
            ("DELETE", "/api/annotations/([0-9]+)", self._remove_annotation),
            ("GET", "/api/v1/provisioning/contact-points", self._get_contact_points),
            ("POST", "/api/v1/provisioning/contact-points", self._add_contact_point),
            ("PUT", "/api/v1/provisioning/contact-points/([^/]+)", self._change_contact_point),
            ("GET", "/api/v1/provisioning/alert-rules", self._get_rules),
            ("GET", "/api/v1/provisioning/folder/([^/]+)/rule-groups/([^/]+)", self._get_group),
            ("PUT", "/api/v1/provisioning/folder/([^/]+)/rule-groups/([^/]+)", self._save_group),
        )
        given = {name: it for name, it in (("query", query), ("body", body)) if it}
        for known, pattern, handle in routes:
            if method == known and (match := re.fullmatch(pattern, path)):
                return handle(*match.groups(), **given)
        raise Refused(404, "Not found")

    def _number(self) -> int:
        self._next += 1
        return self._next

    def _settings(self) -> Document:
        return {"buildInfo": {"version": self.state.version, "edition": "Open Source"}}

    # folders ---------------------------------------------------------------------------

    def _get_folder(self, uid: str) -> Any:
        return _there(self.state.folders, uid, "folder not found")

    def _add_folder(self, *, body: Document) -> Document:
        if body["uid"] in self.state.folders:
            raise Refused(412, "the folder has been changed by someone else")
        folder = body | {"id": self._number(), "version": 1, "url": f"/dashboards/f/{body['uid']}"}
        self.state.folders[body["uid"]] = folder
        return folder

    # data sources ----------------------------------------------------------------------

    def _get_source(self, uid: str) -> Any:
        return _there(self.state.sources, uid, "Data source not found")

    def _save_source(self, *, body: Document) -> Document:
        before = self.state.sources.get(body["uid"], {"id": self._number(), "version": 0})
        if before.get("readOnly"):
            raise Refused(403, "data source is read-only")
        secrets = body.pop("secureJsonData", {})
        self.state.secrets |= secrets
        stored = before | body
        stored |= {
            "version": before["version"] + 1,
            "readOnly": False,
            "database": "",
            "secureJsonFields": dict.fromkeys(self.state.secrets, True),
        }
        self.state.sources[body["uid"]] = stored
        return {"message": "done", "name": body["name"], "id": stored["id"], "datasource": stored}

    def _health(self, uid: str) -> Document:
        self._get_source(uid)
        if fault := self.state.health(self.state.secrets.get("password", "")):
            raise Refused(400, fault)
        return {"message": "Database Connection OK"}

    # dashboards ------------------------------------------------------------------------

    def _get_dashboard(self, uid: str) -> Document:
        newest = _there(self.state.dashboards, uid, "Dashboard not found")[-1]
        meta = {"folderUid": newest["folder"], "provisioned": newest.get("provisioned", False)}
        return {"meta": meta, "dashboard": newest["dashboard"]}

    def _get_versions(self, uid: str) -> Document:
        versions = _there(self.state.dashboards, uid, "Dashboard not found")
        shown = [{"version": one["version"], "message": one["message"]} for one in versions[::-1]]
        return {"continueToken": "", "versions": shown}

    def _save_dashboard(self, *, body: Document) -> Document:
        dashboard, folder = body["dashboard"], body["folderUid"]
        if folder not in self.state.folders:
            raise Refused(400, "folder not found")
        versions = self.state.dashboards.setdefault(dashboard["uid"], [])
        newest = versions[-1] if versions else {"version": 0}
        if newest.get("provisioned"):
            raise Refused(400, "Cannot save provisioned dashboard")
        if versions and dashboard.get("version") != newest["version"] and not body["overwrite"]:
            raise Refused(412, "The dashboard has been changed by someone else")
        number = newest["version"] + 1
        stored = dashboard | {"id": newest.get("id") or self._number(), "version": number}
        versions.append(
            {
                "dashboard": stored,
                "folder": folder,
                "version": number,
                "message": body["message"],
                "id": stored["id"],
            }
        )
        return {
            "id": stored["id"],
            "uid": dashboard["uid"],
            "title": dashboard["title"],
            "url": f"/d/{dashboard['uid']}/a",
            "status": "success",
            "version": number,
        }

    # annotations -----------------------------------------------------------------------

    def _find_annotations(self, *, query: dict[str, list[str]]) -> list[Document]:
        asked = set(query.get("tags", ()))
        found = [one for one in self.state.annotations.values() if asked <= set(one["tags"])]
        return found[: int(query.get("limit", ["100"])[0])]

    def _add_annotation(self, *, body: Document) -> Document:
        number = self._number()
        self.state.annotations[number] = body | {"id": number}
        return {"message": "Annotation added", "id": number}

    def _change_annotation(self, number: str, *, body: Document) -> Document:
        self._there(number).update(body)
        return {"message": "Annotation updated"}

    def _remove_annotation(self, number: str) -> Document:
        self._there(number)
        del self.state.annotations[int(number)]
        return {"message": "Annotation deleted"}

    def _there(self, number: str) -> Any:
        return _there(self.state.annotations, int(number), "Annotation not found")

    # alerts ----------------------------------------------------------------------------

    def _get_contact_points(self) -> list[Document]:
        return self.state.contact_points

    def _add_contact_point(self, *, body: Document) -> Document:
        self.state.contact_points.append(body | {"provenance": "api"})
        return body

    def _change_contact_point(self, uid: str, *, body: Document) -> Document:
        (own,) = (one for one in self.state.contact_points if one["uid"] == uid)
        own.update(body)
        return {"message": "contactpoint updated"}

    def _get_rules(self) -> list[Document]:
        return [rule for group in self.state.groups.values() for rule in group["rules"]]

    def _get_group(self, folder: str, group: str) -> Any:
        return _there(self.state.groups, (folder, group), "alert rule group not found")

    def _save_group(self, folder: str, group: str, *, body: Document) -> Document:
        if folder not in self.state.folders:
            raise Refused(400, "folder does not exist")
        receivers = {one["name"] for one in self.state.contact_points}
        for rule in body["rules"]:
            settings = rule.get("notification_settings", {})
            if not {*settings.values()} <= receivers:
                raise Refused(400, "contact point does not exist")
            rule |= {"id": self._number(), "provenance": "api", "updated": "2026-01-01T00:00:00Z"}
        self.state.groups[folder, group] = body
        return body


def _there(things: dict[Any, Any], key: Any, otherwise: str) -> Any:
    if key not in things:
        raise Refused(404, otherwise)
    return things[key]
