"""What two processes gave that ran side by side. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tracker.model.cells import Coordinate
from tracker.model.measurements import Process, Reading
from tracker.statistics.arrays import Floats

#: fields of the coordinate that may come out differently on the two sides of a cell
_MEANING = ("unit", "direction", "device", "threads", "backend", "precision", "dataset")


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


#: batch and round: what the two processes of a pair have in common
Key = tuple[int, int]


def metrics_of(processes: Sequence[Process]) -> Iterator[str]:
    """The metric of every reading."""
    for process in processes:
        for reading in process.readings:
            yield reading.coordinate.metric


def readings_of(processes: Sequence[Process], metric: str) -> dict[Key, Reading]:
    """The readings of one metric."""
    return {
        (process.batch, process.round): reading
        for process in processes
        for reading in process.readings
        if reading.coordinate.metric == metric
    }


def series_of(side: Mapping[Key, Reading]) -> str:
    """The series that they belong to; "" where there are none."""
    return next((reading.coordinate.series for reading in side.values()), "")


def level_of(side: Mapping[Key, Reading]) -> float | None:
    """The median of their values; None where there are none."""
    return float(np.median([reading.value for reading in side.values()])) if side else None


def differences(base: Coordinate, head: Coordinate) -> str:
    """What differs, so that the values mean different things; "" where nothing does."""
    return ", ".join(
        f"{name} is {getattr(base, name)} at the base, {getattr(head, name)} at the head"
        for name in _MEANING
        if getattr(base, name) != getattr(head, name)
    )


def ran_of(
    ours: Mapping[Key, Reading], theirs: Mapping[Key, Reading]
) -> tuple[tuple[float, float], ...]:
    """Values of base and head of each round in which both ran."""
    ran = (beside(ours[key], theirs[key], 0.0) for key in sorted(ours.keys() & theirs.keys()))
    return tuple((one.base, one.head) for one in ran)
