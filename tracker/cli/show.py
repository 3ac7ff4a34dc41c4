"""``tracker show``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.options import configured, console, is_plain, load_settings, plainly

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from tracker.model.findings import Finding
    from tracker.publish.circumstances import Circumstances
    from tracker.publish.spotlight import Spotlight, Step


@click.command(
    epilog="Examples:  tracker show HEAD   |   tracker show v4.18.0   |   tracker show 12"
)
@click.argument("what")
@plainly
@click.option(
    "--samples",
    "file",
    type=click.Path(path_type=Path),
    help="Write every sample that came out otherwise as CSV.",
)
@configured
def show(
    what: str, plain: bool, file: Path | None, config: Path | None, overrides: tuple[str, ...]
) -> None:
    """Show one commit against the one measured before it, over all series.

    Below it: which samples of its data a quality answered otherwise, how its processes ran, what
    they took, and what makes their numbers worth less. WHAT is a revision, or the number of a
    finding.
    """
    from tracker.publish.answers import sheet
    from tracker.publish.disk import write
    from tracker.publish.gather import commit_spotlight

    light = commit_spotlight(load_settings(config, overrides), what)
    _print(light, console(plain=is_plain(plain)))
    if file is not None:
        write(file, sheet(light.traced))


def _print(light: Spotlight, out: Console) -> None:
    from rich.markup import escape
    from rich.table import Table

    from tracker.publish.answers import traced_lines
    from tracker.publish.sentences import named
    from tracker.publish.wording import clean

    commit = light.commit
    out.print(f"[bold]{escape(named(commit))}[/]  {escape(clean(commit.subject))}")
    out.print(f"{escape(clean(commit.author))} · {commit.authored_at:%Y-%m-%d %H:%M %z}")
    if light.url:
        out.print(light.url)
    for finding, remarks in light.findings.items():
        out.print()
        _print_finding(finding, remarks, out)
    table = Table("series", "before", "here", "change", "", "would have seen", box=None)
    for step in light.steps:
        table.add_row(*map(escape, _row(step)))
    out.print()
    out.print(table if light.steps else "Nothing was measured at this commit.")
    for one in light.traced:
        out.print()
        for line in traced_lines(one):
            out.print(escape(line))
    if light.circumstances:
        out.print()
        out.print(_circumstances(light.circumstances))
    if light.watching:
        out.print(light.watching)


def _print_finding(finding: Finding, remarks: Sequence[str], out: Console) -> None:
    from rich.markup import escape

    from tracker.publish.members import member_lines
    from tracker.publish.sentences import called, magnitude, status

    told = " · ".join(filter(None, (called(finding), magnitude(finding))))
    out.print(f"[bold]finding {finding.id} · {told}[/] · {status(finding)}")
    for remark in remarks:
        out.print(f"  {escape(remark)}")
    for line in member_lines(finding):
        out.print(escape(line))


def _circumstances(of: Sequence[Circumstances]) -> Table:
    """How each cell was measured; without what this machine has no sensor for."""
    from rich.markup import escape
    from rich.table import Table

    columns = [(title, [row[n] for row in map(_how, of)]) for n, title in enumerate(_HOW)]
    shown = [(title, cells) for title, cells in columns if any(cells)]
    table = Table(*(title for title, _ in shown), box=None)
    for row in zip(*(cells for _, cells in shown), strict=True):
        table.add_row(*map(escape, row))
    return table


_HOW = (
    "measured",
    "processes",
    "took",
    "processor",
    "memory",
    "others used",
    "clock",
    "heat",
    "flags",
)


def _how(one: Circumstances) -> tuple[str, ...]:
    from tracker.publish.wording import quantity

    return (
        one.name,
        str(one.processes),
        quantity(one.seconds, "s"),
        "" if one.cpu is None else quantity(one.cpu, "s"),
        "" if one.memory is None else quantity(one.memory, "bytes"),
        "" if one.others is None else f"{one.others:.2f} cores",
        "" if one.frequency is None else quantity(one.frequency, "Hz"),
        "" if one.temperature is None else f"{one.temperature:.0f} °C",
        ", ".join(f"{flag} {number}" for flag, number in one.flags),
    )


def _row(step: Step) -> tuple[str, ...]:
    from tracker.publish.wording import outcome_word, percent, quantity, smallest_seen

    coordinate = step.series.coordinate
    unit = "" if coordinate.unit == coordinate.metric else coordinate.unit
    before, here = step.before, step.after
    if here.value is None:
        return step.series.name, "", here.state.words, "", here.reason, ""
    return (
        step.series.name,
        "" if before is None or before.value is None else quantity(before.value, unit),
        quantity(here.value, unit),
        "" if step.ratio is None else percent(step.ratio),
        outcome_word(step.verdict.outcome, coordinate.kind) if step.verdict else "no change seen",
        smallest_seen(step.series.mde, exact=coordinate.exact),
    )
