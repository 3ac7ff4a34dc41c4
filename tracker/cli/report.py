"""``tracker report``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tracker.cli.options import (
    configured,
    console,
    is_plain,
    load_settings,
    plainly,
    ranged,
    split_range,
)
from tracker.cli.reporting import FORMATS, write_files
from tracker.cli.summing import write_files as write_summary
from tracker.errors import UsageError


@click.command(
    options_metavar="[OPTIONS] [RANGE]",
    epilog="Examples:  tracker report v1.0..HEAD --output out --format html --format md"
    "   |   tracker report --commit v2.0 --against v1.0   |"
    "   tracker report --commit HEAD --against library=numpy",
)
@ranged
@plainly
@click.option("--commit", metavar="REVISION", help="Sum up this one commit instead.")
@click.option(
    "--against",
    metavar="WHAT",
    help="With --commit: speed-ups against a revision, or a value of a parameter, as NAME=VALUE.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default=Path("tracker-report"),
    show_default=True,
    help="Directory for the files.",
)
@click.option(
    "--format",
    "formats",
    type=click.Choice(FORMATS),
    multiple=True,
    help="Which files; default: all.",
)
@configured
def report(
    plain: bool,
    commit: str | None,
    against: str | None,
    output: Path,
    formats: tuple[str, ...],
    config: Path | None,
    overrides: tuple[str, ...],
    **history: Any,
) -> None:
    """Write the report of what is stored for a RANGE, by default for the whole line.

    With --commit: latency, throughput, memory, work, quality and stability of one commit, what is
    odd about them, and speed-ups against a reference as a table and a picture. Measures nothing.
    """
    range_text, overrides = split_range(overrides, "")
    out = console(plain=is_plain(plain))
    chosen = formats or FORMATS
    _refuse_mixed(commit, against, range_text)
    settings = load_settings(config, overrides, **history)
    if commit is None:
        from tracker.publish.gather import stored_report

        paths = write_files(stored_report(settings, range_text or "ALL"), output, chosen)
    else:
        from tracker.publish.deployment import terminal
        from tracker.publish.deployment.gather import commit_summary

        summed = commit_summary(settings, commit, against)
        terminal.render(summed, out, plain=is_plain(plain))
        paths = write_summary(summed, output, chosen)
    for path in paths:
        out.print(str(path))


def _refuse_mixed(commit: str | None, against: str | None, range_text: str) -> None:
    if commit is not None and range_text:
        raise UsageError(
            f"--commit {commit} and the range {range_text} are two reports",
            hint="leave one of them out",
        )
    if against is not None and commit is None:
        raise UsageError("--against needs --commit", hint="--commit HEAD for the newest one")
