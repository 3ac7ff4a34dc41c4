"""What was found as alerts of a code scanner: a rule, how bad it is, and which benchmark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tracker.model.canonical import digest
from tracker.model.findings import Confirmation, Effect, Finding, Outcome
from tracker.publish.comparing.contents import Comparison
from tracker.publish.comparing.sentences import name as name_of_row
from tracker.publish.contents import bad
from tracker.publish.exports.cases import effect_told, row_told
from tracker.publish.report import Report
from tracker.publish.sentences import called, change, status
from tracker.publish.wording import effect_name


class Severity(StrEnum):
    """What SARIF calls the level of a result."""

    error = "error"
    warning = "warning"
    note = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One result."""

    rule: str
    severity: Severity
    text: str
    #: name of the benchmark; its place is where a reader is led
    benchmark: str
    #: the same for the same result in another run
    fingerprint: str


def of_comparison(comparison: Comparison) -> Iterator[Alert]:
    """What is slower, has no values any more, or is faster; worst first."""
    lost = tuple(row for row in comparison.without if row.is_lost)
    for rule, severity, rows in (
        ("slower", Severity.error, comparison.of(Outcome.slower)),
        ("lost", Severity.error, lost),
        ("faster", Severity.note, comparison.of(Outcome.faster)),
    ):
        for row in rows:
            yield Alert(
                rule=rule,
                severity=severity,
                text=row_told(row, comparison),
                benchmark=row.cell.benchmark,
                fingerprint=_fingerprint(
                    rule, comparison.project, name_of_row(row, comparison.names)
                ),
            )


def of_report(report: Report) -> Iterator[Alert]:
    """The findings of a report, with each of their series."""
    for finding in report.findings:
        for effect in finding.effects:
            yield _of_effect(finding, effect, effect_told(finding, effect, report))


def of_findings(findings: Sequence[Finding]) -> Iterator[Alert]:
    """Stored findings, with each of their series."""
    for finding in findings:
        place = f"{called(finding)} at {finding.commit[:8]}"
        for effect in finding.effects:
            facts = " ".join(filter(None, (effect_name(effect), *change(effect))))
            yield _of_effect(finding, effect, f"{place}: {facts}; {status(finding)[2:]}")


def _of_effect(finding: Finding, effect: Effect, text: str) -> Alert:
    confirmed = finding.confirmation is Confirmation.confirmed
    if not bad(finding) or finding.is_settled:
        severity = Severity.note
    else:
        severity = Severity.error if finding.is_worse and confirmed else Severity.warning
    return Alert(
        rule=finding.kind.value,
        severity=severity,
        text=text,
        benchmark=effect.title.partition("[")[0],
        fingerprint=_fingerprint(finding.kind.value, finding.commit, effect.series),
    )


def _fingerprint(*parts: str) -> str:
    return digest(parts)[:32]
