"""How a project says that it wants to be built, and what helps where time has passed it by."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from tracker.environments.declared import parsed
from tracker.environments.faults import Unbuildable

_LEGACY = "setuptools.build_meta:__legacy__"

#: what a build prints that meets a setuptools newer than itself -> the last one that helps
_AGED: tuple[tuple[str, str], ...] = (
    (r"use_2to3 is invalid|error in .* setup command", "setuptools<58"),
    (r"[Ii]nvalid dash-separated|must not contain uppercase", "setuptools<78"),
    (r"No module named '?pkg_resources|pkg_resources is deprecated", "setuptools<81"),
    (
        r"module 'setuptools[.\w]*' has no attribute|cannot import name .* from 'setuptools",
        "setuptools<58",
    ),
    (r"No module named '?setuptools\.", "setuptools<58"),
    (r"No module named '?distutils", "setuptools<81"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildSystem:
    """The table ``build-system`` of ``pyproject.toml`` with the defaults of PEP 517."""

    requires: tuple[str, ...]
    #: ``module:object``
    backend: str
    #: directories inside of the project that the backend is imported from
    path: tuple[str, ...]

    def with_requirements(self, more: tuple[str, ...]) -> BuildSystem:
        return replace(self, requires=tuple(sorted({*self.requires, *more})))

    def rejuvenated(self, printed: str) -> BuildSystem | None:
        """The same with a setuptools of the project's own time, where that is what it lacks."""
        if not self.backend.startswith("setuptools."):
            return None
        for sign, requirement in _AGED:
            if re.search(sign, printed):
                older = self.with_requirements((requirement, "wheel"))
                return older if older != self else None
        return None


def build_system(pyproject: bytes | None) -> BuildSystem:
    """Read the table; without one the project is built by setuptools as in old times.

    Raises:
        Unbuildable: the file cannot be read, or the table is not what PEP 518 says.
    """
    table: Any = parsed(pyproject).get("build-system")
    if table is None:
        return BuildSystem(requires=("setuptools", "wheel"), backend=_LEGACY, path=())
    try:
        requires = tuple(sorted(str(Requirement(text)) for text in table["requires"]))
    except (KeyError, TypeError, InvalidRequirement) as error:
        raise Unbuildable(f"build-system.requires in pyproject.toml is wrong: {error}") from error
    backend = table.get("build-backend", _LEGACY)
    if backend == _LEGACY and not any(_is_setuptools(text) for text in requires):
        requires = (*requires, "setuptools")
    return BuildSystem(
        requires=tuple(sorted(requires)), backend=backend, path=tuple(table.get("backend-path", ()))
    )


def _is_setuptools(text: str) -> bool:
    return canonicalize_name(Requirement(text).name) == "setuptools"
