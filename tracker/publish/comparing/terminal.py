"""A comparison in the terminal: while it goes on, and at its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from tracker.model.comparisons import Compared
from tracker.model.findings import Outcome
from tracker.publish.comparing.contents import Comparison
from tracker.publish.comparing.sentences import (
    between,
    closing,
    effect,
    headline,
    level,
    name,
    picture,
    seen,
    verdict,
)
from tracker.publish.terminal import say

_STYLES = {
    Outcome.slower: "bold red",
    Outcome.faster: "green",
    Outcome.same: "dim",
    Outcome.unknown: "yellow",
}


def render(comparison: Comparison, console: Console, *, plain: bool) -> None:
    """Print a comparison.

    Args:
        plain: no colours, no pictures, no dependence on the width, one row a line.
    """
    if plain:
        for line in plain_lines(comparison):
            say(console, line)
        return
    console.print(Text(headline(comparison), "dim"), highlight=False)
    for warning in comparison.warnings:
        console.print(Text(f"! {warning}", "yellow"), highlight=False)
    console.print()
    console.print(table(comparison.rows), highlight=False)
    console.print()
    console.print(Text(verdict(comparison), "bold"), highlight=False)
    for line in closing(comparison):
        console.print(Text(line), highlight=False)


def plain_lines(comparison: Comparison) -> Iterator[str]:
    """The comparison as lines that a program may cut up: one row a line."""
    yield headline(comparison)
    for warning in comparison.warnings:
        yield f"warning: {warning}"
    for row in comparison.rows:
        word = row.verdict.outcome.value if row.verdict else "no verdict"
        levels = " → ".join(filter(None, (level(row.base, row), level(row.head, row))))
        told = filter(None, (effect(row), between(row), levels, seen(row)))
        yield f"{word}: {name(row)}: {', '.join(told)}"
    yield verdict(comparison)
    yield from closing(comparison)


def table(rows: Sequence[Compared], *, undecided: str = Outcome.unknown.value) -> RenderableType:
    """The rows, and what those are called that are not decided."""
    drawn = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    drawn.add_column("benchmark", no_wrap=True, overflow="ellipsis", max_width=44)
    for title in ("base", "head", "change"):
        drawn.add_column(title, justify="right", no_wrap=True)
    drawn.add_column("", no_wrap=True)
    drawn.add_column("verdict", no_wrap=True)
    drawn.add_column("", overflow="fold", style="dim")
    for row in rows:
        outcome = row.verdict.outcome if row.verdict else None
        word = outcome.value if outcome else "none"
        style = _STYLES[outcome] if outcome else ""
        drawn.add_row(
            name(row),
            level(row.base, row),
            level(row.head, row),
            Text(effect(row), style),
            Text(picture(row), style),
            Text(undecided if outcome is Outcome.unknown else word, style),
            " ".join(filter(None, (between(row), seen(row)))),
        )
    return drawn
