"""Where a repository is: a directory or a URL, and which of them are refused."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tracker.errors import RepositoryError
from tracker.history.hardened import PROTOCOLS, gitpython

#: ``host:path`` or ``user@host:path``: what ssh copies from, and git too
_SSH_PATH = re.compile(r"(?:[\w.-]+@)?[\w.-]+:(?!//).+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A repository that can be fetched from."""

    #: what git is given: an absolute path, or a URL
    address: str
    #: what people call it
    name: str
    local: bool

    @property
    def slug(self) -> str:
        """A directory name: readable, and different for every address."""
        readable = re.sub(r"[^A-Za-z0-9._-]+", "-", self.name).strip("-.") or "repository"
        return f"{readable[:40]}-{hashlib.sha256(self.address.encode()).hexdigest()[:12]}"


def locate(location: str, root: Path) -> Source:
    """The source that ``location`` names; a relative path starts from ``root``.

    A directory inside a work tree stands for the whole repository.

    Raises:
        RepositoryError: ``repository.missing``: there is none; ``repository.protocol``: reaching
            it would mean to run a program; ``repository.location``: it looks like an option.
    """
    if location.startswith("-"):
        raise RepositoryError(
            f"a repository cannot be called {location!r}: it would be an option of git",
            code="repository.location",
            hint=f"write ./{location} for a directory of that name",
        )
    _refuse_programs(location)
    if location.startswith("file://"):
        return _directory(Path(unquote(urlsplit(location).path)), location)
    path = root / Path(location).expanduser()
    if "://" in location or (_SSH_PATH.fullmatch(location) and not path.exists()):
        return Source(address=location, name=_name(location), local=False)
    return _directory(path, location)


def _refuse_programs(location: str) -> None:
    git = gitpython()
    scheme, separator, _ = location.partition("://")
    try:
        git.Git.check_unsafe_protocols(location)
    except git.UnsafeProtocolError as error:
        protocol = location.partition("::")[0]
        raise _dangerous(location, protocol) from error
    if separator and scheme.lower() not in PROTOCOLS:
        raise _dangerous(location, scheme)


def _dangerous(location: str, protocol: str) -> RepositoryError:
    return RepositoryError(
        f"{location}: the protocol {protocol!r} may run programs, so it is never used",
        code="repository.protocol",
        hint=f"give a path or a URL of {', '.join(PROTOCOLS[:-1])} or {PROTOCOLS[-1]}",
    )


def _directory(path: Path, location: str) -> Source:
    git = gitpython()
    try:
        with git.Repo(path, search_parent_directories=True, expand_vars=False) as repository:
            found = Path(repository.working_tree_dir or repository.git_dir).resolve()
    except (git.NoSuchPathError, git.InvalidGitRepositoryError) as error:
        what = "is not in a git repository" if path.exists() else "does not exist"
        raise RepositoryError(
            f"{location} {what}",
            code="repository.missing",
            hint="set project.repository to a clone's directory or to a URL",
        ) from error
    return Source(address=str(found), name=_name(str(found)), local=True)


def _name(address: str) -> str:
    last = re.split(r"[/:\\]", address.rstrip("/\\"))[-1]
    return last.removesuffix(".git") or "repository"
