"""Every error that a person can meet, as one tree.

::

    TrackerError                code              exit
    ├── UsageError              usage                2   what was typed cannot be done
    │   ├── ConfigurationError  config.*             2   carries every problem found, not the first
    │   ├── RepositoryError     repository.*         2   not a repository, or a dangerous one
    │   ├── RevisionError       revision.*           2   unknown revision, empty range
    │   └── SuiteError          suite.*              2   no suite, a broken one
    ├── MeasurementError        measurement.*        3   nothing could be measured
    │   └── BuildError          build.*              3   a commit cannot become an environment
    ├── StoreError              store.*              4   the database is away, or too new
    └── InfrastructureError     infrastructure.*     4   the machine failed, not the commit
        ├── DiskFullError       infrastructure.disk-full
        └── PublishError        publish.*                another service did not take a message

A leaf's ``code`` is stable: scripts may match it. What the person reads is
``message``, the ``problems`` (place, value, hint of each) and ``hint``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, and where."""

    message: str
    #: configuration path, ``file:line`` or revision: what to look at
    where: str = ""
    #: the offending value as the person wrote it
    value: str = ""
    hint: str = ""


class TrackerError(Exception):
    """Base of all errors that are shown to a person instead of a traceback."""

    exit_status: ClassVar[int] = 4
    default_code: ClassVar[str] = "tracker"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        hint: str = "",
        problems: Sequence[Problem] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.hint = hint
        self.problems = tuple(problems)

    @property
    def line(self) -> str:
        """What is wrong and its code, where there is one line for it."""
        return f"{self.message}   [{self.code}]"


class UsageError(TrackerError):
    """The command, as it was typed, cannot be carried out."""

    exit_status = 2
    default_code = "usage"


class ConfigurationError(UsageError):
    """The configuration is wrong; ``problems`` lists all of it at once."""

    default_code = "config.invalid"


class RepositoryError(UsageError):
    """The repository cannot be used, or must not be."""

    default_code = "repository.invalid"


class RevisionError(UsageError):
    """A revision or range names nothing."""

    default_code = "revision.unknown"


class SuiteError(UsageError):
    """There is no suite, it cannot be read, or it lacks what was asked for."""

    default_code = "suite.invalid"


class MeasurementError(TrackerError):
    """Nothing could be measured."""

    exit_status = 3
    default_code = "measurement.failed"


class BuildError(MeasurementError):
    """A commit cannot become an environment; stored as a state, not an error of the run."""

    default_code = "build.failed"


class StoreError(TrackerError):
    """The database cannot be reached, or not be used."""

    exit_status = 4
    default_code = "store.unavailable"


class InfrastructureError(TrackerError):
    """The machine failed, not the commit; worth a bounded number of retries."""

    exit_status = 4
    default_code = "infrastructure.failed"


class DiskFullError(InfrastructureError):
    """No space left where the tracker writes."""

    default_code = "infrastructure.disk-full"


class PublishError(InfrastructureError):
    """Another service did not take what it was told.

    Attributes:
        passing: the same may succeed a little later.
    """

    default_code = "publish.failed"

    def __init__(self, message: str, *, passing: bool = False, **fields: Any) -> None:
        super().__init__(message, **fields)
        self.passing = passing
