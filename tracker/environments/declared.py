"""What a commit declares: its packages, extras and Python, read without building where possible."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.parser import HeaderParser
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from tracker.environments.faults import Unbuildable
from tracker.environments.interpreters import Interpreter


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What a project says about itself at one commit."""

    #: canonical name of the distribution
    name: str
    #: requirements as written; those of extras carry ``extra == "..."`` in their markers
    requires: tuple[str, ...]
    #: version specifier, "" for any
    python: str

    def needed(self, extras: Sequence[str], interpreter: Interpreter) -> tuple[str, ...]:
        """The requirements that hold for the extras on this interpreter, sorted, each once.

        Markers that know nothing of extras are kept.

        Raises:
            Unbuildable: a requirement is no requirement, or the Python does not fit.
        """
        self._refuse_python(interpreter)
        wanted = self._with_own_extras(extras)
        needed = set()
        for text in self.requires:
            requirement = _requirement(text)
            if canonicalize_name(requirement.name) == self.name:
                continue  # its own extras, spelled out above
            if applies(requirement, interpreter, wanted):
                if requirement.marker and "extra" in str(requirement.marker):
                    requirement.marker = None
                needed.add(str(requirement))
        return tuple(sorted(needed))

    def _with_own_extras(self, extras: Sequence[str]) -> frozenset[str]:
        """The extras, and those that they ask for in turn (``all = ["thing[fast,slow]"]``)."""
        wanted: set[str] = set()
        waiting = [canonicalize_name(extra) for extra in extras]
        while waiting:
            extra = waiting.pop()
            wanted.add(extra)
            for text in self.requires:
                requirement = _requirement(text)
                own = canonicalize_name(requirement.name) == self.name
                if own and requirement.marker and requirement.marker.evaluate({"extra": extra}):
                    waiting += {canonicalize_name(name) for name in requirement.extras} - wanted
        return frozenset(wanted)

    def _refuse_python(self, interpreter: Interpreter) -> None:
        try:
            fits = SpecifierSet(self.python).contains(interpreter.version, prereleases=True)
        except InvalidSpecifier as error:
            raise Unbuildable(f"requires-python is not a version specifier: {error}") from error
        if not fits:
            raise Unbuildable(
                f"needs Python {self.python}, and the environment has {interpreter.version}"
            )


def applies(requirement: Requirement, interpreter: Interpreter, extras: Iterable[str] = ()) -> bool:
    """Does the requirement's marker hold on the interpreter?"""
    marker = requirement.marker
    if marker is None:
        return True
    return any(marker.evaluate({**interpreter.markers, "extra": extra}) for extra in ("", *extras))


def static(pyproject: bytes | None, extras: Sequence[str]) -> Declared | None:
    """What ``pyproject.toml`` declares; None where only a build can tell.

    Raises:
        Unbuildable: the file is no TOML.
    """
    project = parsed(pyproject).get("project", {})
    dynamic = set(project.get("dynamic", ())) if isinstance(project, dict) else set()
    told = {"dependencies", *(["optional-dependencies"] if extras else [])}
    if not isinstance(project, dict) or not project.get("name") or told & dynamic:
        return None
    requires = [str(text) for text in project.get("dependencies", ())]
    for extra, optional in project.get("optional-dependencies", {}).items():
        requires += [_of_extra(str(text), str(extra)) for text in optional]
    return Declared(
        name=canonicalize_name(project["name"]),
        requires=tuple(requires),
        python=str(project.get("requires-python", "")),
    )


def from_metadata(metadata: str) -> Declared:
    """What the METADATA of a built wheel declares."""
    message = HeaderParser().parsestr(metadata)
    return Declared(
        name=canonicalize_name(message["Name"]),
        requires=tuple(message.get_all("Requires-Dist", ())),
        python=message.get("Requires-Python", ""),
    )


def parsed(pyproject: bytes | None) -> Mapping[str, Any]:
    """The content of ``pyproject.toml``, empty where there is no file.

    Raises:
        Unbuildable: it is no TOML.
    """
    try:
        return tomllib.loads((pyproject or b"").decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Unbuildable(f"pyproject.toml cannot be read: {error}") from error


def _of_extra(text: str, extra: str) -> str:
    requirement = _requirement(text)
    name = canonicalize_name(extra)
    marker = f'extra == "{name}"'
    if requirement.marker:
        marker = f"({requirement.marker}) and {marker}"
    requirement.marker = None
    return f"{requirement}{' ' if requirement.url else ''}; {marker}"


def _requirement(text: str) -> Requirement:
    try:
        return Requirement(text)
    except InvalidRequirement as error:
        raise Unbuildable(f"{text!r} is not a requirement: {error}") from error
