"""Which findings somebody is told of, and the one message about them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracker.config.settings import Level
from tracker.model.findings import Confirmation, Finding, FindingKind, Triage
from tracker.publish.contents import bad, gravity
from tracker.publish.markdown import unlinked
from tracker.publish.report import Report
from tracker.publish.sentences import called, change, headline, kinds, remarks, status
from tracker.publish.wording import clean, counted, shortened

#: characters of a message: the chat with the narrowest limit takes 2,000 with the title
_LONGEST = 1_800
#: characters of one line
_LINE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is sent. Plain text."""

    title: str
    text: str
    #: there is bad news in it
    bad: bool


def chosen(findings: Sequence[Finding], level: Level) -> tuple[Finding, ...]:
    """The findings that a level tells of: none that somebody decided about, bad news first."""
    told = [one for one in findings if one.triage is Triage.open and _is_told(one, level)]
    return tuple(sorted(told, key=gravity))


def _is_told(finding: Finding, level: Level) -> bool:
    confirmed = finding.confirmation is Confirmation.confirmed
    match level:
        case Level.quiet:
            return confirmed and finding.is_worse
        case Level.normal:
            return confirmed or finding.kind in (FindingKind.failed, FindingKind.missing)
        case Level.all:
            return finding.confirmation is not Confirmation.refuted


def digest(report: Report, findings: Sequence[Finding]) -> Message:
    """All of a night in one message; what there is no room for is counted."""
    lines = [unlinked(headline(report)), ""]
    room = _LONGEST - len(lines[0])
    for number, finding in enumerate(findings):
        block = list(_block(finding, report))
        room -= sum(len(line) + 1 for line in block)
        if room < 0:
            more = counted(len(findings) - number, "more finding")
            lines += [f"and {more}: tracker findings list", ""]
            break
        lines += block
    for warning in report.warnings:
        line = _line(f"Note: {warning}")
        room -= len(line) + 1
        if room >= 0:
            lines.append(line)
    return Message(
        title=_line(f"{report.project}: {kinds(findings) or 'nothing new'}"),
        text="\n".join(lines).strip(),
        bad=any(map(bad, findings)),
    )


def _block(finding: Finding, report: Report) -> Iterator[str]:
    commits = {commit.sha: commit for commit in report.commits}
    commit = commits.get(finding.commit)
    subject = f' "{commit.subject}", {commit.author}' if commit else ""
    label = commit.label if commit else finding.commit[:8]
    yield _line(f"{called(finding)} at {label}{subject}: {status(finding)}")
    if commit:  # its author alone may not be the one to ask
        yield from (_line(f"  {remark}") for remark in remarks(finding, report))
    effect = finding.headline
    more = len(finding.effects) - 1
    told = " ".join(filter(None, (report.name_of(effect), *change(effect))))
    yield _line(f"  {told}{f', and {more:,} more' if more else ''}")
    if commit and (url := report.url(commit)):
        yield f"  {url}"
    yield f"  tracker findings show {finding.id}"
    yield ""


def _line(text: str) -> str:
    """One line of what others wrote, cut where it is too long."""
    indent = text[: len(text) - len(text.lstrip())]
    return indent + unlinked(shortened(clean(text), _LINE))
