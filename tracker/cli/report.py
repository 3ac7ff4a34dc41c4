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
from tracker.cli.reporting import FORMATS


@click.command(
    options_metavar="[OPTIONS] [RANGE]",
    epilog="Example:  tracker report v1.0..HEAD --output out --format html --format md",
)
@ranged
@plainly
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
    output: Path,
    formats: tuple[str, ...],
    config: Path | None,
    overrides: tuple[str, ...],
    **history: Any,
) -> None:
    """Write the report of what is stored for a RANGE, by default for the whole line.

    Measures nothing.
    """
    from tracker.cli.reporting import write_files
    from tracker.publish.gather import stored_report

    range_text, overrides = split_range(overrides, "ALL")
    settings = load_settings(config, overrides, **history)
    shown = stored_report(settings, range_text)
    out = console(plain=is_plain(plain))
    for path in write_files(shown, output, formats or FORMATS):
        out.print(str(path))
