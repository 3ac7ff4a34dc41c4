"""A site into a directory: all of it at once, and only the files whose content is new."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from shutil import rmtree

from tracker.environments.locking import Taken, hold
from tracker.errors import UsageError
from tracker.publish.disk import faults
from tracker.publish.site.files import File
from tracker.publish.site.naming import OURS

#: says that a directory is a site, and of what
_MARKER = "tracker-site.json"
#: what pages of vanished benchmarks, series and commits are looked for in
_FOLDERS = ("benchmarks", "series", "commits")
#: has the lock, and what is new until all of it is there; gone when a command ends
_ASIDE = ".tracker-site"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became of the files of a site."""

    files: int
    #: new, or with another content than before
    changed: int
    #: that the site no longer has
    removed: int


@contextmanager
def claimed(directory: Path, project: str, *, force: bool) -> Iterator[None]:
    """Keep a directory for the site of a project: no other command writes one there meanwhile.

    What is hidden may lie there, such as the ``.git`` of a branch for pages. A command that was
    killed keeps nothing, and what it left is removed.

    Args:
        force: also among files that are no site, and over the site of another project.

    Raises:
        UsageError: it is a file, holds what is not a site of this project, or is taken.
        InfrastructureError: it cannot be written.
    """
    _check(directory, project, force=force)
    is_new = not directory.exists()
    with ExitStack() as held:
        with faults(f"cannot write the site into {directory}"):
            _take(held, directory)
        try:
            yield
        finally:
            rmtree(directory / _ASIDE, ignore_errors=True)
            if is_new:
                with suppress(OSError):  # it is a site now
                    directory.rmdir()


def _check(directory: Path, project: str, *, force: bool) -> None:
    with faults(f"cannot look into {directory}"):
        if directory.exists() and not directory.is_dir():
            raise UsageError(
                f"{directory} is a file, not a directory",
                code="site.directory",
                hint="name a new or an empty directory",
            )
        if force or not directory.exists():
            return
        owner = _owner(directory)
        if owner is None and any(not one.name.startswith(".") for one in directory.iterdir()):
            raise UsageError(
                f"{directory} is not empty, and not a site of the tracker",
                code="site.directory",
                hint="name a new or an empty directory; --force writes among what is there",
            )
        if owner not in (None, project):
            raise UsageError(
                f"{directory} is the site of project {owner!r}, not of {project!r}",
                code="site.directory",
                hint="name another directory; --force writes over it",
            )


def _owner(directory: Path) -> str | None:
    """The project whose site lies in a directory; None where there is none."""
    try:
        told = json.loads((directory / _MARKER).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return told.get("project") if isinstance(told, dict) else None


def _take(held: ExitStack, directory: Path) -> None:
    aside = directory / _ASIDE
    try:
        held.enter_context(hold(aside / "lock", wait=False))
    except Taken:
        raise UsageError(
            f"another command is writing the site into {directory}",
            code="site.busy",
            hint="wait for it, or name another directory",
        ) from None
    # a branch for pages does not take what a killed command left
    (aside / ".gitignore").write_text("*\n")
    rmtree(aside / "new", ignore_errors=True)


def write(files: Iterable[File], directory: Path, project: str) -> Written:
    """Write the files of a site into a claimed directory, and take away what it no longer has.

    What is new waits aside until all of it is there, and takes its place in one go, each file in
    one step: an interruption before leaves the site as it was. A file whose content is the same
    is not touched.

    Args:
        files: what a page needs before the page: a new site has no start page before it has all.

    Raises:
        DiskFullError: no space left.
        InfrastructureError: the directory cannot be written.
    """
    marker = json.dumps({"made by": "tracker site", "project": project}, indent=1)
    with faults(f"cannot write the site into {directory}"):
        kept, changed = set(), []
        for path, text in chain([(_MARKER, f"{marker}\n")], files):
            kept.add(path)
            if _put_aside(path, text.encode(), directory):
                changed.append(path)
        for path in changed:
            _put_in_place(path, directory)
        return Written(files=len(kept), changed=len(changed), removed=_sweep(directory, kept))


def _put_aside(path: str, content: bytes, directory: Path) -> bool:
    """Write a file aside, unless the site has it with this content; whether it has not."""
    with suppress(FileNotFoundError):
        if (directory / path).read_bytes() == content:
            return False
    aside = directory / _ASIDE / "new" / path
    aside.parent.mkdir(parents=True, exist_ok=True)
    aside.write_bytes(content)
    return True


def _put_in_place(path: str, directory: Path) -> None:
    place = directory / path
    place.parent.mkdir(exist_ok=True)
    os.replace(directory / _ASIDE / "new" / path, place)  # noqa: PTH105  the word for one step


def _sweep(directory: Path, kept: set[str]) -> int:
    """Remove what is called like pages and series of ours and was not written now."""
    removed = 0
    for folder in _FOLDERS:
        for one in sorted((directory / folder).glob("*")):
            path = f"{folder}/{one.name}"
            if path not in kept and OURS.fullmatch(path):
                one.unlink()
                removed += 1
    return removed
