"""A finding beside the time at which charts show its commit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tracker.model.findings import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A stored finding, and where it stands along the history."""

    finding: Finding
    #: first line of the commit's message
    subject: str
    #: aware; that of the commit, but on its line never before that of its predecessor
    at: datetime
