"""What a process was measured for: numbers of one purpose are judged together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tracker.model.canonical import digest


class Aim(StrEnum):
    """Kinds of purposes."""

    #: to be a point of its commit's history
    history = "history"
    #: the control chart of the machine: one commit, again in every session
    reference = "reference"
    #: two commits against each other
    compare = "compare"
    #: the same, at a suspected change
    confirm = "confirm"
    #: a step of a bisection
    bisect = "bisect"
    #: a commit against itself
    calibrate = "calibrate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """The experiment that a process belongs to.

    A history shares its processes with whoever wants the same commit again. Every other
    purpose wants processes of its own: those of a comparison are interleaved with each
    other, and those that raised a suspicion cannot confirm it.
    """

    aim: Aim
    #: tells apart experiments of one aim
    key: str = ""

    @classmethod
    def of(cls, aim: Aim, *what: object) -> Purpose:
        """The experiment of an aim that these tell apart from others."""
        return cls(aim=aim, key=digest([str(one) for one in what])[:16])

    @property
    def identity(self) -> tuple[str, ...]:
        """What it adds to the identity of a unit of work."""
        return () if self == HISTORY else (self.aim.value, self.key)


HISTORY = Purpose(aim=Aim.history)
