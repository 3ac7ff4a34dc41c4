"""A summary as one HTML page that opens offline: no script, no connection, tables and a picture."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from tracker.publish.deployment import bars, lines
from tracker.publish.deployment.contents import Badge, Speedups, Summary
from tracker.publish.deployment.words import (
    Table,
    grounds,
    headline,
    lost,
    remedy,
    tables,
    verdict,
)
from tracker.publish.frames import asset, breakable, filled
from tracker.publish.sentences import named
from tracker.publish.wording import ago


def render(summary: Summary) -> str:
    """The whole page."""
    commit = summary.commit
    name = escape(named(commit))
    about = f"{commit.author} · {ago(commit.authored_at, summary.generated_at)}"
    parts = {
        "title": escape(f"{summary.project} at {commit.label}"),
        "style": asset("page.css") + asset("summary.css"),
        "headline": escape(headline(summary)),
        "commit": f'<a href="{escape(summary.url)}" rel="noreferrer">{name}</a>'
        if summary.url
        else name,
        "subject": escape("" if commit.subject == commit.label else commit.subject),
        "about": escape(f"{about} · {verdict(summary)}"),
        "advice": "".join(_advice(summary)),
        "tables": "".join(map(_section, tables(summary))),
        "facts": "".join(_facts(summary)),
    }
    return filled("summary.html", parts)


def _advice(summary: Summary) -> Iterator[str]:
    for advice in summary.advice:
        told = f"{breakable(grounds(advice))} {_with_code(remedy(advice.sign))}"
        yield f'<li><span class="badge">{escape(advice.sign.value)}</span> {told}</li>'
    for one in summary.lost:
        yield f'<li><span class="badge bad">not measured</span> {breakable(lost(one))}</li>'


def _with_code(text: str) -> str:
    """What stands in backticks becomes code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(text))


def _section(table: Table) -> str:
    note = f'<p class="muted">{_with_code(table.note)}</p>' if table.note else ""
    heading = f"<h2>{escape(table.title)}</h2>"
    return f"<section>{heading}{_picture(table)}{''.join(_table(table))}{note}</section>"


def _picture(table: Table) -> str:
    if isinstance(table.pictured, Speedups):
        return f'<div class="picture">{bars.render(table.pictured)}</div>'
    if table.pictured:
        return f'<div class="curves">{"".join(map(lines.render, table.pictured))}</div>'
    return ""


def _table(table: Table) -> Iterator[str]:
    badges = table.badges if any(table.badges) else ()
    yield '<div class="wide"><table><thead><tr>'
    yield from (f'<th scope="col">{escape(text)}</th>' for text in table.head)
    yield "</tr></thead><tbody>"
    for number, (name, *cells) in enumerate(table.rows):
        signs = "".join(map(_badge, badges[number])) if badges else ""
        yield f'<tr><th scope="row">{breakable(name)}<div class="badges">{signs}</div></th>'
        for label, cell in zip(table.head[1:], cells, strict=True):
            yield f'<td class="num" data-label="{escape(label)}">{escape(cell)}</td>'
        yield "</tr>"
    yield "</tbody></table></div>"


def _badge(badge: Badge) -> str:
    title = escape(badge.evidence)
    return f'<span class="badge" title="{title}">{escape(badge.sign.value)}</span>'


def _facts(summary: Summary) -> Iterator[str]:
    for name, fact in sorted(summary.machine.facts.items()):
        yield f"<dt>{escape(name)}</dt><dd>{escape(fact)}</dd>"
