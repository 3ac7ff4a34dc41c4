"""Where benchmarks are defined, from the root of the repository that their suite lies in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tracker.config.settings import SuiteSettings

#: how suites tell it: a file within the suite, and a line
_WHERE = re.compile(r"(.+\.py):(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A line of a file."""

    #: from the root of the repository, with slashes
    file: str
    line: int


def places(where: Mapping[str, str], suite: SuiteSettings, root: Path) -> dict[str, Place]:
    """The benchmarks whose place in a repository is known.

    Args:
        where: benchmark -> ``file:line`` within the suite.
        root: directory of the configuration.
    """
    base = _base(suite, root)
    found = {}
    for benchmark, text in where.items():
        if base is not None and (told := _WHERE.fullmatch(text)):
            found[benchmark] = Place(file=str(base / told[1]), line=int(told[2]))
    return found


def _base(suite: SuiteSettings, root: Path) -> PurePosixPath | None:
    """Where the suite's files lie in the repository; None: outside of it."""
    if suite.revision:
        path = PurePosixPath(suite.path)
        return path.parent if path.suffix == ".py" else path
    files = Path(suite.path)
    directory = (files if files.is_dir() else files.parent).resolve()
    above = (one for one in (directory, *directory.parents) if (one / ".git").exists())
    top = next(above, root.resolve())
    if not directory.is_relative_to(top):
        return None
    return PurePosixPath(directory.relative_to(top).as_posix())
