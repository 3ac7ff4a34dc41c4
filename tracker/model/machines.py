"""Where a number was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tracker.model.canonical import digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A machine and everything about it that could move a number.

    ``facts`` that decide the class (processor, cores, memory, architecture, GPU) make
    ``machine_class``; the rest (kernel, governor, turbo, driver, ...) only the
    fingerprint: a change of those is an event along the series.
    """

    name: str
    machine_class: str
    facts: Mapping[str, str] = field(hash=False)

    @property
    def fingerprint(self) -> str:
        return digest(dict(self.facts))
