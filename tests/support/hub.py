"""A hub of models on this machine: what the client of the real one asks for, and no more."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One model and its history."""

    #: full hash of a commit -> directory of the model there
    revisions: Mapping[str, Path]
    #: branch -> hash
    branches: Mapping[str, str] = field(default_factory=dict)
    #: what has to be shown to get it; "": nothing
    token: str = ""


@dataclass(slots=True, kw_only=True)
class LocalHub:
    """A hub that runs, and what it was asked for."""

    url: str
    models: Mapping[str, Served]
    #: method and path of every request
    asked: list[str] = field(default_factory=list)


@contextmanager
def local_hub(models: Mapping[str, Served]) -> Iterator[LocalHub]:
    """Serve models by name, such as ``org/name``, as long as the context lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    hub = LocalHub(url=f"http://127.0.0.1:{server.server_port}", models=models)
    server.hub = hub  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, *arguments: object) -> None:
        pass

    def _answer(self) -> None:
        hub: LocalHub = self.server.hub  # type: ignore[attr-defined]
        hub.asked.append(f"{self.command} {self.path}")
        parts = self.path.strip("/").split("/")
        if parts[:2] == ["api", "models"]:
            parts = parts[2:]
        name, (kind, asked, *file) = "/".join(parts[:2]), (*parts[2:], "", "")[:3]
        model = hub.models.get(name)
        if model is None:
            return self._refuse(404, "RepoNotFound")
        if model.token and self.headers.get("Authorization") != f"Bearer {model.token}":
            return self._refuse(401, "GatedRepo")
        revision = model.branches.get(asked or "main", asked)
        directory = model.revisions.get(revision)
        if directory is None:
            return self._refuse(404, "RevisionNotFound")
        if kind in ("", "revision"):
            files = [{"rfilename": path.name} for path in sorted(directory.iterdir())]
            body = json.dumps({"id": name, "sha": revision, "siblings": files}).encode()
            return self._send(body, {})
        path = directory.joinpath("/".join(file) or "none")
        if not path.is_file():
            return self._refuse(404, "EntryNotFound")
        body = path.read_bytes()
        tag = sha256(body).hexdigest()
        return self._send(body, {"ETag": f'"{tag}"', "X-Repo-Commit": revision})

    def _refuse(self, code: int, why: str) -> None:
        self._send(b"{}", {"X-Error-Code": why}, code)

    def _send(self, body: bytes, headers: Mapping[str, str], code: int = 200) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)
