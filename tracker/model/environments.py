"""What a commit runs in."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.model.canonical import digest


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentClass:
    """Environments whose numbers may be compared.

    ``pinned``: one lock for many commits, and the lock is part of the identity, so
    that a dependency bump starts a new class. ``contemporary``: every commit has a
    lock of its own by design, so the class is the recipe and the Python alone, and
    a changed lock is an event along the series.
    """

    recipe: str
    #: version request such as "3.11"
    python: str
    #: requirements with exact versions, one a line; empty for contemporary
    lock: str = ""
    #: what was resolved to get the lock, sorted
    requires: tuple[str, ...] = ()

    @property
    def hash(self) -> str:
        return digest([self.recipe, self.python, self.lock])


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One interpreter with packages, ready to run."""

    #: hash over recipe, Python and the exact set of packages beside the project's own
    hash: str
    environment_class: EnvironmentClass
    #: e.g. "cpython-3.11.7"
    python: str
    platform: str
    #: requirements with exact versions, one a line
    lock: str
    #: (name, version) of every installed distribution, the project's own included, sorted
    packages: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """What a commit installs. Commits that point at one build are the same by identity."""

    #: hash over ``content`` and the environment's hash: what measurements belong to
    key: str
    #: hash over the installed files, version metadata aside
    content: str
    environment: Environment
    #: bytes that the project's own files take when installed
    installed_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildFailure:
    """A commit that cannot become an environment."""

    #: one line
    reason: str
    #: last lines of what the build printed
    log: str
