"""A comparison as Markdown, for the comment of a pull request: what changed, the rest folded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracker.model.comparisons import Compared
from tracker.model.findings import Outcome
from tracker.publish.comparing.contents import Comparison
from tracker.publish.comparing.sentences import (
    between,
    closing,
    effect,
    headline,
    level,
    mde,
    name,
    reason,
    rounds,
    verdict,
    word,
)
from tracker.publish.markdown import escape, folded, heading, joined, table
from tracker.publish.wording import clean, counted

_HEAD = ("benchmark", "base", "head", "change", "95 % interval", "verdict", "MDE", "rounds")


def render(comparison: Comparison, most: int | None = None) -> str:
    """The comparison as one Markdown document, GitHub flavour.

    Args:
        most: rows that a table has at most; the others are counted. None: all.
    """
    return joined(_lines(comparison, most))


def fitting(comparison: Comparison, longest: int) -> str:
    """The comparison with as many rows as so many characters have room for."""
    most = len(comparison.rows)
    text = render(comparison)
    while len(text) > longest and most:
        most //= 2
        text = render(comparison, most)
    if len(text) <= longest:
        return text
    return f"{heading(verdict(comparison))}\n\nThe rest is too long for this place.\n"


def _lines(comparison: Comparison, most: int | None) -> Iterator[str]:
    yield heading(verdict(comparison))
    yield ""
    yield escape(clean(headline(comparison)))
    yield ""
    changed = (*comparison.of(Outcome.slower), *comparison.of(Outcome.faster))
    loud = (*changed, *comparison.without)
    if loud:
        yield from _table(loud, comparison, most)
    for warning in comparison.warnings:
        yield f"**Note:** {escape(clean(warning))}"
        yield ""
    for line in closing(comparison):
        yield escape(line)
        yield ""
    quiet = (*comparison.of(Outcome.unknown), *comparison.of(Outcome.same))
    if quiet:
        title = f"{counted(len(quiet), 'other row')}: nothing seen"
        yield from folded(title, list(_table(quiet, comparison, most)))
    yield from folded("How it was measured", list(_provenance(comparison)))


def _table(rows: Sequence[Compared], comparison: Comparison, most: int | None) -> Iterator[str]:
    shown = rows[:most]
    if shown:
        yield from table(_HEAD, (_row(row, comparison) for row in shown))
    if more := len(rows) - len(shown):
        yield f"{counted(more, 'row')} more than there is room for here."
        yield ""


def _row(row: Compared, comparison: Comparison) -> Sequence[str]:
    loud = row.verdict is None or row.verdict.outcome in (Outcome.slower, Outcome.faster)
    size, outcome = escape(effect(row)), word(row)
    why = f": {escape(reason(row))}" if row.reason else ""
    return (
        escape(name(row, comparison.names)),
        escape(level(row.base, row)),
        escape(level(row.head, row)),
        f"**{size}**" if loud and size else size,
        escape(between(row)),
        (f"**{outcome}**" if loud else outcome) + why,
        escape(mde(row)),
        rounds(row),
    )


def _provenance(comparison: Comparison) -> Iterator[str]:
    for which, side in (("base", comparison.base), ("head", comparison.head)):
        what = "" if side.stands_for else f" ({side.sha})"
        called = escape(clean(side.label))
        yield f"- {which}: {called}{what} {escape(clean(side.subject))}".rstrip()
    for fact, value in sorted(comparison.machine.facts.items()):
        yield f"- {escape(clean(fact))}: {escape(clean(value))}"
