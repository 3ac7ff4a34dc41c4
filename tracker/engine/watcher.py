"""Whoever looks on while the engine works."""

from __future__ import annotations

from typing import Protocol

from tracker.model.commits import Commit
from tracker.model.environments import Build, BuildFailure
from tracker.model.measurements import Measurement
from tracker.model.requests import Measure


class Watcher(Protocol):
    """Whoever shows how the work goes on."""

    def building(self, commit: Commit) -> None: ...

    def built(self, commit: Commit, outcome: Build | BuildFailure, seconds: float) -> None: ...

    def measuring(self, request: Measure) -> None: ...

    def measured(self, request: Measure, result: Measurement) -> None: ...

    def note(self, text: str) -> None: ...
