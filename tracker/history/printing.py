"""What git prints, as values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from tracker.model.commits import Commit

#: prints what ``rows`` reads
LOG = (
    "log",
    "-z",
    "--format=%H%x00%T%x00%P%x00%an%x00%ad%x00%cd%x00%s",
    "--date=raw",
    "--encoding=UTF-8",
)
_FIELDS = 7
_LFS_HEADER = b"version https://git-lfs.github.com/spec/v1\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeEntry:
    """A file, link or submodule of a commit."""

    #: "100644", "100755" executable, "120000" symbolic link, "160000" submodule
    mode: str
    #: "blob", or "commit" for a submodule
    kind: str
    sha: str
    #: from the root of the repository
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A commit as ``git log`` prints it."""

    sha: str
    tree: str
    parents: str
    author: str
    authored: str
    committed: str
    subject: str

    def commit(self, *, position: int, tags: Sequence[str]) -> Commit:
        """With what only the rest of the history tells."""
        return Commit(
            sha=self.sha,
            tree=self.tree,
            parents=tuple(self.parents.split()),
            author=self.author,
            authored_at=date(self.authored),
            committed_at=date(self.committed),
            subject=self.subject,
            tags=tuple(sorted(tags)),
            position=position,
        )


def is_lfs_pointer(content: bytes) -> bool:
    """Does this stand in for a large file that git itself does not have?"""
    return content.startswith(_LFS_HEADER)


def rows(log: bytes) -> tuple[Row, ...]:
    """Read the form of ``LOG``."""
    fields = log.decode(errors="replace").split("\0")
    starts = range(0, len(fields) - 1, _FIELDS)
    return tuple(_row(*fields[start : start + _FIELDS]) for start in starts)


def _row(
    sha: str, tree: str, parents: str, author: str, authored: str, committed: str, subject: str
) -> Row:
    return Row(
        sha=sha,
        tree=tree,
        parents=parents,
        author=author,
        authored=authored,
        committed=committed,
        subject=subject,
    )


def entries(listing: bytes) -> tuple[TreeEntry, ...]:
    """Read the form of ``git ls-tree -z``."""
    return tuple(_entry(line) for line in listing.split(b"\0") if line)


def _entry(line: bytes) -> TreeEntry:
    facts, _, path = line.partition(b"\t")
    mode, kind, sha = facts.decode().split()
    return TreeEntry(mode=mode, kind=kind, sha=sha, path=path.decode(errors="surrogateescape"))


def contents(batch: bytes) -> Iterator[bytes | None]:
    """Read the form of ``git cat-file --batch``: a line of facts, then the bytes and a newline.

    None for what is missing or no file.
    """
    start = 0
    while start < len(batch):
        end = batch.index(b"\n", start)
        *_, kind, size = batch[start:end].rsplit(b" ", 2)
        start = end + 1
        if not size.isdigit():
            yield None
            continue
        end = start + int(size)
        yield batch[start:end] if kind == b"blob" else None
        start = end + 1


def date(raw: str) -> datetime:
    """Git's raw date, ``seconds +hhmm``; the clocks and zones of commits may be anything."""
    seconds, _, zone = raw.partition(" ")
    minutes = int(zone[-4:-2]) * 60 + int(zone[-2:]) if re.fullmatch(r"[+-]\d{4}", zone) else 0
    offset = timedelta(minutes=-minutes if zone.startswith("-") else minutes)
    try:
        return datetime.fromtimestamp(int(seconds), timezone(offset))
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)
