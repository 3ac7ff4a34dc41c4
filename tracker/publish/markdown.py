"""A report as Markdown: what changed in the open, everything else folded.

All text that comes from a project is escaped: a commit's subject may hold markup, HTML,
mentions or the border of a table, and must show as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from tracker.model.findings import Finding
from tracker.publish.members import members
from tracker.publish.report import Report
from tracker.publish.scaling import words
from tracker.publish.scaling.contents import ScalingCurve
from tracker.publish.sentences import (
    called,
    change,
    closing,
    command,
    failure_lines,
    headline,
    magnitude,
    remarks,
    since_first,
    status,
    verdict,
)
from tracker.publish.wording import counted, percent, quantity, smallest_seen

#: entries of one finding in the table that is not folded
_SHOWN = 5
#: markup anywhere, markup at the start of a line, and what would become a link by itself
_MARKUP = re.compile(r"([\\`*{}\[\]|~$]|(?<![^\W_])_|_(?![^\W_]))")
_START = re.compile(r"^(\s*)(>|=+$|-+$|([+-]|#+|\d+(?=[.)]))(?=[.)]?(?:\s|$)))")
_LINKED = re.compile(
    r"@(?=\w)|(?:[#!%]|&amp;|\bGH-)(?=\d)|(?<=\w):(?=//)|(?<=www)\.", re.IGNORECASE
)
_NOTHING = "\u200b"  # zero width: keeps two characters apart and shows nothing


def escape(text: str) -> str:
    """Text that shows as it is: no markup, no HTML, no mention, no link, no table border."""
    text = _MARKUP.sub(r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;"))
    text = _START.sub(rf"\1{_NOTHING}\2", text)
    return _LINKED.sub(rf"\g<0>{_NOTHING}", text)


def unlinked(text: str) -> str:
    """Text for services with a markup of their own: no mention, no link, no tag."""
    return _LINKED.sub(rf"\g<0>{_NOTHING}", re.sub(r"<(?=\S)", f"<{_NOTHING}", text))


def render(report: Report) -> str:
    """The report as one Markdown document, GitHub flavour."""
    return joined(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield heading(verdict(report))
    yield ""
    yield escape(headline(report))
    yield ""
    if report.findings:
        yield from table(
            ("", "commit", "series", "change", "95 % interval", "levels", "evidence"),
            (row for finding in report.findings for row in _rows(finding, report)),
        )
    if points := list(_points(report)):
        yield from folded("Points of the curves", points)
    for line in closing(report):
        yield escape(line)
    yield ""
    if report.warnings:
        yield from folded("Warnings", [f"- {escape(warning)}" for warning in report.warnings])
    if failures := list(failure_lines(report)):
        title = counted(len(failures), "failure")
        yield from folded(title, [f"- {escape(line)}" for line in failures])
    if report.events:
        yield from folded(
            "Environment and machine",
            [
                f"- {escape(event.kind)} from {_commit(event.commit, report)}: {escape(event.text)}"
                for event in report.events
            ],
        )
    for curve in report.curves:
        yield from folded(
            f"Scaling: {escape(words.title(curve, report))}", [*_curve(curve, report)]
        )
    if report.series:
        yield from folded(
            f"All {counted(len(report.series), 'series', 'series')}", list(_series(report))
        )
    yield from folded("How it was measured", list(_provenance(report)))


def _rows(finding: Finding, report: Report) -> Iterator[tuple[str, ...]]:
    entries = members(finding, report.name_of)
    for index, member in enumerate(entries[:_SHOWN]):
        size, between, levels, why = member.words
        first = index == 0
        yield (
            f"**{called(finding)}** {escape(_status(finding))}" if first else "",
            _place(finding, report) if first else "",
            escape(member.name),
            f"**{escape(size)}**" if size else "",
            escape(between),
            escape(levels),
            escape(why),
        )
    if (more := len(entries) - _SHOWN) > 0:
        yield ("", "", f"and {more} more", "", "", "", "")


def _points(report: Report) -> Iterator[str]:
    """The points of each curve that a finding tells in one line."""
    rows = [
        (_commit(finding.commit, report), *map(escape, (report.name_of(effect), *change(effect))))
        for finding in report.findings
        for member in members(finding, report.name_of)
        for effect in member.points
    ]
    if rows:
        yield from table(
            ("commit", "series", "change", "95 % interval", "levels", "evidence"), rows
        )


def _status(finding: Finding) -> str:
    return ", ".join(filter(None, (status(finding), magnitude(finding))))


def _place(finding: Finding, report: Report) -> str:
    commit = _commit(finding.commit, report, subject=True)
    return "; ".join((commit, *map(escape, remarks(finding, report))))


def _commit(sha: str, report: Report, *, subject: bool = False) -> str:
    commit = report.commit(sha)
    text = linked(commit.label, report.url(commit))
    return f"{text} {escape(commit.subject)}" if subject else text


def _series(report: Report) -> Iterator[str]:
    rows = []
    for one in report.series:
        last = one.measured[-1].value if one.measured else None
        mde = smallest_seen(one.mde, exact=one.coordinate.exact)
        rows.append(
            (
                escape(one.name),
                "" if last is None else escape(quantity(last, one.coordinate.unit)),
                escape(since_first(one)),
                "" if one.noise is None else escape(percent(one.noise, sign=False)),
                escape(mde),
                str(len(one.changes)),
            )
        )
    yield from table(
        ("series", "last", "since the first commit", "noise", "smallest change seen", "changes"),
        rows,
    )


def _curve(curve: ScalingCurve, report: Report) -> Iterator[str]:
    yield escape("; ".join(words.told(curve, report)))
    yield ""
    yield from table(
        (*map(escape, words.head(curve)), ""),
        ((*map(escape, words.row(rung)), words.bar(rung, curve)) for rung in curve.rungs),
    )


def _provenance(report: Report) -> Iterator[str]:
    if run := report.run:
        yield f"- command: {escape(command(run))}"
        yield f"- tracker {escape(run.tool_version)}".rstrip()
    for name, fact in sorted(report.machine.facts.items()):
        yield f"- {escape(name)}: {escape(fact)}"
    yield f"- suite hash: {report.suite.hash}"


def joined(lines: Iterable[str]) -> str:
    """One document of lines; of several empty ones in a row, one is left."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


def heading(text: str) -> str:
    """The title of a document."""
    return f"## {escape(text[0].upper() + text[1:])}"


def linked(text: str, url: str) -> str:
    """Text that leads somewhere; without an address the text alone."""
    target = re.sub(r"[\s()<>|\\]", lambda found: f"%{ord(found[0]):02X}", url)
    return f"[{escape(text)}]({target})" if url else escape(text)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table of cells that are escaped already."""
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def folded(title: str, lines: Sequence[str]) -> Iterator[str]:
    """Lines that show when their title is clicked."""
    yield f"<details><summary>{title}</summary>"
    yield ""
    yield from lines
    yield ""
    yield "</details>"
    yield ""
