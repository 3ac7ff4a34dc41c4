"""What a wheel installs: its facts, and the hash over its files, version metadata aside."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from packaging.utils import canonicalize_name, parse_wheel_filename

from tracker.environments.declared import from_metadata
from tracker.environments.elf import loaded
from tracker.environments.faults import Unbuildable
from tracker.model.canonical import digest

#: files that exist to hold the version
_VERSION_FILES = re.compile(r"_?_?(?:scm_|git_|generated_)?version(?:_info|__)?\.py|__about__\.py")
_NAMES = (
    r"(?:__)?(?:full_|short_|git_|scm_)?"
    r"(?:version|commit|revision|sha|hash)(?:_tuple|_info|_id)?(?:__)?"
)
_STRING = r"(?:[\"'][^\"'\n]*[\"']|None)"
_TUPLE = rf"\((?:\s*(?:\d+|{_STRING})\s*,?)*\)"
#: ``__version__ = version = "1.2"`` with a literal behind it, so that nothing computed is lost
_ASSIGNMENT = re.compile(
    rf"^(?:{_NAMES}\s*(?::[^=\n]+)?=\s*)+(?:{_STRING}|{_TUPLE})\s*(?:#.*)?$",
    re.IGNORECASE | re.MULTILINE,
)
#: lines of the JSON that versioneer writes
_JSON = re.compile(
    r'^\s*"(?:date|dirty|error|full-revisionid|version)":\s*(?:"[^"\n]*"|null|true|false),?\s*$',
    re.MULTILINE,
)
#: in other modules only the names that everybody uses for the version, with a string behind them
_DUNDER = re.compile(
    rf"^__(?:version|version_info|version_tuple|commit|commit_id|date|build_date)__\s*=\s*(?:{_STRING}|{_TUPLE})\s*(?:#.*)?$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """A built wheel, as its files have it."""

    #: file name
    file: str
    #: canonical
    name: str
    version: str
    #: hash over the installed files, version metadata aside
    content: str
    #: import names, sorted
    top_level: tuple[str, ...]
    requires: tuple[str, ...]
    #: version specifier
    python: str
    #: bytes that the files take when installed
    installed_bytes: int

    def facts(self) -> dict[str, Any]:
        """The same as JSON values."""
        return asdict(self) | {"bytes": self.installed_bytes}


def from_facts(facts: Any) -> Wheel:
    """The wheel whose ``facts`` were written down."""
    known = {name: facts[name] for name in Wheel.__dataclass_fields__}
    return Wheel(**known | {name: tuple(facts[name]) for name in ("top_level", "requires")})


def read_wheel(path: Path, *, salt: str) -> Wheel:
    """Read a wheel's facts and verify its record.

    Args:
        path: the wheel.
        salt: goes into the content's hash with all version metadata, so that nothing but the
            same commit has the same content; "" leaves version metadata out.

    Raises:
        Unbuildable: this is no wheel, or its files are not those of its record.
    """
    try:
        name, version, _, _ = parse_wheel_filename(path.name)
        with zipfile.ZipFile(path) as archive:
            return _read(path.name, canonicalize_name(name), str(version), archive, salt)
    except (ValueError, zipfile.BadZipFile, KeyError) as error:
        raise Unbuildable(f"the build left {path.name}, which is no wheel: {error}") from error


def _read(file: str, name: str, version: str, archive: zipfile.ZipFile, salt: str) -> Wheel:
    sizes = {info.filename: info.file_size for info in archive.infolist() if not info.is_dir()}
    (info,) = {part for path in sizes if (part := path.split("/")[0]).endswith(".dist-info")}
    declared = from_metadata(archive.read(f"{info}/METADATA").decode(errors="replace"))
    if declared.name != name:
        raise Unbuildable(f"{file} says in its metadata that it is {declared.name!r}")
    recorded = _record(archive.read(f"{info}/RECORD").decode())
    hashes = {}
    for path in sizes:  # one at a time: a wheel may be larger than the memory
        content = archive.read(path)
        _verify(path, content, recorded.get(path, ""), info)
        if counted := _counted(path, content, info, whole=bool(salt)):
            hashes[counted[0]] = hashlib.sha256(counted[1]).hexdigest()
    return Wheel(
        file=file,
        name=name,
        version=version,
        content=digest([salt, hashes]),
        top_level=tuple(sorted(set(_top_level(sizes)))),
        requires=declared.requires,
        python=declared.python,
        installed_bytes=sum(sizes.values()),
    )


def _record(text: str) -> dict[str, str]:
    """Path -> hash, as the wheel's RECORD has it."""
    return {row[0]: row[1] for row in csv.reader(io.StringIO(text)) if len(row) > 1}


def _verify(path: str, content: bytes, recorded: str, info: str) -> None:
    """Make sure that a file of the archive is the one that its record means."""
    if path.startswith(f"{info}/RECORD"):
        return
    kind, _, expected = recorded.partition("=")
    if expected and kind in hashlib.algorithms_guaranteed:
        found = base64.urlsafe_b64encode(hashlib.new(kind, content).digest()).rstrip(b"=")
        if found.decode() == expected:
            return
    raise Unbuildable(f"{path} in the wheel is not the file of its record")


def _counted(path: str, content: bytes, info: str, *, whole: bool) -> tuple[str, bytes] | None:
    """(place, content) of a file that decides how the installed code behaves, else None."""
    if whole:
        return path, content
    if path == f"{info}/entry_points.txt":
        return "entry_points.txt", content
    if path.startswith(f"{info}/"):
        return None
    data = f"{info.removesuffix('.dist-info')}.data/"
    return path.replace(data, ".data/", 1), essential(path, content)


def essential(path: str, content: bytes) -> bytes:
    """The content of a file without what only says which version, commit or place this is of."""
    if not path.endswith(".py"):
        return loaded(content)
    text = content.decode(errors="surrogateescape")
    name = PurePosixPath(path).name
    if _VERSION_FILES.fullmatch(name):
        text = _JSON.sub("", _ASSIGNMENT.sub("", text))
    elif name == "__init__.py":
        text = _DUNDER.sub("", text)
    return text.encode(errors="surrogateescape")


def _top_level(names: Iterable[str]) -> Iterator[str]:
    """What can be imported: first parts of the paths that hold Python or compiled modules."""
    for name in names:
        parts = PurePosixPath(name).parts
        if ".data" in parts[0]:
            parts = parts[2:] if parts[1] in ("purelib", "platlib") else ()
        if not parts or parts[0].endswith(".dist-info"):
            continue
        if len(parts) == 1 and parts[0].endswith((".py", ".so", ".pyd")):
            yield parts[0].split(".")[0]
        elif len(parts) > 1 and name.endswith((".py", ".so", ".pyd")):
            yield parts[0]
