"""A site into a directory: a file at a time and whole, and only where its content is new."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tracker.errors import UsageError
from tracker.publish.disk import faults
from tracker.publish.site.files import File
from tracker.publish.site.naming import OURS

#: says that a directory is a site, and of what
_MARKER = "tracker-site.json"
#: what pages of vanished benchmarks, series and commits are looked for in
_FOLDERS = ("benchmarks", "series", "commits")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became of the files of a site."""

    files: int
    #: new, or with another content than before
    changed: int
    #: that the site no longer has
    removed: int


def check(directory: Path, project: str, *, force: bool) -> None:
    """See whether a site of a project may be written to a directory.

    What is hidden may lie there, such as the ``.git`` of a branch for pages.

    Args:
        force: also among files that are no site, and over the site of another project.

    Raises:
        UsageError: it is a file, or holds what is not a site of this project.
    """
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


def write(files: Iterable[File], directory: Path, project: str) -> Written:
    """Write the files of a site, and take away pages that it no longer has.

    Each file appears whole, and what a page needs comes before it: whoever looks meanwhile, or
    after an interruption, finds a site that works. A file whose content is the same is not touched.

    Raises:
        DiskFullError: no space left.
        InfrastructureError: the directory cannot be written.
    """
    with faults(f"cannot write the site into {directory}"):
        directory.mkdir(parents=True, exist_ok=True)
        marker = json.dumps({"made by": "tracker site", "project": project}, indent=1)
        _put(directory / _MARKER, f"{marker}\n")
        kept, changed = set(), 0
        for path, text in files:
            kept.add(path)
            changed += _put(directory / path, text)
        return Written(files=len(kept), changed=changed, removed=_sweep(directory, kept))


def _put(path: Path, text: str) -> bool:
    """Write a file in one step, unless it is there with this content; whether it was not."""
    content = text.encode()
    try:
        if path.read_bytes() == content:
            return False
    except FileNotFoundError:
        path.parent.mkdir(exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(content)
    os.replace(beside, path)  # noqa: PTH105  the word for a change in one step
    return True


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
