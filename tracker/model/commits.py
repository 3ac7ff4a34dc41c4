"""Points of a project's history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A point of a project's history.

    Order comes from the graph: ``position`` counts along the first-parent line
    of the head it was read from, 0 at the root. Dates are never used to sort.
    """

    sha: str
    tree: str
    parents: tuple[str, ...]
    #: display name of the author
    author: str
    #: aware, as the author's clock had it
    authored_at: datetime
    #: aware, as the committer's clock had it
    committed_at: datetime
    #: first line of the message
    subject: str
    #: names of the tags that point here, sorted
    tags: tuple[str, ...] = ()
    position: int
    #: what people call it where it is none: a work tree with changes, a wheel. It is measured like
    #: a commit, and never stored as one
    stands_for: str = ""

    @property
    def short(self) -> str:
        """The abbreviated SHA that people read, 8 digits."""
        return self.sha[:8]

    @property
    def label(self) -> str:
        """What people call this commit: its first tag, else the short SHA."""
        return self.stands_for or (self.tags[0] if self.tags else self.short)
