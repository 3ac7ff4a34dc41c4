"""One command that measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """What is known of a run when it begins."""

    project_id: int
    #: fingerprint of the machine
    machine: str
    #: the command line, as the system handed it over
    command: tuple[str, ...]
    tool_version: str
    #: the tracker itself had changes that no commit knows
    tool_dirty: bool
    #: the resolved configuration, JSON values
    configuration: Mapping[str, Any] = field(hash=False)
    #: dotted path -> where its value came from
    sources: Mapping[str, str] = field(hash=False)
    #: seed of the shuffled rounds
    seed: int
    #: aware, UTC
    started_at: datetime
    #: what the person wants to remember about it
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """A run as lists of runs show it."""

    run: str
    command: tuple[str, ...]
    machine: str
    #: "running", "finished", "stopped" or "failed"
    state: str
    #: aware, UTC
    started_at: datetime
    #: None while it runs, and for ever when its machine died
    finished_at: datetime | None
    #: processes that gave values
    measured: int
    #: processes that did not
    failed: int
    note: str = ""
    #: of the tracker that measured
    tool_version: str = ""

    def as_json(self) -> dict[str, Any]:
        """The run with JSON values; times in ISO 8601."""
        return {
            "run": self.run,
            "command": list(self.command),
            "machine": self.machine,
            "state": self.state,
            "started_at": self.started_at.isoformat(),
            "finished_at": self.finished_at and self.finished_at.isoformat(),
            "measured": self.measured,
            "failed": self.failed,
            "note": self.note,
        }
