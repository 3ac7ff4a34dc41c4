"""How often two-commit verdicts are wrong, and what they find: simulated, beside those of others.

Every rule sees the same samples. One look: so many rounds, one answer. In sequence: a look after
every few rounds until there is an answer, at most forty rounds. The tracker knows the scale of
the noise, as from a calibration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import log1p
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy import stats

from benchmarks.figures.figure import Figure
from tests.support.pairs import BETWEEN, NOISES, medians, process_values, simulate
from tracker.statistics.arrays import Floats
from tracker.statistics.decision import Rules, is_changed, is_same, smallest_seen
from tracker.statistics.evidence import Evidence, weigh

#: rounds and samples of one look
SHAPES = ((5, 20), (10, 10), (20, 5))
SIZES = (0.02, 0.03, 0.05, 0.10)
LOOKS = (5, 6, 7, 8, 10, 12, 15, 20, 26, 32, 40)
#: the kinds that the promises about one look, and about sequences, are about
PLAINER = ("lognormal", "right tail", "slow mode", "drift")
CORE = (*PLAINER, "two speeds")
#: repetitions without a change, of a sequence of the core kinds without one, and of each size
PLAIN, LONG, PLANTED = 60, 150, 20

PRACTICAL = log1p(0.01)
ONE = Rules(practical=PRACTICAL, band=log1p(0.02), sequential=False)
EACH = Rules(practical=PRACTICAL, band=log1p(0.02), sequential=True)

#: -1, 0 or 1: smaller, no change told, larger
Rule = Callable[[Floats], int]


def measure(_directory: Path) -> list[Figure]:
    """Error, power, coverage and rounds over all kinds of noise."""
    random = np.random.default_rng(20)
    looks = [one for kind in NOISES for one in _one_look(kind, random)]
    sequences = [_in_sequence(kind, random) for kind in NOISES]
    _print(looks, sequences)
    return [*_of_looks(looks), *_of_sequences(sequences)]


# rules ----------------------------------------------------------------------------------


def _sign(different: bool, values: Floats) -> int:
    return int(np.sign(np.median(values[1]) - np.median(values[0]))) if different else 0


def mann_whitney(values: Floats) -> int:
    """benchstat: the rank test at 0.05 on all samples."""
    pooled = values.reshape(2, -1)
    return _sign(stats.mannwhitneyu(*pooled).pvalue < 0.05, pooled)


def mann_whitney_processes(values: Floats) -> int:
    """The same on one value a process."""
    return mann_whitney(medians(values)[:, :, None])


def welch(values: Floats) -> int:
    """Welch's t test at 0.05 on one value a process."""
    sides = medians(values)
    return _sign(stats.ttest_ind(*sides, equal_var=False).pvalue < 0.05, sides)


def apart(values: Floats) -> int:
    """The 95 % t intervals of two means do not overlap, on one value a process."""
    sides = medians(values)
    half = stats.t.ppf(0.975, sides.shape[1] - 1) * stats.sem(sides, axis=1)
    return _sign(abs(sides[1].mean() - sides[0].mean()) > half.sum(), sides)


def asv(values: Floats) -> int:
    """asv compare at factor 1.05: its own test, and medians that far apart."""
    from asv import _stats  # noqa: PLC0415
    from asv_runner.statistics import compute_stats  # noqa: PLC0415

    base, head = np.exp(values.reshape(2, -1)).tolist()
    (one, of_one), (other, of_other) = compute_stats(base, 1), compute_stats(head, 1)
    ratio = other / one
    different = _stats.is_different(base, head, of_one, of_other)
    return _sign(different and max(ratio, 1 / ratio) > 1.05, values.reshape(2, -1))


PEERS: dict[str, Rule] = {
    "Mann-Whitney, pooled": mann_whitney,
    "Mann-Whitney, processes": mann_whitney_processes,
    "Welch, processes": welch,
    "intervals apart": apart,
    "asv compare, 1.05": asv,
}
OURS = "tracker"


# one look -------------------------------------------------------------------------------


@dataclass(slots=True)
class Look:
    """What the rules said about one kind and shape."""

    kind: str
    rounds: int
    #: rule -> share of answers without a change that told one
    alarms: dict[str, float] = field(default_factory=dict)
    #: rule -> share found, by size; and share of wrong signs
    found: dict[str, dict[float, float]] = field(default_factory=dict)
    wrong: dict[str, float] = field(default_factory=dict)
    #: our intervals that hold the truth; our width over that of the paired t interval
    covered: float = 0.0
    width: float = 0.0


def _one_look(kind: str, random: np.random.Generator) -> Iterator[Look]:
    for rounds, samples in SHAPES:
        look = Look(kind, rounds)
        said: dict[tuple[str, float], list[int]] = {}
        covered, widths = [], []
        for size in (0.0, *SIZES):
            for number in range(PLANTED if size else PLAIN):
                shift = log1p(size) * (1 if number % 2 else -1)
                values = simulate(kind, rounds, samples, shift, random)
                evidence = _weighed(kind, values)
                ours = int(np.sign(evidence.shift)) if is_changed(evidence, ONE) else 0
                for name, answer in [
                    (OURS, ours),
                    *((name, rule(values)) for name, rule in PEERS.items()),
                ]:
                    said.setdefault((name, size), []).append(answer * int(np.sign(shift) or 1))
                covered.append(evidence.low <= shift <= evidence.high)
                widths.append((evidence.high - evidence.low) / _width_of_t(values))
        for name in (OURS, *PEERS):
            look.alarms[name] = float(np.mean(np.abs(said[name, 0.0])))
            look.found[name] = {
                size: float(np.mean(np.equal(said[name, size], 1))) for size in SIZES
            }
            every = [answer for size in SIZES for answer in said[name, size]]
            look.wrong[name] = float(np.mean(np.equal(every, -1)))
        look.covered, look.width = float(np.mean(covered)), float(np.median(widths))
        yield look


def _weighed(kind: str, values: Floats) -> Evidence:
    sides = process_values(values) if kind == "turns" else medians(values)
    return weigh(*sides, practical=PRACTICAL, scale=BETWEEN)


def _width_of_t(values: Floats) -> float:
    sides = medians(values)
    interval = stats.ttest_rel(sides[1], sides[0]).confidence_interval()
    return max(float(interval.high - interval.low), 1e-9)


# in sequence ----------------------------------------------------------------------------


@dataclass(slots=True)
class Sequence:
    """What a look after every few rounds said about one kind."""

    kind: str
    #: by size: share of changes told (0: errors), of "the same", mean rounds; 0, 2, 5, 10 %
    told: dict[float, float] = field(default_factory=dict)
    same: dict[float, float] = field(default_factory=dict)
    rounds: dict[float, float] = field(default_factory=dict)
    #: share of planted changes found that have the size that would have been seen
    honest: float = 0.0


def _in_sequence(kind: str, random: np.random.Generator) -> Sequence:
    result = Sequence(kind)
    for size in (0.0, 0.02, 0.05, 0.10):
        answers = []
        plain = LONG if kind in CORE else PLAIN
        for number in range(PLANTED if size else plain):
            shift = log1p(size) * (1 if number % 2 else -1)
            answers.append(_sequence(kind, simulate(kind, LOOKS[-1], 8, shift, random)))
        result.told[size] = float(np.mean([word == "changed" for word, _ in answers]))
        result.same[size] = float(np.mean([word == "same" for word, _ in answers]))
        result.rounds[size] = float(np.mean([rounds for _, rounds in answers]))
    result.honest = _honest(kind, random)
    return result


def _sequence(kind: str, values: Floats) -> tuple[str, int]:
    for look in LOOKS:
        evidence = _weighed(kind, values[:, :look])
        if is_changed(evidence, EACH):
            return "changed", look
        if is_same(evidence, EACH):
            return "same", look
    return "unknown", LOOKS[-1]


def _honest(kind: str, random: np.random.Generator) -> float:
    """The share found of changes that are as large as 15 rounds said they could have seen."""
    plain = [_weighed(kind, simulate(kind, 15, 8, 0.0, random)) for _ in range(PLANTED)]
    size = float(np.median([smallest_seen(one, EACH) for one in plain]))
    found = [
        is_changed(_weighed(kind, simulate(kind, 15, 8, size, random)), EACH)
        for _ in range(2 * PLANTED)
    ]
    return float(np.mean(found))


# figures --------------------------------------------------------------------------------


def _of_looks(looks: list[Look]) -> Iterator[Figure]:
    core = [look for look in looks if look.kind in PLAINER]
    alarms = {f"{name}": max(_by_kind(looks, name).values()) for name in (OURS, *PEERS)}
    yield Figure(
        name="one look: false alarms, worst kind",
        value=alarms[OURS],
        unit="",
        target=0.01,
        parts=alarms,
    )
    for size, target in zip(SIZES, (0.68, 0.87, 0.98, 1.0), strict=True):
        power = {
            name: float(np.mean([look.found[name][size] for look in core]))
            for name in (OURS, *PEERS)
        }
        yield Figure(
            name=f"one look: found of {size:.0%}",
            value=power[OURS],
            unit="",
            target=target,
            at_least=True,
            parts=power,
        )
    wrong = max(look.wrong[OURS] for look in looks)
    yield Figure(name="one look: wrong direction, worst", value=wrong, unit="", target=0.0)
    covered = float(np.mean([look.covered for look in looks]))
    yield Figure(
        name="95 % intervals that hold the truth",
        value=covered,
        unit="",
        target=0.93,
        at_least=True,
        parts={kind: value for kind, value in _coverage(looks).items() if value < 0.94},
    )
    tails = [look.width for look in looks if look.kind in ("right tail", "slow mode")]
    yield Figure(
        name="width / paired t, right tail and slow mode",
        value=float(np.mean(tails)),
        unit="×",
        target=2 / 3,
    )


def _of_sequences(sequences: list[Sequence]) -> Iterator[Figure]:
    core = [one for one in sequences if one.kind in CORE]
    yield Figure(
        name="in sequence: errors, worst of five kinds",
        value=max(one.told[0.0] for one in core),
        unit="",
        target=0.005,
        parts={one.kind: one.told[0.0] for one in sequences if one.told[0.0]},
    )
    for size, target in ((0.0, 17.0), (0.05, 6.0), (0.10, 5.0)):
        yield Figure(
            name=f"in sequence: rounds at {size:.0%}",
            value=float(np.mean([one.rounds[size] for one in core])),
            unit="",
            target=target,
            parts={one.kind: one.rounds[size] for one in core},
        )
    yield Figure(
        name='in sequence: wrong "same" at 2 %, mean',
        value=float(np.mean([one.same[0.02] for one in core])),
        unit="",
        target=0.005,
        parts={one.kind: one.same[0.02] for one in sequences if one.same[0.02]},
    )
    yield Figure(
        name="found of what would have been seen",
        value=float(np.mean([one.honest for one in sequences])),
        unit="",
        target=0.75,
        at_least=True,
        parts={one.kind: one.honest for one in sequences},
    )


def _by_kind(looks: list[Look], name: str) -> dict[str, float]:
    return {
        kind: float(np.mean([look.alarms[name] for look in looks if look.kind == kind]))
        for kind in NOISES
    }


def _coverage(looks: list[Look]) -> dict[str, float]:
    return {
        kind: float(np.mean([look.covered for look in looks if look.kind == kind]))
        for kind in NOISES
    }


def _print(looks: list[Look], sequences: list[Sequence]) -> None:
    console = Console()
    names = (OURS, *PEERS)
    alarms = Table("false alarms, %", *names, "covered", box=None)
    for kind in NOISES:
        row: list[Any] = [f"{100 * _by_kind(looks, name)[kind]:.1f}" for name in names]
        alarms.add_row(kind, *row, f"{100 * _coverage(looks)[kind]:.0f}")
    console.print(alarms)
    sizes = (0.0, 0.02, 0.05, 0.10)
    table = Table("in sequence", *(f"{size:.0%}: told same rounds" for size in sizes), box=None)
    for one in sequences:
        cells = (
            f"{100 * one.told[size]:.0f} {100 * one.same[size]:.0f} {one.rounds[size]:.1f}"
            for size in sizes
        )
        table.add_row(one.kind, *cells)
    console.print(table)
