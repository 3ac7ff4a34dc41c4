"""One comment for each question, kept up to date, wherever people talk about a change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from tracker.model.canonical import digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What somebody wrote."""

    number: int
    text: str
    #: by whoever the token belongs to
    own: bool


class Discussion(Protocol):
    """Where comments on one change stand."""

    @property
    def longest(self) -> int:
        """Characters that a comment may have."""

    def comments(self) -> Iterator[Comment]:
        """All of them, oldest first."""

    def add(self, text: str) -> None: ...

    def change(self, number: int, text: str) -> None: ...


def marker(*question: str) -> str:
    """A line that nobody sees, by which the comment on a question is found again."""
    return f"<!-- tracker {digest(question)[:16]} -->"


def keep(discussion: Discussion, mark: str, text: str) -> None:
    """Write a comment, or over the one that was written before about the same.

    Others may copy the mark; what they wrote is not touched.

    Raises:
        PublishError: the service does not take it.
    """
    whole = f"{mark}\n{text}"
    for comment in discussion.comments():
        if comment.own and comment.text.startswith(mark):
            discussion.change(comment.number, whole)
            return
    discussion.add(whole)
