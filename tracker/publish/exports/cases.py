"""Cells as the test cases of a CI system: what regressed failed, what is not known was skipped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tracker.model.comparisons import Compared
from tracker.model.findings import Confirmation, Effect, Finding, FindingKind, Outcome
from tracker.publish.comparing import sentences as comparing
from tracker.publish.comparing.contents import Comparison
from tracker.publish.contents import Series
from tracker.publish.report import Report
from tracker.publish.sentences import called, change, remarks, status


class Result(StrEnum):
    passed = "passed"
    failed = "failed"
    skipped = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One cell."""

    name: str
    result: Result
    #: why it did not pass, a line each
    told: tuple[str, ...] = ()


def of_comparison(comparison: Comparison) -> Iterator[Case]:
    """A case for each cell, in their order; those that install the same on both sides passed."""
    rows: dict[str, list[Compared]] = {}
    for row in comparison.rows:
        rows.setdefault(row.cell.key, []).append(row)
    for key, of_cell in rows.items():
        yield _compared(comparison.names[key], of_cell, comparison)
    for name in comparison.identical:
        yield Case(name=name, result=Result.passed)


def _compared(name: str, rows: Sequence[Compared], comparison: Comparison) -> Case:
    slower = [one for one in rows if one.verdict and one.verdict.outcome is Outcome.slower]
    if worse := [*slower, *(one for one in rows if one.is_lost)]:
        told = tuple(row_told(row, comparison) for row in worse)
        return Case(name=name, result=Result.failed, told=told)
    main = rows[0]
    if main.verdict is None or main.verdict.outcome is Outcome.unknown:
        return Case(name=name, result=Result.skipped, told=(row_told(main, comparison),))
    return Case(name=name, result=Result.passed)


def row_told(row: Compared, comparison: Comparison) -> str:
    """``slower: parse[size=8]: +30.0 % [+29.0, +31.0], 2 → 2.6 ms``."""
    facts = (
        f"{comparing.effect(row)} {comparing.between(row)}".strip(),
        comparing.levels(row),
        comparing.reason(row),
    )
    name = comparing.name(row, comparison.names)
    return f"{comparing.word(row)}: {name}: {', '.join(filter(None, facts))}".rstrip(": ")


def of_report(report: Report) -> Iterator[Case]:
    """A case for each cell that has a series, in their order.

    A regression that is not settled fails its cells as long as it is in the report.
    """
    cells: dict[tuple[str, str], list[Series]] = {}
    for one in report.series:
        cells.setdefault((one.title, one.variant), []).append(one)
    for (title, variant), of_cell in cells.items():
        name = f"{title} ({variant})" if variant else title
        yield _judged(name, of_cell, report)


def _judged(name: str, series: Sequence[Series], report: Report) -> Case:
    hashes = {one.series for one in series}
    failed, open_ = [], []
    for finding in report.findings:
        if finding.is_settled:
            continue
        told = [
            effect_told(finding, one, report) for one in finding.effects if one.series in hashes
        ]
        if finding.is_worse and finding.confirmation is Confirmation.confirmed:
            failed += told
        elif finding.is_worse or finding.kind in (FindingKind.failed, FindingKind.missing):
            open_ += told
    if failed:
        return Case(name=name, result=Result.failed, told=tuple(failed))
    if not any(one.measured for one in series):
        open_.append("gives no values")
    elif series[0].mde is None:
        open_.append("has too few values to see any change")
    return Case(name=name, result=Result.skipped if open_ else Result.passed, told=tuple(open_))


def effect_told(finding: Finding, effect: Effect, report: Report) -> str:
    """``regression at v4.18.0: parse[size=8]: +30.0 % [+29.0, +31.0] 2 → 2.6 ms; confirmed``."""
    facts = " ".join(filter(None, change(effect)))
    told = "; ".join(
        (f"{report.name_of(effect)}: {facts}", status(finding)[2:], *remarks(finding, report))
    )
    return f"{called(finding)} at {report.label(finding.commit)}: {told}"
