"""A summary in the terminal: recommendations first, then the figures they come from."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from tracker.publish.deployment.contents import Summary
from tracker.publish.deployment.words import (
    Table,
    headline,
    lost,
    recommendation,
    tables,
    verdict,
)
from tracker.publish.sentences import named
from tracker.publish.terminal import say


def render(summary: Summary, console: Console, *, plain: bool) -> None:
    """Print a summary.

    Args:
        plain: no colours, no boxes, no dependence on the width, one row a line.
    """
    if plain:
        for line in plain_lines(summary):
            say(console, line)
        return
    commit = summary.commit
    console.print(Text(headline(summary), "dim"))
    console.print(Text.assemble((named(commit), "bold"), f"  {commit.subject}"))
    if summary.url:
        console.print(Text(summary.url, "dim"))
    console.print(Text(verdict(summary)))
    for advice in summary.advice:
        console.print(Text.assemble(("→ ", "yellow"), recommendation(advice)))
    for one in summary.lost:
        console.print(Text.assemble(("✗ ", "red"), lost(one)))
    for table in tables(summary):
        console.print()
        console.print(Text(table.title.upper(), "bold blue"))
        console.print(_grid(table))
        if table.note:
            console.print(Text(table.note, "dim"))


def _grid(table: Table) -> Grid:
    grid = Grid(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, header_style="dim")
    for number, text in enumerate(table.head):
        grid.add_column(Text(text), justify="right" if number else "left", no_wrap=bool(number))
    badges = table.badges or ((),) * len(table.rows)
    if any(badges):
        grid.add_column("")
    for row, own in zip(table.rows, badges, strict=True):
        signs = ", ".join(badge.sign.value for badge in own)
        grid.add_row(*map(Text, row), *([Text(signs, "yellow")] if any(badges) else []))
    return grid


def plain_lines(summary: Summary) -> Iterator[str]:
    """The summary as lines that a program may cut up: one row a line."""
    yield f"{headline(summary)} · {named(summary.commit)}: {verdict(summary)}"
    for advice in summary.advice:
        yield f"recommendation: {recommendation(advice)}"
    for one in summary.lost:
        yield f"not measured: {lost(one)}"
    for table in tables(summary):
        badges = table.badges or ((),) * len(table.rows)
        for (name, *cells), own in zip(table.rows, badges, strict=True):
            told = [
                f"{head} {cell}" for head, cell in zip(table.head[1:], cells, strict=True) if cell
            ]
            signs = [f"[{badge.sign.value}: {badge.evidence}]" for badge in own]
            yield f"{table.title.lower()}: {name}: {', '.join(told)}{' '.join(['', *signs])}"
