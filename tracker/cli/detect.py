"""``tracker detect``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tracker.cli.options import (
    configured,
    console,
    fails_on,
    is_plain,
    load_settings,
    plainly,
    ranged,
    split_range,
)


@click.command(
    options_metavar="[OPTIONS] [RANGE]",
    epilog="Example:  tracker detect v1.0..HEAD --fail-on suspected",
)
@ranged
@plainly
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@fails_on
@configured
def detect(
    plain: bool,
    as_json: bool,
    fail_on: str,
    config: Path | None,
    overrides: tuple[str, ...],
    **history: Any,
) -> None:
    """Judge what is stored for a RANGE, by default for the whole line. Measures nothing."""
    from tracker.cli.reporting import exit_status, show_report
    from tracker.publish.gather import stored_report

    range_text, overrides = split_range(overrides, "ALL")
    settings = load_settings(config, overrides, **history)
    shown = stored_report(settings, range_text)
    out = console(plain=is_plain(plain))
    show_report(shown, out, as_json=as_json, plain=is_plain(plain), output=None)
    raise click.exceptions.Exit(exit_status(shown, fail_on))
