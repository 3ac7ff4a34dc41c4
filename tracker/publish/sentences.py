"""What a report says in words: the same sentences in every form of it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import PurePath

from tracker.model.calibrations import Calibration
from tracker.model.commits import Commit
from tracker.model.findings import (
    Confirmation,
    Effect,
    Finding,
    FindingKind,
    Magnitude,
    Triage,
)
from tracker.model.runs import RunSummary
from tracker.publish.contents import Failure, Series
from tracker.publish.report import Report
from tracker.publish.wording import (
    NAMES,
    ago,
    counted,
    evidence,
    interval,
    percent,
    smallest_seen,
    step,
)

_MARKS = {
    Confirmation.confirmed: "●",
    Confirmation.suspected: "○",
    Confirmation.refuted: "◌",
}
#: what cannot be counted by an s
_MANY = {"faster but wrong": "faster but wrong"}
#: a finding of a kind, where the name of the kind cannot be counted
_NOUNS = {
    FindingKind.failed: "new failure",
    FindingKind.missing: "missing benchmark",
    FindingKind.environment_change: "new environment",
    FindingKind.machine_change: "machine change",
}


def verdict(report: Report) -> str:
    """The report in a few words: ``2 regressions, 1 improvement``."""
    figures = report.figures
    if not figures.series:
        return "nothing was measured"
    if not report.findings:
        if figures.blind == figures.series:
            return "too few values to see a change"
        seen = smallest_seen(figures.mde_median, exact=figures.exact > 0)
        return f"no change found; the smallest that would have been seen: {seen}"
    return kinds(report.findings)


def kinds(findings: Sequence[Finding]) -> str:
    """``2 regressions, 1 improvement``."""
    counts: dict[str, int] = {}
    for finding in findings:
        noun = _NOUNS.get(finding.kind, called(finding))
        counts[noun] = counts.get(noun, 0) + 1
    return ", ".join(counted(number, noun, _MANY.get(noun, "")) for noun, number in counts.items())


def called(finding: Finding) -> str:
    """What a finding is: its kind, and the worst of them by a name of its own."""
    return "faster but wrong" if finding.is_faster_but_wrong else NAMES[finding.kind]


def headline(report: Report) -> str:
    """``demo · 214 commits · suite parse@3 · machine bench-1 · 2024-05-03 02:10-03:42``."""
    parts = [
        report.project,
        counted(len(report.commits), "commit"),
        f"suite {report.suite_name}",
        f"machine {report.machine.name}",
    ]
    if run := report.run:
        parts.append(f"{run.started_at:%Y-%m-%d %H:%M}{_until(run)}")
    return " · ".join(parts)


def _until(run: RunSummary) -> str:
    if run.finished_at is None:
        return " UTC"
    how = "complete" if run.state == "finished" else run.state
    same_day = run.finished_at.date() == run.started_at.date()
    ended = f"{run.finished_at:%H:%M}" if same_day else f"{run.finished_at:%Y-%m-%d %H:%M}"
    return f"-{ended} UTC, {how}"


def false_alarms(calibration: Calibration, now: datetime | None) -> str:
    """``False alarms of this machine and suite, measured: 0 in 240 decisions (...)``.

    Args:
        now: when it is read; None: nobody knows, and the date is told.
    """
    when = ago(calibration.at, now) if now else f"{calibration.at:%Y-%m-%d}"
    decisions = counted(calibration.decisions, "decision")
    told = f"{calibration.alarms:,} in {decisions}"
    if calibration.alarms:
        told += f", {calibration.alarms_a_hundred_commits():.1f} in 100 commits"
    else:
        told += f", so below {percent(calibration.most_without_alarms, sign=False)}"
    return f"False alarms of this machine and suite, measured: {told} (calibrated {when})."


def command(run: RunSummary) -> str:
    """The command line as it was typed; where the program lies is nobody's business."""
    program, *arguments = run.command or ("tracker",)
    return shlex.join([PurePath(program).name, *arguments])


def closing(report: Report) -> Iterator[str]:
    """What did not change, and the smallest change that would have been seen there."""
    figures = report.figures
    if not figures.series:
        yield "Nothing was measured: there are no values to judge."
        return
    seen = []
    if figures.mde_median is not None and figures.mde_worst is not None:
        median = smallest_seen(figures.mde_median)
        worst = f"{smallest_seen(figures.mde_worst)} (worst: {figures.mde_worst_series})"
        judged = figures.unchanged - figures.exact - figures.blind
        seen.append(f"{median} (median), {worst}" if judged > 1 else median)
    if figures.exact:
        seen.append(f"any change in {counted(figures.exact, 'exact count')}")
    other = "other " if any(finding.effects for finding in report.findings) else ""
    if seen:
        number = counted(figures.unchanged - figures.blind, "series", "series")
        smallest = f"Smallest change that would have been seen: {'; '.join(seen)}."
        yield f"No {other}change in {number}. {smallest}"
    if figures.refuted:
        suspected = counted(figures.refuted, "suspected change")
        yield f"Measured again and not there: {suspected}."
    if report.calibration:
        yield false_alarms(report.calibration, report.generated_at)
    if figures.blind:
        yield (
            f"Too few values to see any change in {counted(figures.blind, 'series', 'series')}: "
            "measure more commits, or more processes a commit."
        )


def failure_lines(report: Report) -> Iterator[str]:
    """Commits that do not build and benchmarks that fail, unless a finding has said it."""
    told = {
        effect.title
        for finding in report.findings
        if finding.kind in (FindingKind.failed, FindingKind.missing)
        for effect in finding.effects
    }
    for failure in report.failures:
        if failure.title not in told:
            yield _failure(failure, report)


def _failure(failure: Failure, report: Report) -> str:
    labels = [report.commit(sha).label for sha in failure.commits]
    more = f" and {len(labels) - 1} more" if len(labels) > 1 else ""
    at = f"{labels[0]}{more}" if labels else "every commit"
    if not failure.title:
        return f"{at} does not build: {failure.reason}"
    return f"{failure.title} {failure.state.words} at {at}: {failure.reason}"


def status(finding: Finding) -> str:
    """``● confirmed``, and what people decided about it."""
    text = f"{_MARKS[finding.confirmation]} {finding.confirmation.value}"
    if finding.triage is not Triage.open:
        text += f", {finding.triage.value.replace('-', ' ')}"
    return text


def track_record(findings: Sequence[Finding]) -> str:
    """How often the tracker cried wolf in a project; empty where it never did."""
    refuted = sum(one.confirmation is Confirmation.refuted for one in findings)
    denied = sum(one.triage is Triage.false_alarm for one in findings)
    told = []
    if refuted:
        told.append(f"{refuted:,} measured again and not there")
    if denied:
        told.append(f"{denied:,} called a false alarm")
    return f"Of all {counted(len(findings), 'finding')}: {', '.join(told)}." if told else ""


def magnitude(finding: Finding) -> str:
    """``large``: the largest of its effects; empty where none is a number."""
    sizes = [effect.verdict.magnitude for effect in finding.effects if effect.verdict]
    return max(sizes, key=list(Magnitude).index).value if sizes else ""


def remarks(finding: Finding, report: Report) -> Iterator[str]:
    """What else a reader has to know of a finding's commit."""
    if finding.kind is FindingKind.disagreement:
        return  # it may be as old as the history: there need be no commit before it
    between = report.between(finding)
    if finding.kind is FindingKind.drift:
        start = report.label(finding.after)
        yield f"slowly, over {counted(between + 1, 'commit')} since {start}: no single one of them"
    elif between:
        others = "the commit" if between == 1 else f"one of {between:,} commits"
        yield f"or {others} before it that gave no values"
    if finding.takes_back:
        yield f"takes back the change of {report.label(finding.takes_back)}"


def change(effect: Effect) -> tuple[str, str, str, str]:
    """Effect, its interval, the levels with unit, the evidence: empty where there is none."""
    if effect.verdict is None or effect.before is None or effect.after is None:
        return "", "", "", effect.reason
    verdict = effect.verdict
    between = "" if verdict.low == verdict.high else interval(verdict.low, verdict.high)
    return (
        percent(verdict.effect),
        between,
        step(effect.before, effect.after, "" if effect.unit == effect.metric else effect.unit),
        evidence(effect),
    )


def since_first(one: Series) -> str:
    """Last value against the first: a tenth of a per cent is as fine as a timing is known."""
    if one.since_first is None:
        return ""
    return percent(one.since_first if one.coordinate.exact else round(one.since_first, 3))


def named(commit: Commit) -> str:
    """``v4.18.0 (9f3c2ab1)``, without a tag the short SHA alone."""
    return f"{commit.label} ({commit.short})" if commit.tags else commit.short
