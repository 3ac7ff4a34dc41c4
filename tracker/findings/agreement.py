"""One value of a quality for all platforms, and those that disagree with it. Pure.

A quality has no hardware in its coordinate, so several platforms give values of one series. Its
values are those of the reference platform; the others have to agree with them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from tracker.findings.effects import told
from tracker.findings.lineage import line
from tracker.model.cells import Coordinate
from tracker.model.findings import Confirmation, Finding, FindingKind
from tracker.model.quality import (
    Disagreeing,
    Observation,
    Platform,
    QualityRules,
    Tolerance,
    badge,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Quality:
    """A series with what each platform gave for it."""

    history: History
    found: Mapping[Platform, _ByBuild]
    #: build -> the best that there is: right is right on any platform of the rules
    canonical: _ByBuild
    #: takes the place of the reference, which has no values; None: it has
    stand_in: Platform | None

    @classmethod
    def of(
        cls, history: History, found: Mapping[Platform, _ByBuild], rules: QualityRules
    ) -> _Quality:
        sizes = [(platform, len(builds)) for platform, builds in found.items()]
        ranked = references(sizes, rules)
        other = None if ranked else stand_in(sizes)
        best_last = (other,) if other else reversed(ranked)
        canonical = {build: one for platform in best_last for build, one in found[platform].items()}
        return cls(history=history, found=found, canonical=canonical, stand_in=other)

    def judge_among(self, others: Sequence[_Quality]) -> _Quality:
        """Whose canonical values count: its own, or those of the reference elsewhere.

        Another environment, which another machine may need, makes another series.
        """
        shas = self.by_commit(self.canonical).keys()
        with_reference = [one for one in others if not one.stand_in]
        if not self.stand_in or not with_reference:
            return self
        return max(with_reference, key=lambda one: len(one.by_commit(one.canonical).keys() & shas))

    def by_commit(self, builds: _ByBuild) -> dict[str, Observation]:
        """SHA -> what was given there, in the order of the history."""
        return {
            point.commit.sha: builds[point.build]
            for point in self.history.points
            if point.build in builds
        }


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
    qualities = {
        history.series: _Quality.of(history, found, rules)
        for history in histories
        if (found := platforms.get(history.series))
    }
    lines: dict[object, list[_Quality]] = defaultdict(list)
    for quality in qualities.values():
        lines[line(quality.history.coordinate)].append(quality)
    disagreements: list[Disagreement] = []
    stand_ins: dict[str, Platform] = {}
    for series, quality in qualities.items():
        judge = quality.judge_among(lines[line(quality.history.coordinate)])
        disagreements += _disagreements(quality, judge, rules)
        if judge.stand_in:
            stand_ins[series] = judge.stand_in
    return Agreed(
        histories=tuple(
            _canonical(history, qualities[history.series].canonical)
            if history.series in qualities
            else history
            for history in histories
        ),
        disagreements=tuple(disagreements),
        stand_ins=stand_ins,
    )


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
    quality: _Quality, judge: _Quality, rules: QualityRules
) -> Iterator[Disagreement]:
    """The platforms of a quality that do not give what a judge does, at the commits of both."""
    tolerance = rules.tolerance(quality.history.coordinate.metric)
    canonical = judge.by_commit(judge.canonical)
    for platform, builds in quality.found.items():
        own = quality.by_commit(builds)
        shas = [sha for sha in own if sha in canonical]
        levels = [(median(own[sha].values), median(canonical[sha].values)) for sha in shas]
        first = _first_apart([tolerance.holds(value, right) for value, right in levels])
        if first is not None:
            yield Disagreement(
                history=quality.history,
                platform=platform,
                reference=canonical[shas[-1]].platform,
                value=levels[-1][0],
                canonical=levels[-1][1],
                tolerance=tolerance,
                since=shas[first],
                before=shas[max(first - 1, 0)],
            )


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
            effects=tuple(told(one.history, one.text) for one in group),
            confirmation=Confirmation.confirmed,
        )


def warnings(found: Agreed, rules: QualityRules) -> Iterator[str]:
    """What a reader has to know of the platforms."""
    called = {one.series: _name(one.coordinate) for one in found.histories}
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


def _name(coordinate: Coordinate) -> str:
    """``right accuracy (subset: 500)``: benchmark, metric, and the badge of a part of its data."""
    part = badge(coordinate.dataset)
    return f"{coordinate.title} {coordinate.metric}" + (f" ({part})" if part else "")
