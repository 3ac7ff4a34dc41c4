"""Where a quality was measured, and how far platforms may lie apart."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from tracker.model.cells import Parameters, shown

_ROUNDING = 1e-9
_SUBSET = re.compile(r".+@(\d+):[0-9a-f]{8}")


def subset_size(dataset: str) -> int | None:
    """How many samples of its data a number stands on; None where it stands on all, or on none.

    Args:
        dataset: of a coordinate; a subset is called ``name@500:3f2a91c0``.
    """
    found = _SUBSET.fullmatch(dataset)
    return int(found[1]) if found else None


def badge(dataset: str) -> str:
    """``subset: 500``: what stands beside each number of a subset; empty for the whole."""
    size = subset_size(dataset)
    return "" if size is None else f"subset: {size:,}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """All that the coordinate of a quality leaves out."""

    machine_class: str
    #: the device actually used
    device: str
    #: the number of threads actually used
    threads: int
    #: parameters that must not change it
    parameters: Parameters = ()

    @property
    def name(self) -> str:
        """``cuda, bench-2, 4 threads, batch=8``."""
        threads = f"{self.threads} thread{'' if self.threads == 1 else 's'}"
        others = (f"{name}={shown(value)}" for name, value in self.parameters)
        return ", ".join((self.device, self.machine_class, threads, *others))


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What one platform gave for a quality at one build."""

    #: hash of the series
    series: str
    #: key of the build
    build: str
    platform: Platform
    #: one a process, with its round and the number of its batch
    values: tuple[float, ...]
    rounds: tuple[int, ...]
    batches: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSheet:
    """What came out for each sample on one platform at one commit, in most of its processes."""

    #: hash of the series
    series: str
    #: SHA
    commit: str
    platform: Platform
    #: id of the sample -> answer as text
    answers: Mapping[str, str] = field(hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """How far two values of a metric may lie apart and still be the same."""

    #: glob over metrics
    metric: str
    #: in the unit of the metric; a share of the value where relative
    size: float
    relative: bool

    def margin(self, value: float) -> float:
        """How far from a value another one may lie."""
        return self.size * abs(value) if self.relative else self.size

    def holds(self, value: float, reference: float) -> bool:
        """Whether a value is the same as another; what rounding leaves of a margin is none."""
        return abs(value - reference) <= self.margin(reference) * (1 + _ROUNDING)

    @property
    def text(self) -> str:
        return f"{100 * self.size:g} %" if self.relative else f"{self.size:g}"


class Disagreeing(StrEnum):
    """What becomes of platforms that disagree."""

    #: a sentence in every report
    warn = "warn"
    #: a finding that fails a run
    fail = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityRules:
    """How quality is judged."""

    #: globs over the device and the machine class of the platform that a value is taken from
    device: str
    machine: str
    #: the most specific that fits a metric holds
    tolerances: tuple[Tolerance, ...]
    disagreeing: Disagreeing

    def is_reference(self, platform: Platform) -> bool:
        return fnmatchcase(platform.device, self.device) and fnmatchcase(
            platform.machine_class, self.machine
        )

    def tolerance(self, metric: str) -> Tolerance:
        """The tolerance of a metric: of the globs that fit it, the longest's; without one, none."""
        fitting = [one for one in self.tolerances if fnmatchcase(metric, one.metric)]
        return max(
            fitting,
            key=lambda one: (one.metric == metric, len(one.metric)),
            default=Tolerance(metric=metric, size=0.0, relative=False),
        )


def references(
    platforms: Sequence[tuple[Platform, int]], rules: QualityRules
) -> tuple[Platform, ...]:
    """The platforms of the rules, the best first: with the most builds, then the smallest batch.

    Args:
        platforms: each with the number of builds that it has values of.
    """
    fitting = [known for known in platforms if rules.is_reference(known[0])]
    return _ranked(fitting)


def stand_in(platforms: Sequence[tuple[Platform, int]]) -> Platform:
    """The platform whose values are taken where there are none of the rules'.

    Args:
        platforms: as above; at least one.
    """
    return _ranked(platforms)[0]


def _ranked(platforms: Sequence[tuple[Platform, int]]) -> tuple[Platform, ...]:
    ranked = sorted(platforms, key=lambda known: (-known[1], _order(known[0])))
    return tuple(platform for platform, _ in ranked)


def _order(platform: Platform) -> tuple[object, ...]:
    """Numbers by their size: a batch of 8 before one of 32."""
    values = [
        (int(value), "") if value.isdigit() else (0, value) for _, value in platform.parameters
    ]
    return values, platform.threads, platform.device, platform.machine_class
