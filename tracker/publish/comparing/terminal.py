"""A comparison in the terminal: while it goes on, and at its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tracker.model.comparisons import Compared
from tracker.model.findings import Outcome
from tracker.publish.comparing.contents import Comparison
from tracker.publish.comparing.drawing import line, pictures
from tracker.publish.comparing.entries import Entry, entries, reasons, verdict
from tracker.publish.comparing.sentences import (
    between,
    closing,
    effect,
    headline,
    levels,
    mde,
    name,
    picture,
    reason,
    rounds,
    word,
)
from tracker.publish.scaling.words import bar, title
from tracker.publish.scaling.words import told as shape_of
from tracker.publish.terminal import say
from tracker.publish.wording import counted

_STYLES = {
    Outcome.slower: "bold red",
    Outcome.faster: "green",
    Outcome.same: "dim",
    Outcome.unknown: "yellow",
}
#: columns of a terminal that leave room for the number of rounds, and for pictures of intervals
_ROOM_FOR_ROUNDS = 90
_ROOM_FOR_PICTURES = 110
#: scaling curves that are shown in full
_CURVES = 4


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
    told = entries(comparison.telling, comparison)
    console.print(table(told, width=console.width), highlight=False)
    if others := len(comparison.rows) - len(comparison.telling):
        text = f"{counted(others, 'other row')}: nothing seen; --plain lists them"
        console.print(Text(text, "dim"), highlight=False)
    console.print()
    for part in _curves(comparison, width=console.width):
        console.print(part, highlight=False)
    for line in reasons(told):
        console.print(Text(line), highlight=False)
    console.print(Text(verdict(comparison), "bold"), highlight=False)
    for line in closing(comparison):
        console.print(Text(line), highlight=False)


def plain_lines(comparison: Comparison) -> Iterator[str]:
    """The comparison as lines that a program may cut up: one row a line."""
    yield headline(comparison)
    for warning in comparison.warnings:
        yield f"warning: {warning}"
    for row in comparison.rows:
        told = (effect(row), between(row), levels(row), *_seen(row), reason(row))
        yield f"{word(row)}: {name(row, comparison.names)}: {', '.join(filter(None, told))}"
    for entry in entries(comparison.changed, comparison):
        if entry.points:
            told = (effect(entry.row), between(entry.row), entry.became, *_seen(entry.row))
            yield f"curve: {word(entry.row)}: {entry.name}: {', '.join(filter(None, told))}"
    for one in pictures(comparison):
        yield f"scaling: {line(one)}; {'; '.join(shape_of(one.curve, comparison))}"
    yield verdict(comparison)
    yield from closing(comparison)


def _curves(comparison: Comparison, *, width: int) -> Iterator[RenderableType]:
    """The curves whose timings changed, as tables with bars."""
    changed = [one for one in pictures(comparison) if one.changed]
    for one in changed[:_CURVES]:
        shape = " · ".join(shape_of(one.curve, comparison))
        yield Text.assemble((title(one.curve, comparison), "bold"), "   ", shape)
        sizes = Table.grid(padding=(0, 3, 0, 0))
        for _ in one.head:
            sizes.add_column(justify="right", overflow="fold")
        sizes.add_row(*(Text(text, "dim") for text in one.head))
        for row, rung in zip(one.rows, one.curve.rungs, strict=True):
            drawn = [Text(bar(rung, one.curve), "blue")] if width >= _ROOM_FOR_PICTURES else []
            sizes.add_row(*map(Text, row), *drawn)
        yield Padding(sizes, (0, 0, 1, 2))
    if (more := len(changed) - _CURVES) > 0:
        yield Text(f"and {counted(more, 'scaling curve')} more\n", "dim")


def _seen(row: Compared) -> Iterator[str]:
    if smallest := mde(row):
        yield f"MDE {smallest}"
    if rounds(row):
        yield counted(row.rounds, "round")


def table(
    told: Sequence[Entry],
    *,
    width: int,
    undecided: str = Outcome.unknown.value,
) -> RenderableType:
    """The entries as columns; some of them only where there is room.

    Args:
        width: columns of the terminal.
        undecided: what those are called that are not decided.
    """
    drawn = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    drawn.add_column("benchmark", overflow="fold", min_width=12)
    drawn.add_column("base → head", justify="right", no_wrap=True)
    drawn.add_column("change", justify="right", no_wrap=True)
    if width >= _ROOM_FOR_PICTURES:
        drawn.add_column("", no_wrap=True)
    drawn.add_column("verdict", no_wrap=True)
    drawn.add_column("95 % interval", no_wrap=True, style="dim")
    drawn.add_column("MDE", justify="right", no_wrap=True, style="dim")
    if width >= _ROOM_FOR_ROUNDS:
        drawn.add_column("rounds", justify="right", no_wrap=True, style="dim")
    for entry in told:
        row = entry.row
        style = _style(row)
        is_open = row.verdict is not None and row.verdict.outcome is Outcome.unknown
        drawn.add_row(
            Text.assemble(entry.name, (f"\n  {entry.became}" if entry.became else "", "dim")),
            "" if entry.points else levels(row),
            Text(effect(row), style),
            *([Text(picture(row), style)] if width >= _ROOM_FOR_PICTURES else []),
            Text(undecided if is_open else word(row), style),
            Text(between(row)),
            mde(row),
            *([rounds(row)] if width >= _ROOM_FOR_ROUNDS else []),
        )
    return drawn


def _style(row: Compared) -> str:
    if row.verdict:
        return _STYLES[row.verdict.outcome]
    return "bold red" if row.is_lost else ""
