"""A suspected change is measured again, fresh and in pairs, before it is believed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tracker.config.settings import PolicySettings
from tracker.findings.lineage import gives
from tracker.findings.pairs import Judge, Scales
from tracker.findings.sides import Sides
from tracker.model.cells import Cell, Coordinate
from tracker.model.commits import Commit
from tracker.model.comparisons import Compared
from tracker.model.findings import Confirmation, Effect, Finding, FindingKind, Outcome, Verdict

#: kinds that a second look can settle
_MEASURABLE = (
    FindingKind.quality_drift,
    FindingKind.regression,
    FindingKind.drift,
    FindingKind.improvement,
    FindingKind.shift,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """A finding that waits for fresh pairs, and what they are pairs of."""

    finding: Finding
    sides: Sides


def suspicions(
    findings: Sequence[Finding],
    *,
    coordinates: Mapping[str, Coordinate],
    commits: Sequence[Commit],
    cells: Sequence[Cell],
    policy: PolicySettings,
    scales: Scales,
) -> tuple[Suspicion, ...]:
    """The findings that timings speak for; those that nothing else speaks for come first.

    The sides are the commit and the last one measured before it; the cells, those of its series.

    Args:
        findings: of an analysis.
        coordinates: series -> its coordinate.
        commits: all commits of the analysis.
        cells: all cells of the suite.
        policy: how pairs are judged.
        scales: what is known of the cells' noise.
    """
    by_sha = {commit.sha: commit for commit in commits}
    found = []
    for finding in findings:
        if finding.kind not in _MEASURABLE:
            continue
        noisy = [coordinates[one.series] for one in finding.effects if not _is_exact(one)]
        if asked := _asked(cells, noisy):
            judge = Judge(
                policy=policy,
                mains=_mains(noisy),
                scales=scales,
                sequential=True,
                cells=len(asked),
            )
            sides = Sides(
                base=by_sha[finding.after], head=by_sha[finding.commit], cells=asked, judge=judge
            )
            found.append(Suspicion(finding=finding, sides=sides))
    return tuple(sorted(found, key=lambda one: _is_confirmed(one.finding)))


def settled(finding: Finding, rows: Sequence[Compared]) -> Finding:
    """The finding after its pairs were judged.

    An effect that is there again is shown as it was measured now; one that is known not to be
    there is dropped. The finding is confirmed by the first, and refuted when nothing is left.
    """
    seen = {row.base_series: row for row in rows} | {row.head_series: row for row in rows}
    effects = []
    is_confirmed = _is_confirmed(finding)
    for effect in finding.effects:
        row = None if _is_exact(effect) else seen.get(effect.series)
        if row is None or row.verdict is None or row.verdict.outcome is Outcome.unknown:
            effects.append(effect)
        elif _agrees(effect, row.verdict):
            effects.append(replace(effect, verdict=row.verdict, before=row.base, after=row.head))
            is_confirmed = True
    if not effects:
        return replace(finding, confirmation=Confirmation.refuted)
    confirmation = Confirmation.confirmed if is_confirmed else finding.confirmation
    return replace(finding, confirmation=confirmation, effects=tuple(effects))


def _asked(cells: Sequence[Cell], noisy: Sequence[Coordinate]) -> tuple[Cell, ...]:
    """The cells of the series; of a quality, which any batch size and device gives, the first."""
    wanted = {(one.benchmark, one.parameters) for one in noisy if not one.is_quality}
    qualities = [one for one in noisy if one.is_quality]
    firsts = [next((cell for cell in cells if gives(cell, one)), None) for one in qualities]
    return tuple(
        cell for cell in cells if (cell.benchmark, cell.parameters) in wanted or cell in firsts
    )


def _mains(noisy: Sequence[Coordinate]) -> dict[str, str]:
    """The metric of each benchmark that has to be decided: its time, if that is among them."""
    mains: dict[str, str] = {}
    for coordinate in sorted(noisy, key=lambda one: one.metric != "time"):
        mains.setdefault(coordinate.benchmark, coordinate.metric)
    return mains


def _is_confirmed(finding: Finding) -> bool:
    return finding.confirmation is Confirmation.confirmed


def _is_exact(effect: Effect) -> bool:
    return effect.verdict is not None and effect.verdict.low == effect.verdict.high


def _agrees(effect: Effect, fresh: Verdict) -> bool:
    return effect.verdict is not None and effect.verdict.outcome is fresh.outcome
