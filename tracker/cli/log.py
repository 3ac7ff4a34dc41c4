"""``tracker log``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from tracker.cli.options import configured, console, is_plain, load_settings, plainly


@click.command(epilog="Example:  tracker log --limit 5")
@click.option("--limit", default=20, type=click.IntRange(1), help="How many, newest first.")
@click.option("--json", "as_json", is_flag=True, help="As JSON lines.")
@plainly
@configured
def log(
    limit: int, as_json: bool, plain: bool, config: Path | None, overrides: tuple[str, ...]
) -> None:
    """List past runs: when, what, on which machine, and how they ended."""
    from rich.table import Table

    from tracker.config.places import Places
    from tracker.publish.sentences import command
    from tracker.store.store import open_store

    settings = load_settings(config, overrides)
    with open_store(settings.store, places=Places.of_user()) as store:
        runs = store.runs(store.remember_project(settings.project), limit)
    if as_json:
        for run in runs:
            click.echo(json.dumps(run.as_json()))
        return
    if not runs:
        click.echo("No run is stored for this project yet: `tracker run` makes one.")
        return
    table = Table("started (UTC)", "state", "measured", "failed", "command", box=None)
    for run in runs:
        table.add_row(
            f"{run.started_at:%Y-%m-%d %H:%M}",
            run.state,
            str(run.measured),
            str(run.failed),
            command(run),
        )
    console(plain=is_plain(plain)).print(table)
