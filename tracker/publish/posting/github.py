"""GitHub's REST interface, as far as a verdict on a pull request needs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any
from urllib.parse import quote

from tracker.errors import PublishError
from tracker.publish.posting.comments import Comment
from tracker.publish.posting.http import Client
from tracker.publish.wording import shortened

PUBLIC = "https://api.github.com"

#: characters of a comment; 65,536 are allowed, and what counts as one is not told
LONGEST = 65_000
#: characters that the description of a status may have
_DESCRIPTION = 140
#: comments in one answer, at most
_PAGE = 100


class State(StrEnum):
    """What a status says."""

    success = "success"
    failure = "failure"
    error = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """One repository of GitHub."""

    client: Client
    #: ``owner/name``
    name: str

    def set_status(self, sha: str, *, context: str, state: State, told: str, link: str) -> None:
        """Set the status that a commit has in a context.

        Args:
            link: where there is more to read; "" for nowhere.

        Raises:
            PublishError: GitHub does not take it.
        """
        body = {"state": state, "context": context, "description": shortened(told, _DESCRIPTION)}
        self.ask("POST", f"statuses/{sha}", body | ({"target_url": link} if link else {}))

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The answer about something of this repository."""
        return self.client.ask(method, f"/repos/{quote(self.name)}/{path}", body)


@dataclass(frozen=True, kw_only=True)
class PullRequest:
    """The comments below a pull request, which is an issue there."""

    repository: Repository
    number: int
    longest: int = LONGEST

    def comments(self) -> Iterator[Comment]:
        page = 1
        while True:
            found = self.repository.ask(
                "GET", f"issues/{self.number}/comments?per_page={_PAGE}&page={page}"
            )
            for one in found:
                yield Comment(number=one["id"], text=one["body"] or "", own=self._is_own(one))
            if len(found) < _PAGE:
                return
            page += 1

    def add(self, text: str) -> None:
        self.repository.ask("POST", f"issues/{self.number}/comments", {"body": text})

    def change(self, number: int, text: str) -> None:
        self.repository.ask("PATCH", f"issues/comments/{number}", {"body": text})

    def _is_own(self, comment: Mapping[str, Any]) -> bool:
        author = comment["user"] or {}  # none: the account is gone
        if self._login:
            return bool(author.get("login") == self._login)
        return bool(author.get("type") == "Bot")

    @cached_property
    def _login(self) -> str:
        """Who the token belongs to; "" for an app, such as that of Actions, which has no user."""
        try:
            return str(self.repository.client.ask("GET", "/user")["login"])
        except PublishError as error:
            if error.passing:
                raise
            return ""


def client(base: str, token: str) -> Client:
    """GitHub, by a token."""
    return Client(
        name="GitHub",
        base=base.rstrip("/"),
        headers={
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "X-GitHub-Api-Version": "2022-11-28",
        },
    )
