"""What a source distribution contains, read in memory: nothing of it touches the disk."""

from __future__ import annotations

import io
import posixpath
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

from tracker.errors import UsageError

#: bytes; more than this is a trap, or nothing to measure
_LARGEST = 2**30

_FILE, _PROGRAM, _LINK = "100644", "100755", "120000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file or a symbolic link."""

    #: as git writes it
    mode: str
    #: of a link: where it points
    content: bytes
    changed_at: datetime


def unpack(filename: str, archive: bytes) -> dict[str, Member]:
    """The files of a ``.tar.gz`` or ``.zip`` by path, without the directory that holds them all.

    Links and paths that lead out of it, devices and anything called ``.git`` are left out.

    Raises:
        UsageError: ``releases.archive``: it cannot be read, or it is unreasonably large.
    """
    read = _zipped if filename.endswith(".zip") else _tarred
    members: dict[str, Member] = {}
    size = 0
    try:
        for path, member in read(archive):
            size += len(member.content)
            if size > _LARGEST:
                raise UsageError(f"{filename} unpacks to over 1 GiB", code="releases.archive")
            members[path] = member
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError, ValueError) as error:
        raise UsageError(f"{filename} cannot be read: {error}", code="releases.archive") from error
    return _without_top(members)


def _tarred(archive: bytes) -> Iterator[tuple[str, Member]]:
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:*") as tar:
        for entry in tar:
            path = posixpath.normpath(entry.name)
            if not (_is_inside(path) and entry.size <= _LARGEST):
                continue
            changed_at = datetime.fromtimestamp(entry.mtime, UTC)
            if entry.issym():
                if _is_inside(
                    posixpath.normpath(posixpath.join(posixpath.dirname(path), entry.linkname))
                ):
                    link = entry.linkname.encode(errors="surrogateescape")
                    yield path, Member(mode=_LINK, content=link, changed_at=changed_at)
            elif (entry.isreg() or entry.islnk()) and (file := tar.extractfile(entry)):
                mode = _PROGRAM if entry.mode & stat.S_IXUSR else _FILE
                yield path, Member(mode=mode, content=file.read(), changed_at=changed_at)


def _zipped(archive: bytes) -> Iterator[tuple[str, Member]]:
    with zipfile.ZipFile(io.BytesIO(archive)) as zipped:
        for entry in zipped.infolist():
            path = posixpath.normpath(entry.filename)
            if entry.is_dir() or not _is_inside(path) or entry.file_size > _LARGEST:
                continue
            mode = _PROGRAM if (entry.external_attr >> 16) & stat.S_IXUSR else _FILE
            changed_at = datetime(*entry.date_time, tzinfo=UTC)
            yield path, Member(mode=mode, content=zipped.read(entry), changed_at=changed_at)


def _is_inside(path: str) -> bool:
    parts = PurePosixPath(path).parts
    odd = {"..", "/", "//"} & set(parts) or any(part.lower() == ".git" for part in parts)
    return bool(parts) and not odd and "\n" not in path


def _without_top(members: dict[str, Member]) -> dict[str, Member]:
    tops = {path.partition("/")[0] for path in members}
    if len(tops) != 1 or any("/" not in path for path in members):
        return members
    return {path.partition("/")[2]: member for path, member in members.items()}
