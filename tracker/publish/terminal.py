"""A report in the terminal: the verdict first, the evidence below it, the next command at hand."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tracker.model.findings import Finding, FindingKind
from tracker.publish.contents import bad
from tracker.publish.members import members
from tracker.publish.report import Report
from tracker.publish.scaling import words
from tracker.publish.sentences import (
    called,
    closing,
    failure_lines,
    headline,
    magnitude,
    named,
    remarks,
    status,
)
from tracker.publish.wording import ago, counted, encodable

#: entries of one finding that are shown; the rest is counted
_SHOWN = 8
#: scaling curves that are shown in full
_CURVES = 4
#: columns of the name of a kind
_INDENT = 13


def render(report: Report, console: Console, *, plain: bool) -> None:
    """Print a report.

    Args:
        plain: no colours, no boxes, no dependence on the width, one finding a line.
    """
    if plain:
        for line in plain_lines(report):
            say(console, line)
        return
    for part in _parts(report):
        console.print(part, highlight=False)


def say(console: Console, line: str) -> None:
    """Print a plain line as it is, at any width, on an output of any encoding."""
    text = encodable(line, console.encoding)
    console.print(text, markup=False, highlight=False, emoji=False, soft_wrap=True)


# plain --------------------------------------------------------------------------------


def plain_lines(report: Report) -> Iterator[str]:
    """The report as lines that a program may cut up: one finding a line."""
    yield headline(report)
    for warning in report.warnings:
        yield f"warning: {warning}"
    for finding in report.findings:
        commit = report.commit(finding.commit)
        effects = "; ".join(member.line for member in members(finding, report.name_of))
        told = "; ".join((status(finding)[2:], *filter(None, (magnitude(finding),))))
        places = "".join(f" ({remark})" for remark in remarks(finding, report))
        yield (f'{called(finding)}: {named(commit)}{places}: {effects} [{told}] "{commit.subject}"')
    for event in report.events:
        yield f"{event.kind} change: from {named(report.commit(event.commit))}: {event.text}"
    for failure in failure_lines(report):
        yield f"failed: {failure}"
    for curve in report.curves:
        yield f"scaling: {words.line(curve, report)}"
    yield from closing(report)


# rich ---------------------------------------------------------------------------------


def _parts(report: Report) -> Iterator[RenderableType]:
    yield Text(headline(report), style="dim")
    for warning in report.warnings:
        yield Text(f"! {warning}", style="yellow")
    yield Text()
    for finding in report.findings:
        if bad(finding) or finding.kind is FindingKind.shift:
            yield from _finding(finding, report)
    good = [f for f in report.findings if not bad(f) and f.kind is not FindingKind.shift]
    for finding in good:
        yield _in_one_line(finding, report)
    for event in report.events:
        yield _row(
            f"{event.kind}", "blue", f"from {named(report.commit(event.commit))}: {event.text}"
        )
    for failure in failure_lines(report):
        yield _row("failed", "yellow", failure)
    if good or report.events or any(failure_lines(report)):
        yield Text()
    yield from _curves(report)
    for line in closing(report):
        yield Text(line)


def _finding(finding: Finding, report: Report) -> Iterator[RenderableType]:
    commit = report.commit(finding.commit)
    style = "bold red" if bad(finding) else "bold magenta"
    head = Table.grid(padding=(0, 2, 0, 0), expand=True)
    name = called(finding).upper()
    head.add_column(width=max(_INDENT - 2, len(name)), no_wrap=True)
    head.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    for _ in range(2):
        head.add_column(justify="right", no_wrap=True)
    subject = "" if commit.subject == commit.label else f'  "{commit.subject}"'
    head.add_row(
        Text(name, style),
        Text.assemble((named(commit), "bold"), subject),
        Text(f"{commit.author} · {ago(commit.authored_at, report.generated_at)}", "dim"),
        Text(" · ".join(filter(None, (magnitude(finding), status(finding))))),
    )
    yield head
    for remark in remarks(finding, report):
        yield Padding(Text(remark, "dim"), (0, 0, 0, _INDENT))
    effects = Table.grid(padding=(0, 3, 0, 0))
    effects.add_column()
    effects.add_column(justify="right", no_wrap=True)
    for _ in range(3):
        effects.add_column()
    entries = members(finding, report.name_of)
    for member in entries[:_SHOWN]:
        size, between, levels, why = member.words
        effects.add_row(
            Text(member.name),
            Text(size, "green" if member.is_better else style),
            Text(between, "dim"),
            Text(levels),
            Text(why, "dim" if size else ""),
        )
    yield Padding(effects, (0, 0, 0, _INDENT))
    if (more := len(entries) - _SHOWN) > 0:
        yield Padding(Text(f"and {more} more", "dim"), (0, 0, 0, _INDENT))
    yield Padding(Text(f"→ tracker show {commit.label}", "cyan"), (0, 0, 1, _INDENT))


def _in_one_line(finding: Finding, report: Report) -> RenderableType:
    first, *others = members(finding, report.name_of)
    size, _, levels, _ = first.words
    more = f" and {len(others)} more" if others else ""
    text = "  ".join(
        filter(
            None,
            (
                named(report.commit(finding.commit)),
                first.name + more,
                size,
                levels,
                finding.headline.reason,
                status(finding),
                *remarks(finding, report),
            ),
        )
    )
    return _row(called(finding), "green" if size else "blue", text)


def _curves(report: Report) -> Iterator[RenderableType]:
    for curve in report.curves[:_CURVES]:
        title = f"{words.title(curve, report)}   {' · '.join(words.told(curve, report))}"
        yield _row("scaling", "blue", title)
        sizes = Table.grid(padding=(0, 3, 0, 0))
        for _ in words.head(curve):
            sizes.add_column(justify="right", no_wrap=True)
        sizes.add_row(*(Text(text, "dim") for text in words.head(curve)), Text())
        for rung in curve.rungs:
            sizes.add_row(*map(Text, words.row(rung)), Text(words.bar(rung, curve), "blue"))
        yield Padding(sizes, (0, 0, 1, _INDENT))
    if (more := len(report.curves) - _CURVES) > 0:
        yield Padding(Text(f"and {counted(more, 'scaling curve')} more", "dim"), (0, 0, 1, _INDENT))


def _row(name: str, style: str, text: str) -> RenderableType:
    row = Table.grid(padding=(0, 2, 0, 0))
    row.add_column(width=_INDENT - 2, no_wrap=True)
    row.add_column()
    row.add_row(Text(name.upper(), f"bold {style}"), Text(text))
    return row
