"""Two builds of one cell that are held against each other, and what ran for both. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tracker.findings.beside import Key, Paired, beside, readings_of
from tracker.model.cells import Cell
from tracker.model.measurements import Process, State
from tracker.model.requests import Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What is held against what."""

    cell: Cell
    #: keys of the builds
    base: str
    head: str

    @property
    def builds(self) -> tuple[str, str]:
        return self.base, self.head

    @property
    def targets(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """(build, cell key) of both sides."""
        return (self.base, self.cell.key), (self.head, self.cell.key)


def paired(pair: Pair, known: Known, metric: str = "time") -> tuple[Paired, ...]:
    """What ran side by side for a pair, in the order of rounds."""
    sides = sides_of(pair, known)
    base, head = (readings_of(side, metric) for side in sides)
    seconds = [{(one.batch, one.round): one.seconds for one in side} for side in sides]
    return tuple(
        beside(base[key], head[key], seconds[0][key] + seconds[1][key])
        for key in sorted(base.keys() & head.keys())
    )


def sides_of(pair: Pair, known: Known) -> tuple[Sequence[Process], Sequence[Process]]:
    """The processes of base and head."""
    base, head = pair.targets
    return known.processes.get(base, ()), known.processes.get(head, ())


def common_rounds(pair: Pair, known: Known) -> set[Key]:
    """Batch and round of the pairs of which both sides ran."""
    base, head = ({(one.batch, one.round) for one in side} for side in sides_of(pair, known))
    return base & head


def failed(pair: Pair, known: Known) -> str:
    """Which side ended without values, and how; "" where none did."""
    told = []
    for side, target in zip(("base", "head"), pair.targets, strict=True):
        if ending := known.failed.get(target):
            how = f"{ending.state.words} at the {side}"
            told.append(f"{how}: {ending.reason}" if ending.reason else how)
    return "; ".join(told)


def is_unsupported(target: tuple[str, str], known: Known) -> bool:
    """Did the benchmark itself say that it does not apply to a build?"""
    ending = known.failed.get(target)
    return ending is not None and ending.state is State.unsupported
