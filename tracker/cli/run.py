"""``tracker run``."""

from __future__ import annotations

import sys
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
    epilog="Examples:  tracker run HEAD~20..HEAD   |   tracker run v1.0..HEAD --every 5   |   "
    "tracker run HEAD profile=smoke matrix.size=1,8"
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
    from tracker.cli.main import EXIT_INTERRUPTED
    from tracker.cli.reporting import exit_status, show_report
    from tracker.config.places import Places
    from tracker.engine.interruption import Interruption, Stopped
    from tracker.engine.plan import in_range, make_plan
    from tracker.engine.session import open_session
    from tracker.errors import TrackerError
    from tracker.publish.gather import gather
    from tracker.publish.progress import open_progress
    from tracker.store.store import open_store
    from tracker.strategies.walk import Walk

    range_text, overrides = split_range(overrides)
    settings = load_settings(config, overrides, **history)
    places = Places.of_user()
    interruption = Interruption()
    out = console(plain=is_plain(plain), stderr=as_json)
    with (
        open_progress(out, plain=is_plain(plain)) as watcher,
        interruption.on_signals(watcher.note),
    ):
        try:
            plan = make_plan(
                settings,
                places=places,
                choose=in_range(range_text),
                progress=watcher.note,
                stop=interruption.now,
            )
            watcher.started(plan.commits)
            with open_store(settings.store, places=places) as store:
                with open_session(
                    plan, store, command=sys.argv, watcher=watcher, interruption=interruption
                ) as session:
                    if retry_failed:
                        session.forget_failed()
                    walk = Walk.of(
                        plan.commits,
                        session.cells,
                        settings.policy,
                        reference=session.reference(),
                        run=session.run,
                    )
                    session.drive(walk, watcher.counted)
                cells = [cell.key for cell in session.cells]
                report = gather(plan, store, suite=session.suite, cells=cells, run=session.run)
        except Stopped:
            watcher.note("stopped; the same command goes on where this one ended")
            raise click.exceptions.Exit(EXIT_INTERRUPTED) from None
        except TrackerError as error:
            # Ctrl-C in a terminal reaches the programs that run for us too: git dies of it.
            if not interruption.asked.is_set():
                raise
            watcher.note(f"stopped: {error.message}")
            raise click.exceptions.Exit(EXIT_INTERRUPTED) from None
    show_report(report, out, as_json=as_json, plain=is_plain(plain), output=output)
    raise click.exceptions.Exit(exit_status(report, fail_on))
