"""What slid slowly, over commits none of which did it: one finding over all that slid along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log

from tracker.findings.effects import changed
from tracker.findings.grouping import FALSE_DISCOVERIES
from tracker.model.findings import Drift, Finding, FindingKind, Judgement, Outcome
from tracker.model.series import History
from tracker.statistics.multiplicity import benjamini_hochberg


@dataclass(frozen=True, slots=True)
class _Slid:
    history: History
    drift: Drift

    @property
    def span(self) -> tuple[int, int]:
        """Positions of the commits between which it slid."""
        points = self.history.points
        ends = points[self.drift.first], points[self.drift.last]
        return ends[0].commit.position, ends[1].commit.position


def drift_findings(
    histories: Sequence[History], judgements: Mapping[str, Judgement]
) -> Iterator[Finding]:
    """One finding for the series that slid over about the same commits.

    It stands at the commits of the series that slid most. The p-values are corrected together with
    those of all noisy series.
    """
    slid = [
        _Slid(history, drift)
        for history in histories
        for drift in judgements[history.series].drifts
    ]
    noisy = sum(not history.coordinate.exact for history in histories)
    others = [1.0] * max(noisy - len(slid), 0)
    corrected = benjamini_hochberg([*(one.drift.verdict.p for one in slid), *others])
    found = [(one, q) for one, q in zip(slid, corrected, strict=False) if q <= FALSE_DISCOVERIES]
    for group in _together(found):
        yield _finding(sorted(group, key=lambda pair: _harm(pair[0]), reverse=True))


def _together(found: Sequence[tuple[_Slid, float]]) -> list[list[tuple[_Slid, float]]]:
    """Those that share most of the shorter one's commits with the first of a group."""
    groups: list[list[tuple[_Slid, float]]] = []
    for pair in sorted(found, key=lambda pair: pair[0].span):
        for group in groups:
            if _overlap(group[0][0].span, pair[0].span) > 0.5:
                group.append(pair)
                break
        else:
            groups.append([pair])
    return groups


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> float:
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return shared / max(min(one[1] - one[0], other[1] - other[0]), 1)


def _harm(one: _Slid) -> tuple[bool, float]:
    verdict = one.drift.verdict
    return verdict.outcome is Outcome.slower, abs(log(max(1 + verdict.effect, 1e-9)))


def _finding(group: Sequence[tuple[_Slid, float]]) -> Finding:
    worst, _ = group[0]
    points = worst.history.points
    return Finding(
        kind=FindingKind.drift,
        commit=points[worst.drift.last].commit.sha,
        after=points[worst.drift.first].commit.sha,
        effects=tuple(changed(one.history, one.drift, q) for one, q in group),
    )
