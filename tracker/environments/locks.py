"""Locks: which exact versions there are, and whether they satisfy what is declared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tracker.environments.declared import applies
from tracker.environments.interpreters import Interpreter
from tracker.model.environments import EnvironmentClass


def lock_text(lines: Iterable[str], projects: Iterable[str]) -> str:
    """The lines of a resolution as a lock, without the projects under test themselves.

    A project may depend on itself through a plugin; the commit's own wheel takes that place.
    """
    own = set(projects)
    return "\n".join(sorted(line for line in lines if _name(line) not in own))


def satisfies(
    environment_class: EnvironmentClass, needed: Iterable[str], interpreter: Interpreter
) -> bool:
    """Does the class's lock hold what is needed, extras and addresses included?"""
    locked = _locked(environment_class.lock)
    resolved = [Requirement(text) for text in environment_class.requires]
    return all(
        _satisfied(requirement, locked, resolved)
        for requirement in map(Requirement, needed)
        if applies(requirement, interpreter)
    )


def _satisfied(
    requirement: Requirement, locked: Mapping[str, Requirement], resolved: Sequence[Requirement]
) -> bool:
    name = canonicalize_name(requirement.name)
    found = locked.get(name)
    if found is None:
        return False
    # A lock does not tell which extras its packages were resolved with; what was resolved does.
    extras = {
        extra for one in resolved if canonicalize_name(one.name) == name for extra in one.extras
    }
    if not requirement.extras <= extras:
        return False
    if requirement.url or found.url:
        return requirement.url in (None, found.url) and not (found.url and requirement.specifier)
    (exact,) = found.specifier
    return requirement.specifier.contains(exact.version, prereleases=True)


@lru_cache(maxsize=64)
def _locked(lock: str) -> Mapping[str, Requirement]:
    requirements = map(Requirement, lock.splitlines())
    return {canonicalize_name(requirement.name): requirement for requirement in requirements}


def _name(line: str) -> str:
    return canonicalize_name(Requirement(line).name)
