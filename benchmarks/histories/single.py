"""Figures on series of one value a commit, beside the peers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from benchmarks.figures.figure import Figure
from benchmarks.histories import corpora
from benchmarks.histories.corpora import Series
from benchmarks.histories.judging import found, while_growing
from benchmarks.histories.noise import KINDS, OTHERS
from benchmarks.histories.peers import PEERS
from benchmarks.histories.scoring import (
    Counts,
    alarmed,
    counted,
    difference,
    f1,
    matched,
    mean_delays,
    precision,
    recall,
)
from benchmarks.histories.worker import OURS

#: nothing was ever adjusted to these
SEEDS = (90_001, 90_002, 90_003, 90_004, 90_005)
#: of each seed and kind: A/A, with changes, changed shortly before the end
PLAIN, CHANGED, RECENT = 80, 40, 15
OTHER_PLAIN, OTHER_CHANGED = 50, 30
#: of each seed: delays of each size, and A/A series that grow
DELAYS, GROWN = 30, 56
#: of each seed
BUMPS = 60
JUDGES = (OURS, *PEERS)
#: peers with a chance, where a series is judged again after every commit
FEW = (OURS, "kernel rbf tuned", "PELT L2 tuned", "Otava tuned")

Found = Mapping[str, Sequence[Sequence[int]]]


def figures() -> Iterator[Figure]:
    """All of them."""
    yield from _usual()
    yield from _other()
    yield from _growing()
    yield from _bumps()


def _usual() -> Iterator[Figure]:
    plain = [one for seed in SEEDS for one in corpora.plain(KINDS, PLAIN, seed)]
    recent = [one for seed in SEEDS for one in corpora.recent(KINDS, RECENT, seed)]
    changed = [one for seed in SEEDS for one in corpora.changed(KINDS, CHANGED, seed)]
    every = plain + recent + changed
    said = found(JUDGES, every)
    counts = {judge: counted(every, said[judge]) for judge in JUDGES}
    yield from _f1("F1 within two commits", counts, 0.905)
    ahead = {}
    for kind in KINDS:
        of_kind = np.array([one.kind == kind for one in every])
        scores = {judge: f1(counts[judge][of_kind]) for judge in JUDGES}
        ahead[kind] = scores.pop(OURS) - max(scores.values())
    yield Figure(
        name="F1 less that of the best peer of a kind of noise, worst kind",
        value=min(ahead.values()),
        unit="",
        target=-0.01,
        at_least=True,
        parts=ahead,
    )
    quiet = {judge: said[judge][: len(plain)] for judge in JUDGES}
    yield from _alarms("A/A", plain, quiet, KINDS, 0.003, 0.01)
    late = slice(len(plain), len(plain) + len(recent))
    shares = {judge: recall(counts[judge][late]) for judge in JUDGES}
    yield Figure(
        name="changes 3 to 10 commits before the end found",
        value=shares.pop(OURS),
        unit="",
        target=max(shares[judge] for judge in FEW[1:]),
        at_least=True,
        parts=shares,
    )


def _other() -> Iterator[Figure]:
    plain = [one for seed in SEEDS for one in corpora.plain(OTHERS, OTHER_PLAIN, seed)]
    changed = [one for seed in SEEDS for one in corpora.changed(OTHERS, OTHER_CHANGED, seed)]
    every = plain + changed
    said = found(JUDGES, every)
    yield from _f1(
        "F1, other noises", {judge: counted(every, said[judge]) for judge in JUDGES}, 0.87
    )
    quiet = {judge: said[judge][: len(plain)] for judge in JUDGES}
    yield from _alarms("A/A, other noises", plain, quiet, OTHERS, 0.02, 0.04)


def _growing() -> Iterator[Figure]:
    steps = [one for seed in SEEDS for one in corpora.delays(DELAYS, seed)]
    said = while_growing(FEW, steps, [one.changes[0] + 1 for one in steps])
    means = mean_delays(steps, said, missed=corpora.AFTER)
    yield Figure(
        name="commits until a step of 2, 4, 8 sd is named (30: missed)",
        value=means.pop(OURS),
        unit="commits",
        target=6.5,
        parts=means,
    )
    grown = [one for seed in SEEDS for one in corpora.grown(GROWN, seed)]
    lengths = while_growing(FEW, grown, [corpora.QUIET] * len(grown))
    shares = {judge: float(np.mean([any(at) for at in lengths[judge]])) for judge in FEW}
    yield Figure(
        name="A/A series with an alarm at any of 81 lengths",
        value=shares.pop(OURS),
        unit="",
        target=0.03,
        parts=shares,
    )


def _bumps() -> Iterator[Figure]:
    for length, height, target in ((10, 4, 0.9), (20, 3, 0.8), (5, 6.5, 0.9)):
        series = [one for seed in SEEDS for one in corpora.bumps(length, height, BUMPS, seed)]
        said = found(FEW, series)
        shares = {
            judge: sum(
                len(matched(places, one.changes)[1])
                for one, places in zip(series, said[judge], strict=True)
            )
            / (2 * len(series))
            for judge in FEW
        }
        yield Figure(
            name=f"edges found of {length} commits {height:g} sd higher, in 200",
            value=shares.pop(OURS),
            unit="",
            target=target,
            at_least=True,
            parts=shares,
        )


def _f1(name: str, counts: Mapping[str, Counts], target: float) -> Iterator[Figure]:
    scores = {judge: f1(of_judge) for judge, of_judge in counts.items()}
    ours = scores.pop(OURS)
    best = max(scores, key=scores.__getitem__)
    low, high = difference(counts[OURS], counts[best])
    yield Figure(
        name=name,
        value=ours,
        unit="",
        target=target,
        at_least=True,
        parts={"precision": precision(counts[OURS]), "recall": recall(counts[OURS])} | scores,
    )
    yield Figure(
        name=f"{name}, less that of the best peer: lower end of 95 %",
        value=low,
        unit="",
        target=0.0,
        at_least=True,
        parts={f"to {best}": ours - scores[best], "upper end": high},
    )


def _alarms(
    name: str, plain: list[Series], said: Found, kinds: Sequence[str], any_: float, worst: float
) -> Iterator[Figure]:
    shares = {judge: alarmed(said[judge]) for judge in said}
    yield Figure(
        name=f"{name}: series with any alarm",
        value=shares.pop(OURS),
        unit="",
        target=any_,
        parts=shares,
    )
    by_kind = {
        kind: alarmed(
            [places for one, places in zip(plain, said[OURS], strict=True) if one.kind == kind]
        )
        for kind in kinds
    }
    yield Figure(
        name=f"{name}: worst kind",
        value=max(by_kind.values()),
        unit="",
        target=worst,
        parts=by_kind,
    )
