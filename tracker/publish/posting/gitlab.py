"""GitLab's REST interface, as far as a verdict on a merge request needs it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from tracker.publish.posting.comments import Comment
from tracker.publish.posting.http import Client

PUBLIC = "https://gitlab.com/api/v4"

#: characters that a note may have
LONGEST = 1_000_000
#: notes in one answer, at most
_PAGE = 100


@dataclass(frozen=True, kw_only=True)
class MergeRequest:
    """The notes below a merge request."""

    client: Client
    #: ``group/name`` or the number of the project
    project: str
    #: within the project
    number: int
    longest: int = LONGEST

    def comments(self) -> Iterator[Comment]:
        page = 1
        while True:
            found = self._ask("GET", f"?sort=asc&per_page={_PAGE}&page={page}")
            for one in found:
                own = one["author"]["id"] == self._user
                yield Comment(number=one["id"], text=one["body"], own=own)
            if len(found) < _PAGE:
                return
            page += 1

    def add(self, text: str) -> None:
        self._ask("POST", "", {"body": text})

    def change(self, number: int, text: str) -> None:
        self._ask("PUT", f"/{number}", {"body": text})

    @cached_property
    def _user(self) -> int:
        """Number of the user that the token belongs to: a project's token has one too."""
        return int(self.client.ask("GET", "/user")["id"])

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        project = quote(self.project, safe="")
        notes = f"/projects/{project}/merge_requests/{self.number}/notes"
        return self.client.ask(method, notes + path, body)


def client(base: str, token: str) -> Client:
    """GitLab, by a token of a person, a group or a project."""
    return Client(name="GitLab", base=base.rstrip("/"), headers={"PRIVATE-TOKEN": token})
