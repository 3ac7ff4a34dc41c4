"""A comparison as one HTML file that opens offline: its tables, and its curves as charts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from tracker.model.findings import Outcome
from tracker.publish.comparing.contents import Comparison
from tracker.publish.comparing.drawing import Picture, pictures
from tracker.publish.comparing.entries import Entry, entries, single, verdict
from tracker.publish.comparing.sentences import (
    between,
    closing,
    effect,
    headline,
    levels,
    mde,
    reason,
    rounds,
    word,
)
from tracker.publish.frames import drawing_parts, embedded, filled
from tracker.publish.scaling.html import curve_page
from tracker.publish.wording import clean, counted

_SCRIPTS = (
    *("uPlot.iife.min.js", "elements.js", "chart.js", "theme.js", "curves.js", "comparison.js"),
)
_STYLES = ("uPlot.min.css", "page.css", "summary.css", "comparison.css")
_HEAD = ("benchmark", "base → head", "change", "95 % interval", "verdict", "MDE", "rounds")
_TONES = {Outcome.slower: "tone-bad", Outcome.faster: "tone-good"}


def render(comparison: Comparison) -> str:
    """The whole page."""
    told = verdict(comparison)
    quiet = [*comparison.of(Outcome.unknown), *comparison.of(Outcome.same)]
    parts = {
        "title": escape(f"{comparison.project}: {told}"),
        "project": escape(comparison.project),
        "verdict": escape(told[0].upper() + told[1:]),
        "about": escape(clean(headline(comparison))),
        "warnings": "".join(
            f'<p class="warning" role="note">{escape(clean(one))}</p>'
            for one in comparison.warnings
        ),
        "changes": _table(entries(comparison.changed, comparison), comparison),
        "quiet": _folded(
            f"{counted(len(quiet), 'other row')}: nothing seen",
            _table([single(row, comparison.names) for row in quiet], comparison),
        ),
        "closing": "".join(
            f'<p class="closing">{escape(line)}</p>' for line in closing(comparison)
        ),
        "facts": "".join(_facts(comparison)),
        "data": embedded({"curves": [_curve(one, comparison) for one in pictures(comparison)]}),
        **drawing_parts(_SCRIPTS, _STYLES),
    }
    return filled("comparison.html", parts)


def _curve(picture: Picture, comparison: Comparison) -> dict[str, object]:
    rows = [(None, row) for row in picture.rows]
    return curve_page(picture.curve, comparison, picture.head, rows)


def _folded(title: str, text: str) -> str:
    return f"<details><summary>{escape(title)}</summary>{text}</details>" if text else ""


def _table(told: Sequence[Entry], comparison: Comparison) -> str:
    if not told:
        return ""
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in _HEAD)
    rows = "".join(_row(entry, comparison) for entry in told)
    body = f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
    return f'<div class="wide"><table>{body}</table></div>'


def _row(entry: Entry, comparison: Comparison) -> str:
    """An entry; its points, where it has several, below it at a click."""
    row = entry.row
    tone = _TONES.get(row.verdict.outcome, "") if row.verdict else "tone-bad" * row.is_lost
    why = "; ".join(filter(None, (entry.became, reason(row))))
    points = [single(one, comparison.names) for one in entry.points]
    more = _folded(f"{len(points)} points", "".join(_points(points))) if points else ""
    name = f'{escape(entry.name)}<div class="muted">{escape(why)}</div>{more}'
    cells = (
        ("", "" if entry.points else levels(row)),
        (tone, effect(row)),
        ("", between(row)),
        (tone, word(row)),
        ("", mde(row)),
        ("", rounds(row)),
    )
    shown = "".join(
        f'<td class="num {kind}" data-label="{escape(label)}">{escape(text)}</td>'
        for label, (kind, text) in zip(_HEAD[1:], cells, strict=True)
    )
    return f'<tr><th scope="row">{name}</th>{shown}</tr>'


def _points(told: Sequence[Entry]) -> Iterator[str]:
    yield '<ul class="points">'
    for entry in told:
        row = entry.row
        facts = " · ".join(filter(None, (effect(row), between(row), levels(row))))
        yield f"<li>{escape(entry.name)} <span>{escape(facts)}</span></li>"
    yield "</ul>"


def _facts(comparison: Comparison) -> Iterator[str]:
    sides = (("base", comparison.base), ("head", comparison.head))
    facts = [
        *(
            (which, f"{one.label} {'' if one.stands_for else one.sha} {one.subject}")
            for which, one in sides
        ),
        *sorted(comparison.machine.facts.items()),
        ("compared", f"{comparison.generated_at:%Y-%m-%d %H:%M} UTC"),
    ]
    for name, fact in facts:
        yield f"<dt>{escape(clean(name))}</dt><dd>{escape(clean(fact))}</dd>"
