"""One value of a quality for all platforms, and those that disagree with it. Pure.

A quality has no hardware in its coordinate, so several platforms give values of one series. Its
values are those of the reference platform; the others have to agree with them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from tracker.model.findings import Confirmation, Effect, Finding, FindingKind
from tracker.model.quality import (
    Disagreeing,
    Observation,
    Platform,
    QualityRules,
    Tolerance,
    references,
    stand_in,
)
from tracker.model.series import History, Point

#: build -> what one platform gave there
_ByBuild = Mapping[str, Observation]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """The histories, qualities with the values of their reference platforms alone."""

    histories: tuple[History, ...]
    disagreements: tuple[Disagreement, ...] = ()
    #: series that no platform of the rules has values of -> the one that stands in
    stand_ins: Mapping[str, Platform]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """A platform whose newest value of a quality is not the reference's."""

    history: History
    platform: Platform
    reference: Platform
    #: at the newest commit that both have values of
    value: float
    canonical: float
    tolerance: Tolerance
    #: the first commit since which they disagree, and the last one before where they did not
    since: str
    before: str

    @property
    def text(self) -> str:
        """``0.87 on cuda, bench-2, 4 threads; 0.91 on the reference, cpu, ... (tolerance 1 %)``."""
        return (
            f"{self.value:.6g} on {self.platform.name}; {self.canonical:.6g} on the reference,"
            f" {self.reference.name} (tolerance {self.tolerance.text})"
        )


def agreed(
    histories: Sequence[History], observed: Sequence[Observation], rules: QualityRules
) -> Agreed:
    """Take the values of each quality from its reference, and hold the other platforms' to them.

    Args:
        observed: of the series that are qualities.
    """
    platforms: dict[str, dict[Platform, dict[str, Observation]]] = defaultdict(dict)
    for one in observed:
        platforms[one.series].setdefault(one.platform, {})[one.build] = one
    chosen: list[History] = []
    disagreements: list[Disagreement] = []
    stand_ins: dict[str, Platform] = {}
    for history in histories:
        found = platforms.get(history.series)
        if not found:
            chosen.append(history)
            continue
        sizes = [(platform, len(builds)) for platform, builds in found.items()]
        ranked = references(sizes, rules)
        if not ranked:
            stand_ins[history.series] = stand_in(sizes)
            ranked = (stand_ins[history.series],)
        # Right is right on any of them: at each build the best that there is.
        canonical = {
            build: one for platform in reversed(ranked) for build, one in found[platform].items()
        }
        chosen.append(_canonical(history, canonical))
        disagreements += _disagreements(history, canonical, found, rules)
    return Agreed(histories=tuple(chosen), disagreements=tuple(disagreements), stand_ins=stand_ins)


def _canonical(history: History, canonical: _ByBuild) -> History:
    """The history as the reference saw it; where it saw nothing there is no point."""
    points = (_point(point, canonical) for point in history.points)
    return replace(history, points=tuple(point for point in points if point is not None))


def _point(point: Point, canonical: _ByBuild) -> Point | None:
    if not point.values:
        return point
    own = canonical.get(point.build)
    if own is None:
        return None
    return replace(point, values=own.values, rounds=own.rounds, batches=own.batches)


def _disagreements(
    history: History,
    canonical: _ByBuild,
    found: Mapping[Platform, _ByBuild],
    rules: QualityRules,
) -> Iterator[Disagreement]:
    tolerance = rules.tolerance(history.coordinate.metric)
    for platform, builds in found.items():
        common = list(_common(history.points, builds, canonical))
        levels = [(median(own.values), median(right.values)) for _, own, right in common]
        first = _first_apart([tolerance.holds(value, right) for value, right in levels])
        if first is not None:
            yield Disagreement(
                history=history,
                platform=platform,
                reference=common[-1][2].platform,
                value=levels[-1][0],
                canonical=levels[-1][1],
                tolerance=tolerance,
                since=common[first][0],
                before=common[max(first - 1, 0)][0],
            )


def _common(
    points: Sequence[Point], own: _ByBuild, canonical: _ByBuild
) -> Iterator[tuple[str, Observation, Observation]]:
    """SHA of each commit that both have values of, and both."""
    for point in points:
        if point.build in own and point.build in canonical:
            yield point.commit.sha, own[point.build], canonical[point.build]


def _first_apart(agree: Sequence[bool]) -> int | None:
    """Since which place they do not agree up to the end; None: at the end they do."""
    if not agree or agree[-1]:
        return None
    return max((at + 1 for at, one in enumerate(agree) if one), default=0)


def disagreement_findings(found: Agreed, rules: QualityRules) -> Iterator[Finding]:
    """A finding for each commit since which platforms disagree, where that is to fail a run."""
    if rules.disagreeing is not Disagreeing.fail:
        return
    since: dict[str, list[Disagreement]] = defaultdict(list)
    for one in found.disagreements:
        since[one.since].append(one)
    for commit, group in since.items():
        yield Finding(
            kind=FindingKind.disagreement,
            commit=commit,
            after=group[0].before,
            effects=tuple(map(_effect, group)),
            confirmation=Confirmation.confirmed,
        )


def _effect(one: Disagreement) -> Effect:
    coordinate = one.history.coordinate
    return Effect(
        series=one.history.series,
        title=coordinate.title,
        metric=coordinate.metric,
        unit=coordinate.unit,
        verdict=None,
        before=None,
        after=None,
        q=None,
        reason=one.text,
        kind=coordinate.kind,
        dataset=coordinate.dataset,
    )


def warnings(found: Agreed, rules: QualityRules) -> Iterator[str]:
    """What a reader has to know of the platforms."""
    called = {
        one.series: f"{one.coordinate.title} {one.coordinate.metric}" for one in found.histories
    }
    if rules.disagreeing is Disagreeing.warn:
        for one in found.disagreements:
            yield f"platforms disagree: {called[one.history.series]}: {one.text}"
    for platform in dict.fromkeys(found.stand_ins.values()):
        names = [called[series] for series, own in found.stand_ins.items() if own == platform]
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield (
            f"no value of {names[0]}{more} comes from the reference platform"
            f" ({rules.device} on {rules.machine}): those of {platform.name} stand in"
        )
