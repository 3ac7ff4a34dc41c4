"""What of a commit's tree can reach its wheel, and the hash that stands for it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

from tracker.history.repository import TreeEntry
from tracker.model.canonical import digest


def active(entries: Iterable[TreeEntry], inert: Sequence[str]) -> tuple[TreeEntry, ...]:
    """The entries that no inert glob matches, see ``is_inert``."""
    return tuple(entry for entry in entries if not is_inert(entry.path, inert))


def is_inert(path: str, globs: Sequence[str]) -> bool:
    """Whether a glob matches the path or a directory above it.

    Globs start at the repository's root: ``*`` and ``?`` stay inside of one name,
    ``**`` stands for any number of directories, and what matches a directory
    matches all that is in it.
    """
    return any(_pattern(glob).match(path) for glob in globs)


def source_hash(entries: Iterable[TreeEntry]) -> str:
    """Hash over names, modes and content of the entries, read from the tree alone."""
    lines = sorted(f"{entry.mode} {entry.sha} {entry.path}" for entry in entries)
    text = "\0".join(lines).encode(errors="surrogateescape")
    return hashlib.sha256(text).hexdigest()


def wheel_key(source: str, settings: Sequence[object]) -> str:
    """What the wheel of a source is kept under: all that decides what comes out of its build."""
    return digest([source, *settings])


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    # what matches a directory matches all below it, so a last ``**`` adds nothing
    parts = glob.strip("/").removesuffix("/**").split("/")
    directories = "".join("(?:.*/)?" if part == "**" else f"{_name(part)}/" for part in parts[:-1])
    last = ".*" if parts[-1] == "**" else _name(parts[-1])
    return re.compile(rf"{directories}{last}(?:/|\Z)", re.DOTALL)


def _name(part: str) -> str:
    """One name's glob as a regular expression that no slash passes."""
    pieces = re.split(r"(\*+|\?|\[!?[^]/]+\])", part)
    return "".join(_WILD.get(piece[:1], re.escape)(piece) for piece in pieces)


_WILD: Mapping[str, Callable[[str], str]] = {
    "*": lambda _: "[^/]*",
    "?": lambda _: "[^/]",
    "[": lambda piece: piece.replace("[!", "[^", 1) if piece.endswith("]") else re.escape(piece),
}
