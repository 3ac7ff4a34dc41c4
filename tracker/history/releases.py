"""The releases of a package as a git repository: one commit a release, its version as the tag.

Measured like any other history, it answers: how fast is each release of my dependency?
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tracker.errors import InfrastructureError, UsageError
from tracker.history.archives import Member, unpack
from tracker.history.hardened import run
from tracker.history.index import Sdist, get
from tracker.history.locking import Progress, locked, silent
from tracker.history.offers import choose

#: what each release contains, apart from any line of history; what is here is not fetched again
_CONTENTS = "refs/releases/"
_SHA256 = "Archive-SHA256"
_ARCHIVE = "Archive"

#: at the same time
_DOWNLOADS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One release, written as a commit."""

    #: also the name of the tag
    version: str
    #: when it was uploaded, UTC; author and committer date of the commit
    date: datetime
    #: file name of the source distribution
    archive: str
    #: of the archive
    sha256: str
    #: SHA of the commit
    commit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseHistory:
    """A repository written from releases."""

    #: the bare repository
    path: Path
    #: in the order of versions
    releases: tuple[Release, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """A release whose files are in the repository."""

    version: str
    date: datetime
    archive: str
    sha256: str
    tree: str


def write_releases(
    package: str,
    specifier: str,
    directory: Path,
    *,
    progress: Progress | None = None,
    limit: int | None = None,
) -> ReleaseHistory:
    """Write the source distributions of a package as a bare git repository.

    The branch ``main`` holds exactly the releases asked for, in the order of versions, whatever
    was asked before; the same releases give the same SHAs on every machine. What ``directory``
    has is not downloaded again. Pre-releases are left out unless the specifier names one, yanked
    releases unless it pins them; a release that has only wheels is left out with a note.

    Args:
        package: its name on the index.
        specifier: versions, in the syntax of requirements; "" for all.
        directory: where the repository is, or will be.
        progress: told what takes its time, and what is left out.
        limit: only so many of the newest.

    Raises:
        UsageError: ``releases.specifier``, ``releases.name``, ``releases.unknown`` (no such
            package or version), ``releases.directory`` (something else is there),
            ``releases.index``, ``releases.archive``.
        InfrastructureError: the network, the index or the disk failed.
    """
    say = progress or silent
    directory = directory.absolute()
    chosen = choose(package, specifier, say)
    chosen = chosen[-limit:] if limit else chosen
    _make(directory)
    with locked(directory / "releases.lock", say):
        known = {content.version: content for content in _contents(directory)}
        missing = [sdist for sdist in chosen if not _is_known(sdist, known)]
        for sdist, archive in _downloaded(missing, say):
            _store(package, sdist, archive, directory)
        stored = {content.version: content for content in _contents(directory)}
        line = [stored[str(sdist.version)] for sdist in chosen]
        commits = _write_line(package, line, directory)
    return ReleaseHistory(path=directory, releases=tuple(map(_release, line, commits)))


def _make(directory: Path) -> None:
    if not (directory / "HEAD").exists():
        if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
            raise UsageError(
                f"{directory} holds something else",
                code="releases.directory",
                hint="name a directory that is empty or does not exist yet",
            )
        directory.mkdir(parents=True, exist_ok=True)
        options = ("--quiet", "--bare", "--template=", "--initial-branch=main")
        run("init", *options, str(directory), cwd=directory)


def _is_known(sdist: Sdist, known: Mapping[str, _Content]) -> bool:
    content = known.get(str(sdist.version))
    return content is not None and (
        content.archive == sdist.filename and sdist.sha256 in ("", content.sha256)
    )


def _downloaded(missing: Sequence[Sdist], say: Progress) -> Iterator[tuple[Sdist, bytes]]:
    """The archives, some at a time: most of a download is waiting."""
    with ThreadPoolExecutor(_DOWNLOADS) as pool:
        for start in range(0, len(missing), _DOWNLOADS):
            batch = missing[start : start + _DOWNLOADS]
            say(f"downloading {', '.join(str(sdist.version) for sdist in batch)}")
            yield from zip(batch, pool.map(_download, batch), strict=True)


def _download(sdist: Sdist) -> bytes:
    archive = get(sdist.url)
    if archive is None:
        raise InfrastructureError(
            f"the index lists {sdist.filename} but does not have it",
            code="infrastructure.network",
            hint="run again later",
        )
    if sdist.sha256 not in ("", sha256 := hashlib.sha256(archive).hexdigest()):
        raise InfrastructureError(
            f"{sdist.filename} is not what the index announced: SHA-256 {sha256},"
            f" not {sdist.sha256}",
            code="infrastructure.network",
            hint="run again; if it stays so, do not trust the index",
        )
    return archive


def _store(package: str, sdist: Sdist, archive: bytes, directory: Path) -> None:
    """Put the files of a release into the repository, as a commit without parents."""
    members = unpack(sdist.filename, archive)
    content = _Content(
        version=str(sdist.version),
        # an index without upload times leaves the newest file
        date=sdist.uploaded or max(member.changed_at for member in members.values()),
        archive=sdist.filename,
        sha256=hashlib.sha256(archive).hexdigest(),
        tree="",
    )
    head = _commit(f"{_CONTENTS}{content.version}", package, content)
    _import(directory, [head, *_files(members)])


def _files(members: Mapping[str, Member]) -> Iterator[bytes]:
    for path, member in sorted(members.items()):
        name = path.replace("\\", "\\\\").replace('"', '\\"').encode(errors="surrogateescape")
        yield b'M %s inline "%s"\n' % (member.mode.encode(), name)
        yield _data(member.content)


def _write_line(package: str, line: Sequence[_Content], directory: Path) -> list[str]:
    """Make ``main`` and the tags these releases and nothing else; the SHAs, in order."""
    stream = [b"reset refs/heads/main\n"]
    for number, content in enumerate(line, start=1):
        stream.append(_commit("refs/heads/main", package, content, number))
        if number > 1:
            stream.append(b"from :%d\n" % (number - 1))
        stream.append(f'M 040000 {content.tree} ""\n'.encode())
        stream.append(f"reset refs/tags/{content.version}\nfrom :{number}\n\n".encode())
        stream.append(b"get-mark :%d\n" % number)
    commits = _import(directory, stream).decode().split()
    tags = set(run("tag", "--list", cwd=directory).decode().split())
    stale = sorted(tags - {content.version for content in line})
    run(
        "update-ref",
        "--stdin",
        cwd=directory,
        data="".join(f"delete refs/tags/{tag}\n" for tag in stale).encode(),
    )
    return commits


def _commit(ref: str, package: str, content: _Content, mark: int = 1) -> bytes:
    person = f"{package} <> {int(content.date.timestamp())} +0000"
    message = (
        f"{package} {content.version}\n\n"
        f"{_ARCHIVE}: {content.archive}\n{_SHA256}: {content.sha256}\n"
    )
    head = f"commit {ref}\nmark :{mark}\nauthor {person}\ncommitter {person}\n"
    return head.encode() + _data(message.encode())


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _import(directory: Path, stream: Iterable[bytes]) -> bytes:
    return run("fast-import", "--quiet", "--force", cwd=directory, data=b"".join(stream))


def _release(content: _Content, commit: str) -> Release:
    return Release(
        version=content.version,
        date=content.date,
        archive=content.archive,
        sha256=content.sha256,
        commit=commit,
    )


def _contents(directory: Path) -> Iterator[_Content]:
    trailers = "%x00".join(
        f"%(trailers:key={key},valueonly,separator=)" for key in (_ARCHIVE, _SHA256)
    )
    listing = run(
        "log",
        "--no-walk=unsorted",
        f"--glob={_CONTENTS}*",
        f"--format=%s%x00%T%x00%ct%x00{trailers}",
        cwd=directory,
    )
    for line in listing.decode().splitlines():
        subject, tree, seconds, archive, sha256 = line.split("\0")
        yield _Content(
            version=subject.rpartition(" ")[2],
            date=datetime.fromtimestamp(int(seconds), UTC),
            archive=archive,
            sha256=sha256,
            tree=tree,
        )
