"""A project's history: revisions, ranges and files, read from a private copy."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from tracker.config.places import Places
from tracker.config.settings import HistorySettings
from tracker.errors import RepositoryError, RevisionError
from tracker.history import printing, ranges
from tracker.history.hardened import call, run
from tracker.history.locations import locate
from tracker.history.locking import Progress, silent
from tracker.history.mirror import Ref, boundary, references, update
from tracker.history.printing import TreeEntry, is_lfs_pointer
from tracker.history.snapshots import snapshot
from tracker.model.commits import Commit

__all__ = ["Repository", "TreeEntry", "is_lfs_pointer"]

#: a day without a time
_DAY = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}")
_UNSHALLOW = "the clone is shallow: `git fetch --unshallow` in it brings the rest"


class Repository:
    """The history of one project. Safe to use from several threads."""

    def __init__(
        self, *, name: str, location: str, git_dir: Path, work_tree: Path | None = None
    ) -> None:
        #: what people call the project
        self.name = name
        #: as the person wrote it
        self.location = location
        #: the private bare copy
        self.git_dir = git_dir
        self._work_tree = work_tree
        self._refs = references(git_dir)
        self._boundary = boundary(git_dir)
        self._lines: dict[str, tuple[str, ...]] = {}

    @classmethod
    def open(
        cls,
        location: str,
        *,
        places: Places,
        root: Path,
        fetch: bool = True,
        progress: Progress | None = None,
    ) -> Self:
        """Bring the private copy of a repository up to date and read from it.

        Args:
            location: a directory, relative to ``root``, or a URL.
            places: where copies are kept.
            root: where relative paths start.
            fetch: False reads what is known already.
            progress: told in a sentence what takes its time.

        Raises:
            RepositoryError: there is no repository, it has no commits, it cannot be read, or
                reaching it would mean to run a program.
            InfrastructureError: git, the network or the disk failed.
        """
        source = locate(location, root)
        mirror = places.mirrors / source.slug
        if fetch:
            update(source, mirror, progress or silent)
        elif not mirror.exists():
            raise RepositoryError(
                f"{location} was never fetched",
                code="repository.missing",
                hint="run once with the network allowed",
            )
        work_tree = Path(source.address) if source.local else None
        return cls(name=source.name, location=location, git_dir=mirror, work_tree=work_tree)

    def git(self, *args: str, input: bytes | None = None, cwd: Path | None = None) -> bytes:  # noqa: A002 - as in subprocess
        """What a git command prints, in the copy or in a work tree of it, with nothing obeyed that
        the repository or the user configured.

        Raises:
            RepositoryError: git refused.
            InfrastructureError: git or the disk failed.
        """
        return run(*args, cwd=cwd or self.git_dir, data=input)

    def resolve(self, revision: str, *, branch: str = "") -> Commit:
        """The commit that ``revision`` names: a SHA, branch, tag, ``HEAD~3``, ...

        Its position counts along the line of ``branch``, see ``commits``.

        Raises:
            RevisionError: ``revision.unknown`` or ``revision.ambiguous``.
        """
        sha = self._sha(revision)
        (commit,) = self._read(["--no-walk", sha], head=branch or "HEAD", end=sha)
        return commit

    def uncommitted(self) -> Commit:
        """The work tree with its changes on top of HEAD; HEAD itself where there are none.

        Raises:
            RepositoryError: ``repository.no-work-tree``: this repository has none here.
        """
        tree = self._work_tree
        if tree is None or not (tree / ".git").exists():
            raise RepositoryError(
                f"{self.location} has no work tree here",
                code="repository.no-work-tree",
                hint="name a commit, or set project.repository to a clone's directory",
            )
        head = self.resolve("HEAD")
        sha = snapshot(tree, self.git_dir, head.sha)
        return head if sha == head.sha else replace(self.resolve(sha), stands_for="work tree")

    def commits(
        self, range_text: str, history: HistorySettings, *, branch: str = ""
    ) -> tuple[Commit, ...]:
        """The commits of a range that pass the filters, parents before children.

        Positions count along the first-parent line of ``branch``; a commit beside the line has the
        position of the merge that brought it in. A range that the branch does not reach counts
        along the line of its own end.

        Args:
            range_text: ``A..B``, ``..B``, ``A..``, ``ALL`` or one revision, which is not filtered.
            history: the filters. Paths are git's path specifications from the repository's root.
            branch: head of the line; "" for the source's HEAD.

        Raises:
            RevisionError: ``revision.range``, ``revision.unknown``, ``revision.ambiguous``,
                ``revision.empty``, ``revision.shallow`` (parents that a shallow clone lacks),
                ``revision.since`` (not a date).
        """
        wanted = ranges.parse_range(range_text, head=branch or "HEAD")
        if wanted.single:
            return (self.resolve(wanted.end, branch=branch),)
        end = self._sha(wanted.end)
        start = self._sha(wanted.start) if wanted.start else ""
        moment = self._moment(history.since)
        walked = self._read(
            [
                *(["--first-parent"] if history.first_parent else []),
                "--topo-order",
                "--reverse",
                end,
                *([f"^{start}"] if start else []),
                "--",
                *history.paths,
            ],
            head=branch or "HEAD",
            end=end,
        )
        recent = ranges.since(walked, moment)
        self._refuse_boundary(recent, range_text)
        chosen = ranges.every(ranges.tagged(recent, history.tags), history.every)
        if not chosen:
            raise self._empty(range_text, start, end, history)
        return chosen

    def before(
        self, commit: Commit, *, first_parent: bool, branch: str = "", most: int
    ) -> tuple[Commit, ...]:
        """The newest commits that lead to a commit, without it, unfiltered; parents first.

        Args:
            first_parent: along first parents alone.
            branch: positions count along its line, see ``commits``.
            most: so many at most; a shallow clone may have fewer.
        """
        line = ["--first-parent"] if first_parent else []
        walked = self._read(
            [*line, "--topo-order", "--reverse", f"--max-count={most + 1}", commit.sha],
            head=branch or "HEAD",
            end=commit.sha,
        )
        return walked[:-1]

    def is_ancestor(self, one: Commit, other: Commit) -> bool:
        """Whether ``other`` has ``one`` in its history; every commit has itself."""
        return not call("merge-base", "--is-ancestor", one.sha, other.sha, cwd=self.git_dir).status

    def brought_in(self, merge: Commit) -> tuple[tuple[Commit, ...], ...]:
        """For each side that a merge brought in: where it left the line, and its commits, oldest
        first, along its own first parents. Sides of unrelated histories are left out.
        """
        main, *others = merge.parents or ("",)
        sides = []
        for tip in others:
            answer = call("merge-base", main, tip, cwd=self.git_dir)
            if not answer.status:
                fork = answer.out.decode().split()[0]
                listed = ["--first-parent", "--reverse", tip, f"^{fork}"]
                commits = self._read(listed, head=merge.sha, end=merge.sha)
                sides.append((self.resolve(fork), *commits))
        return tuple(sides)

    def line(self, branch: str = "") -> tuple[str, ...]:
        """SHAs of the first-parent line of ``branch`` ("": the source's HEAD), root first.

        Raises:
            RevisionError: there is no such branch.
        """
        head = self._sha(branch or "HEAD")
        if head not in self._lines:
            listing = self.git("rev-list", "--first-parent", "--reverse", head)
            self._lines[head] = tuple(listing.decode().split())
        return self._lines[head]

    def tree(self, sha: str, subdirectory: str = "") -> tuple[TreeEntry, ...]:
        """All files of a commit, or those below one directory; one git process, no file is read.

        Raises:
            RepositoryError: no such commit.
        """
        below = ["--", f":(literal){subdirectory.strip('/')}/"] if subdirectory else []
        listing = self.git("ls-tree", "-r", "-z", "--full-tree", sha, *below)
        return printing.entries(listing)

    def blob(self, sha: str, path: str) -> bytes | None:
        """The content of a file at a commit; None where there is no such file."""
        return self.blobs([sha], path)[0]

    def blobs(self, shas: Sequence[str], path: str) -> tuple[bytes | None, ...]:
        """The content of one file at many commits, in one git process.

        Raises:
            RepositoryError: git failed.
        """
        if "\n" in path:
            return (None,) * len(shas)
        names = "".join(f"{sha}:{path}\n" for sha in shas).encode(errors="surrogateescape")
        return tuple(printing.contents(self.git("cat-file", "--batch", input=names)))

    def _sha(self, revision: str) -> str:
        ranges.check_revision(revision)
        answer = call(
            "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}", cwd=self.git_dir
        )
        if answer.status:
            raise self._unknown(revision, answer.complaint)
        return answer.out.decode().strip()

    def _moment(self, text: str) -> datetime | None:
        """Git's own reading of a date, so that ``2 weeks ago`` is one."""
        if not text:
            return None
        asked = datetime.now(UTC)
        # to a bare day git adds the time that it is now, and the range would move with the clock
        day = f"{text} 00:00" if _DAY.fullmatch(text.strip()) else text
        printed = self.git("rev-parse", f"--since={day}").decode()
        moment = datetime.fromtimestamp(int(printed.strip().removeprefix("--max-age=")), UTC)
        # what git cannot read it takes for this very moment, since which there is never a commit
        if moment >= asked.replace(microsecond=0):
            raise RevisionError(
                f"history.since: {text!r} is not a date of the past",
                code="revision.since",
                hint='write 2024-05-31, or "3 months ago"',
            )
        return moment

    def _read(self, arguments: Sequence[str], *, head: str, end: str) -> tuple[Commit, ...]:
        rows = printing.rows(self.git(*printing.LOG, *arguments))
        places = self._places([row.sha for row in rows], head=head, end=end)
        tags: dict[str, list[str]] = {}
        for ref in self._refs:
            if ref.is_tag:
                tags.setdefault(ref.sha, []).append(ref.short)
        return tuple(
            row.commit(position=places[row.sha], tags=tags.get(row.sha, ())) for row in rows
        )

    def _places(self, shas: Sequence[str], *, head: str, end: str) -> Mapping[str, int]:
        """Positions along the line of ``head``, or along that of ``end`` where it is elsewhere."""
        places: dict[str, int] = {}
        for tip in (head, end):
            line = self.line(tip)
            places = {sha: index for index, sha in enumerate(line)}
            if places.keys() >= set(shas):
                break
            graph = self.git("rev-list", "--parents", line[-1]).decode().splitlines()
            family = (entry.split() for entry in graph)
            places = ranges.positions(line, {child: parents for child, *parents in family})
            if places.keys() >= set(shas):
                break
        return places

    def _refuse_boundary(self, commits: Sequence[Commit], range_text: str) -> None:
        if any(commit.sha in self._boundary for commit in commits):
            raise RevisionError(
                f"{range_text} goes on where the clone {self.location} ends",
                code="revision.shallow",
                hint=_UNSHALLOW,
            )

    def _unknown(self, revision: str, complaint: str) -> RevisionError:
        if "is ambiguous" in complaint:
            return RevisionError(
                f"{revision} may be one of several commits",
                code="revision.ambiguous",
                hint="write more digits of the SHA",
            )
        message = f"no commit is called {revision!r} in {self.location}"
        base = re.split(r"[~^@:]", revision, maxsplit=1)[0]
        if self._boundary:
            return RevisionError(message, hint=_UNSHALLOW)
        if base != revision and not self._failing(base):
            reach = len(self.line(base)) - 1
            hint = f"{base}~{reach} is the first commit of its line; {ranges.ALL} means all of it"
            return RevisionError(message, hint=hint)
        return RevisionError(message, hint=_did_you_mean(base, self._refs))

    def _failing(self, revision: str) -> bool:
        probe = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        return bool(call(*probe, cwd=self.git_dir).status)

    def _empty(
        self, range_text: str, start: str, end: str, history: HistorySettings
    ) -> RevisionError:
        filters = {"since": history.since, "tags": history.tags, "paths": history.paths}
        active = [f"history.{name}" for name, value in filters.items() if value]
        hint = f"{', '.join(active)} let no commit through" if active else ""
        if start and not call("merge-base", "--is-ancestor", end, start, cwd=self.git_dir).status:
            hint = "its end is not newer than its start: ranges go from old to new, OLD..NEW"
        return RevisionError(f"{range_text} holds no commits", code="revision.empty", hint=hint)


def _did_you_mean(name: str, refs: Sequence[Ref]) -> str:
    close = difflib.get_close_matches(
        name, sorted({ref.short for ref in refs if ref.is_known}), n=3
    )
    return f"did you mean {' or '.join(close)}?" if close else "`git log` shows what there is"
