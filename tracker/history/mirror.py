"""A private bare copy of a repository, brought up to date with one fetch.

Everything is read from the copy, so the configuration, hooks and filters of the original are never
in force. A commit once fetched is never forgotten, whatever becomes of its branch.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from tracker.errors import InfrastructureError, RepositoryError, TrackerError
from tracker.history.hardened import UPLOAD_PACK, Answer, call, last_line, refusal, run
from tracker.history.locations import Source
from tracker.history.locking import Progress, locked

#: the source's HEAD, detached or not; the copy's own HEAD points here
_HEAD = "refs/tracker/head"
#: heads that a force push or a deleted branch left behind
_SEEN = "refs/tracker/seen/"

_REFS = (
    f"+HEAD:{_HEAD}",
    "+refs/heads/*:refs/heads/*",
    "+refs/tags/*:refs/tags/*",
    "+refs/remotes/*:refs/remotes/*",
)
#: git's word for all of the history
_INFINITE = "--depth=2147483647"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """A name that the source gives to a commit."""

    #: in full, e.g. "refs/tags/v1"
    name: str
    #: SHA of the commit, tag objects looked through
    sha: str

    @property
    def short(self) -> str:
        """The name as people write it."""
        return self.name.split("/", 2)[2]

    @property
    def is_known(self) -> bool:
        """Did a person give the name, and not the tracker?"""
        return self.name != _HEAD

    @property
    def is_tag(self) -> bool:
        return self.name.startswith("refs/tags/")


def update(source: Source, mirror: Path, progress: Progress) -> None:
    """Make ``mirror`` hold all that the branches, tags and HEAD of ``source`` reach.

    Two processes that want the same mirror wait for each other.

    Raises:
        RepositoryError: it is no repository, has no commits, or access is denied.
        InfrastructureError: the network or the disk failed.
    """
    with locked(mirror.with_name(f"{mirror.name}.lock"), progress):
        if not mirror.exists():
            _make(mirror)
        _sweep(mirror)
        before = {ref.name: ref.sha for ref in references(mirror)}
        progress(f"fetching {source.address}")
        _fetch(source, mirror)
        after = {ref.name: ref.sha for ref in references(mirror)}
        _remember({sha for name, sha in before.items() if after.get(name) != sha}, mirror)


def references(mirror: Path) -> tuple[Ref, ...]:
    """Branches, tags and HEAD of the source when it was last fetched."""
    listing = run(
        "for-each-ref",
        "--format=%(refname) %(objecttype) %(objectname) %(*objecttype) %(*objectname)",
        cwd=mirror,
    )
    fields = (line.split() for line in listing.decode(errors="surrogateescape").splitlines())
    return tuple(
        Ref(name=name, sha=objects[-1])
        for name, *objects in fields
        if objects[-2] == "commit" and not name.startswith(_SEEN)
    )


def boundary(mirror: Path) -> frozenset[str]:
    """Commits whose parents are missing because the source is a shallow clone."""
    shallow = mirror / "shallow"
    return frozenset(shallow.read_text().split()) if shallow.exists() else frozenset()


def _make(mirror: Path) -> None:
    """Appears whole or not at all, so that a crash leaves nothing half made."""
    fresh = mirror.with_name(f"{mirror.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    run("init", "--quiet", "--bare", "--template=", str(fresh), cwd=mirror.parent)
    run("symbolic-ref", "HEAD", _HEAD, cwd=fresh)
    fresh.rename(mirror)


def _sweep(mirror: Path) -> None:
    """Locks of a git that was killed; no other git writes references here while we hold ours."""
    for lock in [*mirror.glob("*.lock"), *(mirror / "refs").rglob("*.lock")]:
        lock.unlink(missing_ok=True)


def _fetch(source: Source, mirror: Path) -> None:
    answer = call(
        "fetch",
        "--quiet",
        "--no-tags",
        "--prune",
        "--no-write-fetch-head",
        "--update-shallow",
        # a clone that was shallow once may have been completed since
        *([_INFINITE] if boundary(mirror) else []),
        *([f"--upload-pack={UPLOAD_PACK}"] if source.local else []),
        "--",
        source.address,
        *_REFS,
        cwd=mirror,
        as_user_configured=not source.local,
    )
    if answer.status:
        raise _failure(source, mirror, answer)


def _remember(replaced: set[str], mirror: Path) -> None:
    """Keep the commits that no branch or tag reaches any more from being collected, ever."""
    if not replaced:
        return
    revisions = "".join(f"{sha}\n" for sha in replaced).encode()
    beyond = run("rev-list", "--not", "--all", "--not", "--stdin", cwd=mirror, data=revisions)
    lost = set(beyond.decode().split())
    kept = "".join(f"update {_SEEN}{sha} {sha}\n" for sha in sorted(replaced & lost))
    if kept:
        run("update-ref", "--stdin", cwd=mirror, data=kept.encode())


#: git's complaint, and the error that it is
_REASONS: tuple[tuple[str, type[TrackerError], str, str], ...] = (
    (
        r"couldn't find remote ref HEAD",
        RepositoryError,
        "repository.empty",
        "make a commit first, or check out a branch that has one",
    ),
    (
        r"transport '.*' not allowed|remote helper",
        RepositoryError,
        "repository.protocol",
        "give a path or a URL of https or ssh",
    ),
    (
        (
            r"Authentication failed|could not read (Username|Password)|Permission denied"
            r"|terminal prompts disabled|Host key verification failed"
        ),
        RepositoryError,
        "repository.access",
        (
            "set up a credential helper or an ssh key (the tracker never asks for a password),"
            " or clone by hand and give the directory"
        ),
    ),
    (
        r"[Rr]epository .*not found|does not appear to be a git repository|does not exist",
        RepositoryError,
        "repository.missing",
        "check project.repository",
    ),
    (
        (
            r"Could not resolve|unable to (access|look up|connect)|timed out"
            r"|Connection (refused|reset|closed)|unexpected disconnect|early EOF"
            r"|Network is unreachable|No route to host"
        ),
        InfrastructureError,
        "infrastructure.network",
        "check the network and the proxy, then run the same command again",
    ),
)


def _failure(source: Source, mirror: Path, answer: Answer) -> TrackerError:
    # the place of a password in a URL is not a log
    address = re.sub(r"(?<=://)[^/@]*@", "", source.address)
    said = re.sub(r"(?<=://)[^/@\s]*@", "", answer.complaint)
    for pattern, error, code, hint in _REASONS:
        if re.search(pattern, said):
            return error(f"cannot fetch {address}: {last_line(said)}", code=code, hint=hint)
    failure = refusal(f"cannot fetch {address}", answer)
    failure.hint = failure.hint or f"if {mirror} is damaged, delete it: it is only a copy"
    return failure
