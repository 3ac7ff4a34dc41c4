"""Two processes that ran side by side, as one value. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.model.measurements import Reading
from tracker.statistics.arrays import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """The main readings of two processes that ran side by side."""

    base: float
    #: of the head, as it would be beside a base that had its typical value
    head: float
    #: (turns,) logarithms of head/base, turn by turn; empty where they took no turns
    ratios: Floats
    #: wall time of both processes, and of one turn of both
    seconds: float
    seconds_a_turn: float


def beside(base: Reading, head: Reading, seconds: float) -> Paired:
    """Two readings of processes that ran side by side for so many seconds together."""
    in_turns = len(base.samples) == len(head.samples) > 1 and base.loops == head.loops
    ratios: Floats = np.array([])
    value = head.value
    if in_turns and min(*base.samples, *head.samples) > 0:
        ratios = np.log(np.array(head.samples)) - np.log(np.array(base.samples))
        value = base.value * float(np.exp(np.median(ratios)))
    return Paired(
        base=base.value,
        head=value,
        ratios=ratios,
        seconds=seconds,
        seconds_a_turn=base.loops * base.value + head.loops * head.value,
    )
