"""What happened along the history: pure, from what was measured to what a maintainer reads.

``analyse`` is the seam: a fuller method replaces what ``judge`` does and nothing around it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

from tracker.config.settings import PolicySettings
from tracker.findings.absence import absence_findings
from tracker.findings.alignment import aligned
from tracker.findings.bending import with_curves
from tracker.findings.crossing import crossing_findings
from tracker.findings.drifting import drift_findings
from tracker.findings.events import Event, borders, events
from tracker.findings.grouping import change_findings
from tracker.findings.judging import judge
from tracker.findings.undoing import undoing
from tracker.model.findings import Finding, FindingKind, Judgement
from tracker.model.series import History

__all__ = ["Analysis", "Event", "analyse"]

_ORDER = (
    FindingKind.quality_drift,
    FindingKind.regression,
    FindingKind.drift,
    FindingKind.failed,
    FindingKind.missing,
    FindingKind.shift,
    FindingKind.environment_change,
    FindingKind.machine_change,
    FindingKind.improvement,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """Everything that detection says about a set of histories."""

    #: by series hash, one for each history
    judgements: Mapping[str, Judgement]
    #: worst first by kind, and by size within it
    findings: tuple[Finding, ...]
    #: in the order of the graph
    events: tuple[Event, ...]


def analyse(histories: Sequence[History], policy: PolicySettings) -> Analysis:
    """Judge each series, and gather what changed, broke or went missing by commit."""
    judged = {history.series: judge(history, policy) for history in histories}
    judgements = aligned(histories, judged)
    found = borders(histories)
    findings = [
        *undoing(change_findings(histories, judgements, policy), histories, judgements),
        *drift_findings(histories, judgements),
        *crossing_findings(found, policy),
        *absence_findings(histories),
    ]
    return Analysis(
        judgements=judgements,
        findings=tuple(
            sorted(with_curves(findings, histories, judgements, policy.scaling), key=_urgency)
        ),
        events=events(found),
    )


def _urgency(finding: Finding) -> tuple[int, float]:
    verdict = finding.headline.verdict
    if verdict is None:
        return _ORDER.index(finding.kind), -float(len(finding.effects))
    ratio = max(1 + verdict.effect, 1e-9)
    return _ORDER.index(finding.kind), -abs(log(ratio))
