"""A comparison as Markdown, for the comment of a pull request: what changed, the rest folded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracker.model.findings import Outcome
from tracker.publish.comparing.contents import Comparison
from tracker.publish.comparing.drawing import Picture, pictures
from tracker.publish.comparing.entries import Entry, entries, single, verdict
from tracker.publish.comparing.sentences import (
    between,
    closing,
    effect,
    headline,
    level,
    mde,
    reason,
    rounds,
    word,
)
from tracker.publish.markdown import escape, folded, heading, joined, table
from tracker.publish.scaling.words import bar, title, told
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
    changes = entries(comparison.changed, comparison)
    if changes:
        yield from _table(changes, most)
    if points := [single(row, comparison.names) for entry in changes for row in entry.points]:
        yield from folded("Points of the curves", list(_table(points, most)))
    for warning in comparison.warnings:
        yield f"**Note:** {escape(clean(warning))}"
        yield ""
    for line in closing(comparison):
        yield escape(line)
        yield ""
    quiet = (*comparison.of(Outcome.unknown), *comparison.of(Outcome.same))
    if quiet:
        rest = [single(row, comparison.names) for row in quiet]
        number = counted(len(quiet), "other row")
        yield from folded(f"{number}: nothing seen", list(_table(rest, most)))
    for one in pictures(comparison)[:most]:
        yield from folded(
            f"Scaling: {escape(title(one.curve, comparison))}", [*_curve(one, comparison)]
        )
    yield from folded("How it was measured", list(_provenance(comparison)))


def _table(ones: Sequence[Entry], most: int | None) -> Iterator[str]:
    shown = ones[:most]
    if shown:
        yield from table(_HEAD, map(_row, shown))
    if more := len(ones) - len(shown):
        yield f"{counted(more, 'row')} more than there is room for here."
        yield ""


def _row(entry: Entry) -> Sequence[str]:
    row = entry.row
    loud = row.verdict is None or row.verdict.outcome in (Outcome.slower, Outcome.faster)
    size, outcome = escape(effect(row)), word(row)
    why = f": {escape(reason(row))}" if row.reason else ""
    shape = f": {escape(entry.became)}" if entry.became else ""
    sides = ("", "") if entry.points else (level(row.base, row), level(row.head, row))
    return (
        escape(entry.name),
        *map(escape, sides),
        f"**{size}**" if loud and size else size,
        escape(between(row)),
        (f"**{outcome}**" if loud else outcome) + why + shape,
        escape(mde(row)),
        rounds(row),
    )


def _curve(one: Picture, comparison: Comparison) -> Iterator[str]:
    yield escape("; ".join(told(one.curve, comparison)))
    yield ""
    bars = (bar(rung, one.curve) for rung in one.curve.rungs)
    rows = ((*map(escape, row), drawn) for row, drawn in zip(one.rows, bars, strict=True))
    yield from table((*map(escape, one.head), ""), rows)


def _provenance(comparison: Comparison) -> Iterator[str]:
    for which, side in (("base", comparison.base), ("head", comparison.head)):
        what = "" if side.stands_for else f" ({side.sha})"
        called = escape(clean(side.label))
        yield f"- {which}: {called}{what} {escape(clean(side.subject))}".rstrip()
    for fact, value in sorted(comparison.machine.facts.items()):
        yield f"- {escape(clean(fact))}: {escape(clean(value))}"
