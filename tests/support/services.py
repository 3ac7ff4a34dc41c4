"""Other people's services as their documentation describes them, in a thread of the test.

Each remembers what it was asked, checks it by the rules that it publishes, and keeps state: what
was added once can be changed and is listed.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

#: a trouble: the service takes the request and never answers
HANG = 0


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request."""

    method: str
    path: str
    #: what came after the question mark
    query: Mapping[str, str]
    #: their names in any case
    headers: Message
    body: Any


class Service(Protocol):
    """Answers requests; ``troubles`` come first: a status each, or ``HANG``."""

    asked: list[Asked]
    troubles: list[int]

    def answer(self, asked: Asked) -> tuple[int, Any]: ...


@dataclass(kw_only=True)
class GitHub:
    """Comments and statuses of ``owner/name`` as of version 2022-11-28 of the interface."""

    token: str = "gh-token"  # noqa: S105
    #: the user of the token; "": an app, which is no user
    login: str = ""
    asked: list[Asked] = field(default_factory=list)
    troubles: list[int] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)

    def wrote(self, text: str, login: str, kind: str = "User") -> None:
        """Somebody writes a comment."""
        user = {"login": login, "type": kind}
        self.comments.append({"id": len(self.comments) + 1, "body": text, "user": user})

    def answer(self, asked: Asked) -> tuple[int, Any]:
        assert asked.headers["User-Agent"], "is refused without"
        assert asked.headers["Accept"] == "application/vnd.github+json"
        assert asked.headers["X-GitHub-Api-Version"] == "2022-11-28"
        if asked.headers["Authorization"] != f"Bearer {self.token}":
            return 401, {"message": "Bad credentials"}
        return self._answer(asked) or (403, {"message": "Resource not accessible by integration"})

    def _answer(self, asked: Asked) -> tuple[int, Any] | None:
        match asked.method, asked.path.removeprefix("/repos/owner/name/").split("/"):
            case "GET", ["", "user"] if self.login:
                return 200, {"login": self.login}
            case "GET", ["issues", "12", "comments"]:
                return 200, _page(self.comments, asked.query)
            case "POST", ["issues", "12", "comments"]:
                return self._added(asked.body["body"])
            case "PATCH", ["issues", "comments", number] if int(number) <= len(self.comments):
                self.comments[int(number) - 1]["body"] = asked.body["body"]
                return 200, self.comments[int(number) - 1]
            case "POST", ["statuses", sha] if re.fullmatch(r"[0-9a-f]{40}", sha):
                return self._set(sha, asked.body)
        return None

    def _added(self, text: str) -> tuple[int, Any]:
        if not 0 < len(text) <= 65_536:
            return 422, {"message": "Validation Failed"}
        if self.login:
            self.wrote(text, self.login)
        else:
            self.wrote(text, "github-actions[bot]", "Bot")
        return 201, self.comments[-1]

    def _set(self, sha: str, body: dict[str, Any]) -> tuple[int, Any]:
        known = {"state", "context", "description", "target_url"}
        states = ("error", "failure", "pending", "success")
        right = (
            body.keys() <= known
            and body["state"] in states
            and len(body.get("description", "")) <= 140
            and body.get("target_url", "https:").startswith(("https:", "http:"))
        )
        if not right:
            return 422, {"message": "Validation Failed"}
        self.statuses.append({"sha": sha, **body})
        return 201, body


@dataclass(kw_only=True)
class GitLab:
    """Notes of merge request 7 of project ``group/name``, whose number is 5."""

    token: str = "gl-token"  # noqa: S105
    asked: list[Asked] = field(default_factory=list)
    troubles: list[int] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)

    def wrote(self, text: str, author: int) -> None:
        self.notes.append({"id": len(self.notes) + 1, "body": text, "author": {"id": author}})

    def answer(self, asked: Asked) -> tuple[int, Any]:
        if asked.headers["PRIVATE-TOKEN"] != self.token:
            return 401, {"message": "401 Unauthorized"}
        path = asked.path
        for project in ("group%2Fname", "5"):
            path = path.removeprefix(f"/projects/{project}/merge_requests/7/")
        match asked.method, path.split("/"):
            case "GET", ["", "user"]:
                return 200, {"id": 99, "username": "project_5_bot"}
            case "GET", ["notes"]:
                return 200, _page(self.notes, asked.query)
            case "POST", ["notes"] if 0 < len(asked.body["body"]) <= 1_000_000:
                self.wrote(asked.body["body"], 99)
                return 201, self.notes[-1]
            case "PUT", ["notes", number] if int(number) <= len(self.notes):
                self.notes[int(number) - 1]["body"] = asked.body["body"]
                return 200, self.notes[int(number) - 1]
        return 404, {"error": "404 Not Found"}


@dataclass(kw_only=True)
class Webhook:
    """Takes whatever it is sent."""

    asked: list[Asked] = field(default_factory=list)
    troubles: list[int] = field(default_factory=list)
    taken: list[Any] = field(default_factory=list)

    def answer(self, asked: Asked) -> tuple[int, Any]:
        self.taken.append(asked.body)
        return 200, {}


def _page(all_: list[dict[str, Any]], query: Mapping[str, str]) -> list[dict[str, Any]]:
    size, number = int(query.get("per_page", "30")), int(query.get("page", "1"))
    assert 0 < size <= 100
    return all_[size * (number - 1) : size * number]


@contextmanager
def serving(service: Service) -> Iterator[str]:
    """The address of a service, which answers while the context lasts."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_any(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            text = self.rfile.read(length)
            whole = urlsplit(self.path)
            asked = Asked(
                method=self.command,
                path=whole.path,
                query={name: values[0] for name, values in parse_qs(whole.query).items()},
                headers=self.headers,
                body=json.loads(text) if text else None,
            )
            service.asked.append(asked)
            trouble = service.troubles.pop(0) if service.troubles else None
            if trouble == HANG:
                over.wait()
                return
            status, answer = (trouble, {}) if trouble else service.answer(asked)
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_any  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            over.set()
            server.shutdown()
            thread.join()
