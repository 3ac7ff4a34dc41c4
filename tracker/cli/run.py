"""``tracker run``."""

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
    epilog="Examples:  tracker run HEAD~20..HEAD   |   tracker run v1.0..HEAD --every 5   |   "
    "tracker run HEAD profile=smoke matrix.size=1,8",
)
@ranged
@plainly
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@fails_on
@click.option("--retry-failed", is_flag=True, help="Try again what failed before.")
@click.option("--output", type=click.Path(path_type=Path), help="Directory for the reports.")
@configured
def run(
    plain: bool,
    as_json: bool,
    fail_on: str,
    retry_failed: bool,
    output: Path | None,
    config: Path | None,
    overrides: tuple[str, ...],
    **history: Any,
) -> None:
    """Build and measure every commit of a RANGE, then tell what changed.

    The first argument may be a range in git's syntax (default: the newest 20 commits; ALL:
    the whole line); the rest overrides the configuration in Hydra's syntax. The same command
    again goes on where it stopped: nothing is measured twice.
    """
    from tracker.cli.measuring import measuring
    from tracker.cli.reporting import exit_status, show_report
    from tracker.cli.walking import look_closer, report_of, walk
    from tracker.engine.plan import in_range
    from tracker.publish.progress import open_progress

    range_text, overrides = split_range(overrides)
    settings = load_settings(config, overrides, **history)
    out = console(plain=is_plain(plain), stderr=as_json)
    watcher = open_progress(out, plain=is_plain(plain))
    with measuring(settings, in_range(range_text), watcher) as bench:
        with bench.session() as session:
            if retry_failed:
                session.forget_failed()
            walk(session, bench.plan.commits, watcher)
            look_closer(session, watcher, lambda: settings.policy.confirm_seconds)
        report = report_of(session)
    show_report(report, out, as_json=as_json, plain=is_plain(plain), output=output)
    raise click.exceptions.Exit(exit_status(report, fail_on))
