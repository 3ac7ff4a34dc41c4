"""What a range means, and which of its commits stay in: decisions over values, without git."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase

from tracker.errors import RevisionError
from tracker.model.commits import Commit

#: the whole line of history, as a word
ALL = "ALL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The commits that ``end`` reaches and ``start`` does not."""

    #: "" for the root
    start: str
    end: str
    #: one revision was named, and only that commit is meant
    single: bool = False


def parse_range(text: str, *, head: str = "HEAD") -> Range:
    """Read ``A..B``, ``..B`` (all up to B), ``A..`` (up to HEAD), ``ALL`` or one revision.

    ``ALL`` is the whole line of ``head``.

    Raises:
        RevisionError: ``revision.range``: it is none of these.
    """
    text = text.strip()
    if text == ALL:
        return Range(start="", end=head)
    if "..." in text:
        start, _, end = text.partition("...")
        raise RevisionError(
            f"{text!r} is a symmetric difference, which has no order",
            code="revision.range",
            hint=f"with two dots, {start}..{end} is what {end or 'HEAD'} has beyond {start}",
        )
    start, dots, end = text.partition("..")
    if not text or ".." in end or any(part != part.strip() for part in (start, end)):
        raise RevisionError(
            f"{text!r} is not a range", code="revision.range", hint="write A..B, or ALL"
        )
    for revision in filter(None, (start, end)):
        check_revision(revision)
    if not dots:
        return Range(start="", end=start, single=True)
    return Range(start=start, end=end or "HEAD")


def check_revision(revision: str) -> None:
    """Refuse what git would not take for a revision.

    Raises:
        RevisionError: ``revision.range``: it is an option, an exclusion or empty.
    """
    if not revision or revision.startswith(("-", "^")) or "\0" in revision or "\n" in revision:
        hint = f"write {ALL} for the whole line" if revision == "--all" else "write A..B"
        raise RevisionError(f"{revision!r} is not a revision", code="revision.range", hint=hint)


def tagged(commits: Sequence[Commit], patterns: Sequence[str]) -> tuple[Commit, ...]:
    """Those with a tag that one of the glob patterns matches; no patterns: all."""
    return tuple(
        commit
        for commit in commits
        if not patterns
        or any(fnmatchcase(tag, pattern) for tag in commit.tags for pattern in patterns)
    )


def since(commits: Sequence[Commit], moment: datetime | None) -> tuple[Commit, ...]:
    """Those committed at ``moment`` or later, wherever they stand: clocks of people disagree."""
    return tuple(commit for commit in commits if moment is None or commit.committed_at >= moment)


def every(commits: Sequence[Commit], step: int) -> tuple[Commit, ...]:
    """Each ``step``-th of commits in order, counted from the newest, which is always in."""
    return tuple(reversed(commits[::-1][::step]))


def positions(line: Sequence[str], parents: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Where each commit stands along a first-parent line.

    A commit of the line has its index; one beside it has the index of the merge that brought it in.

    Args:
        line: SHAs, root first.
        parents: SHA -> parents of all commits that the line reaches; missing ones are roots.
    """
    places: dict[str, int] = {}
    for index, sha in enumerate(line):
        waiting = [sha]
        while waiting:
            if (reached := waiting.pop()) not in places:
                places[reached] = index
                waiting.extend(parents.get(reached, ()))
    return places
