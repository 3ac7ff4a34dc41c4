"""A summary as Markdown, GitHub flavour. All text of the project is escaped."""

from __future__ import annotations

from collections.abc import Iterator

from tracker.publish.deployment.contents import Badge, Summary
from tracker.publish.deployment.words import (
    Table,
    grounds,
    headline,
    lost,
    remedy,
    tables,
    verdict,
)
from tracker.publish.markdown import escape, joined, linked, table
from tracker.publish.sentences import named


def render(summary: Summary) -> str:
    """The summary as one document."""
    return joined(_lines(summary))


def _lines(summary: Summary) -> Iterator[str]:
    commit = summary.commit
    yield f"## {linked(named(commit), summary.url)}"
    yield ""
    yield escape(f"{commit.subject} · {commit.author} · {headline(summary)}")
    yield ""
    yield f"**{escape(verdict(summary))}**"
    yield ""
    for advice in summary.advice:
        yield f"- {advice.sign.value}: {escape(grounds(advice))} {remedy(advice.sign)}"
    yield from (f"- not measured: {escape(lost(one))}" for one in summary.lost)
    yield ""
    for one in tables(summary):
        yield f"### {escape(one.title)}"
        yield ""
        yield from _table(one)
        yield one.note
        yield ""


def _table(one: Table) -> Iterator[str]:
    badges = one.badges if any(one.badges) else ()
    head = [*map(escape, one.head), *(["badges"] if badges else [])]
    rows = [
        [*map(escape, row), *([escape(_told(badges[number]))] if badges else [])]
        for number, row in enumerate(one.rows)
    ]
    yield from table(head, rows)


def _told(badges: tuple[Badge, ...]) -> str:
    return "; ".join(f"{badge.sign.value}: {badge.evidence}" for badge in badges)
