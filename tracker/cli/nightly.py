"""``tracker nightly``."""

from __future__ import annotations

import os
import time
from functools import partial
from pathlib import Path

import click

from tracker.cli.options import (
    as_seconds,
    configured,
    console,
    exported,
    fails_on,
    is_plain,
    load_settings,
    plainly,
)


@click.command(epilog="Example:  tracker nightly --budget 2h --output reports")
@click.option(
    "--budget",
    callback=as_seconds,
    metavar="TIME",
    help="All of it takes so long at most, e.g. 6h; default: policy.nightly_seconds.",
)
@plainly
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@fails_on
@click.option("--output", type=click.Path(path_type=Path), help="Directory for the reports.")
@exported
@configured
def nightly(
    budget: float | None,
    plain: bool,
    as_json: bool,
    fail_on: str,
    output: Path | None,
    junit: Path | None,
    sarif: Path | None,
    config: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Measure what is new since the last night, and report what it changed.

    Where the time does not suffice for every new commit, it measures every second of them, or
    every third, and so on, then searches between those where something changed. There is a
    report however the night ends, and two nights of one project never run at once. At its end
    it tells those whom notify.to names; a failure of that does not change the exit code.
    """
    from tracker.cli.exporting import Files
    from tracker.cli.measuring import measuring
    from tracker.cli.nights import Night
    from tracker.cli.publishing import after_the_night, look_ahead, publish
    from tracker.cli.reporting import exit_status, show_report
    from tracker.engine.plan import in_range
    from tracker.publish.posting.targets import in_actions
    from tracker.publish.progress import open_progress

    began = time.monotonic()
    settings = load_settings(config, overrides)
    say = partial(click.echo, err=True)
    look_ahead(settings, say)
    out = console(plain=is_plain(plain), stderr=as_json)
    watcher = open_progress(out, plain=is_plain(plain))
    night = Night(watcher=watcher, budget=budget or settings.policy.nightly_seconds, began=began)
    with (
        measuring(settings, in_range(""), watcher) as bench,
        bench.store.night(settings.project),
    ):
        bench.store.remember_destinations(
            bench.store.project_id(settings.project.name), tuple(settings.notify.to)
        )
        report = night.report(bench)
    show_report(report, out, as_json=as_json, plain=is_plain(plain), output=output)
    files = Files(junit=junit, sarif=sarif, annotate=in_actions(os.environ))
    publish(report, after_the_night(settings, files, say), say)
    raise click.exceptions.Exit(night.status or exit_status(night.news(report), fail_on))
