"""A suite that lives in the project, read at one revision for the whole series."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from tracker.environments.shelf import Shelf
from tracker.errors import SuiteError
from tracker.history.repository import Repository, TreeEntry
from tracker.model.canonical import digest

_LINK = "120000"
_EXECUTABLE = "100755"


def export(repository: Repository, shelf: Shelf, revision: str, path: str) -> Path:
    """The files of the suite at a revision, read-only, exported once.

    Args:
        repository: the project.
        shelf: where exports are kept.
        revision: where to read.
        path: of the suite's directory, or of its file: then all of the file's directory
            is exported, since a suite may read what lies beside it.

    Returns:
        The place of ``path`` in the export.

    Raises:
        RevisionError: no such revision.
        SuiteError: no such path there, or it leads out of the suite.
    """
    commit = repository.resolve(revision)
    wanted = PurePosixPath(path.strip("/") or ".")
    is_file = repository.blob(commit.sha, str(wanted)) is not None
    top = wanted.parent if is_file else wanted
    below = "" if str(top) == "." else str(top)
    entries = [entry for entry in repository.tree(commit.sha, below) if entry.kind == "blob"]
    if not entries:
        raise SuiteError(
            f"there is no {path!r} at {revision}",
            code="suite.missing",
            hint="suite.path starts at the project's root; `git show` tells what is there",
        )

    def make(place: Path) -> Mapping[str, Any]:
        contents = _contents(repository, entries)
        for entry in entries:
            _write(place / "files", _inside(entry.path, below), entry, contents[entry.sha])
        _forbid_writing(place / "files")
        return {"bytes": sum(map(len, contents.values()))}

    key = digest([[entry.mode, entry.sha, entry.path] for entry in entries])
    with shelf.holding(key, make) as kept:
        files = kept.path / "files"
    return files / wanted.name if is_file else files


def _inside(path: str, below: str) -> str:
    return str(PurePosixPath(path).relative_to(below)) if below else path


def _contents(repository: Repository, entries: list[TreeEntry]) -> Mapping[str, bytes]:
    shas = sorted({entry.sha for entry in entries})
    printed = repository.git(
        "cat-file", "--batch", input="".join(f"{sha}\n" for sha in shas).encode()
    )
    contents = {}
    start = 0
    for sha in shas:
        end = printed.index(b"\n", start)
        size = int(printed[start:end].split()[-1])
        contents[sha] = printed[end + 1 : end + 1 + size]
        start = end + size + 2
    return contents


def _write(root: Path, name: str, entry: TreeEntry, content: bytes) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if entry.mode == _LINK:
        target = path.parent / content.decode(errors="surrogateescape")
        if not target.resolve().is_relative_to(root.resolve()):
            raise SuiteError(
                f"{entry.path} is a link that leads out of the suite", code="suite.link"
            )
        path.symlink_to(content.decode(errors="surrogateescape"))
        return
    path.write_bytes(content)
    path.chmod(0o555 if entry.mode == _EXECUTABLE else 0o444)


def _forbid_writing(root: Path) -> None:
    for directory in [root, *(path for path in root.rglob("*") if path.is_dir())]:
        if not directory.is_symlink():
            directory.chmod(0o555)
