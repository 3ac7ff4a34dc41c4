"""Changes that a project announces, read from the file that it carries itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tracker.errors import ConfigurationError, Problem
from tracker.findings.lifecycle import Expectation
from tracker.history.repository import Repository

#: in the root of the project
FILE = "tracker-expected.yaml"
_KEYS = ("commit", "benchmark", "reason")


def expectations(
    repository: Repository, newest: str, pairs: Sequence[tuple[str, str]]
) -> Mapping[str, tuple[Expectation, ...]]:
    """Commit -> the expectations that hold there.

    An entry with a ``commit`` holds at that one, and is read from the newest version of the file.
    One without holds at the commit that brought it, so that a pull request can announce its own.

    Args:
        repository: the project.
        newest: SHA whose version of the file is the newest.
        pairs: (commit, the commit measured before it).

    Raises:
        ConfigurationError: the newest version of the file cannot be read.
    """
    shas = [newest, *(sha for pair in pairs for sha in pair)]
    files = dict(zip(shas, repository.blobs(shas, FILE), strict=True))
    named = tuple(one for one in _read(files[newest], strict=True) if one.commit)
    found = {}
    for commit, before in pairs:
        old = set(_read(files[before]))
        own = (one for one in _read(files[commit]) if not one.commit and one not in old)
        found[commit] = (*(one for one in named if commit.startswith(one.commit)), *own)
    return found


def _read(content: bytes | None, *, strict: bool = False) -> tuple[Expectation, ...]:
    """The entries of a version of the file; of an old one that is wrong, none."""
    if content is None:
        return ()
    import yaml  # noqa: PLC0415 - few projects have the file

    try:
        entries = yaml.safe_load(content) or []
        problems = list(_problems(entries))
    except yaml.YAMLError as error:
        entries, problems = [], [Problem(message=str(error).splitlines()[0], where=FILE)]
    if problems and strict:
        raise ConfigurationError(
            f"{FILE} is wrong", code="config.expected", problems=problems, hint=_HINT
        )
    return () if problems else tuple(map(_expectation, entries))


_HINT = 'a list of entries such as {benchmark: "parse*", reason: "checks more", commit: 1a2b3c4d}'


def _problems(entries: Any) -> list[Problem]:
    if not isinstance(entries, list):
        return [Problem(message="must be a list", where=FILE)]
    problems = []
    for place, entry in enumerate(entries):
        where = f"{FILE}[{place}]"
        if not isinstance(entry, Mapping) or not entry.get("benchmark"):
            problems.append(Problem(message="needs a benchmark", where=where, value=str(entry)))
        elif not str(entry.get("reason") or "").strip():
            problems.append(Problem(message="needs a reason", where=where, value=str(entry)))
        elif unknown := set(map(str, entry)) - set(_KEYS):
            problems.append(Problem(message=f"unknown key {min(unknown)!r}", where=where))
    return problems


def _expectation(entry: Mapping[str, Any]) -> Expectation:
    return Expectation(
        commit=str(entry.get("commit") or ""),
        benchmark=str(entry["benchmark"]),
        reason=" ".join(str(entry["reason"]).split()),
    )
