"""``tracker plan``."""

from __future__ import annotations

import json
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


@click.command(
    options_metavar="[OPTIONS] [RANGE]",
    epilog="Example:  tracker plan v1.0..HEAD --every 10 matrix.size=1,8,32",
)
@ranged
@plainly
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@configured
def plan(
    plain: bool, as_json: bool, config: Path | None, overrides: tuple[str, ...], **history: Any
) -> None:
    """Show the commits and cells that a run over a RANGE would measure, without doing it.

    Checks the whole configuration and lists every problem at once.
    """
    from rich.markup import escape

    from tracker.config.places import Places
    from tracker.engine.plan import in_range, make_plan
    from tracker.publish.wording import counted

    range_text, overrides = split_range(overrides)
    settings = load_settings(config, overrides, **history)
    planned = make_plan(settings, places=Places.of_user(), choose=in_range(range_text))
    planned.workshop.check_pythons(settings.environment.pythons)
    processes = len(planned.commits) * len(planned.cells) * settings.policy.processes
    if as_json:
        document = {
            "commits": [commit.sha for commit in planned.commits],
            "cells": [cell.title for cell in planned.cells],
            "open_benchmarks": list(planned.open_benchmarks),
            "processes": processes,
        }
        click.echo(json.dumps(document, indent=2))
        return
    out = console(plain=is_plain(plain))
    out.print(f"[bold]{counted(len(planned.commits), 'commit')}[/], oldest first")
    for commit in planned.commits:
        out.print(f"  {commit.short}  {commit.committed_at:%Y-%m-%d}  {escape(commit.subject)}")
    out.print(
        f"[bold]{counted(len(planned.cells), 'cell')}[/] of suite {escape(planned.suite.name)}"
    )
    for cell in planned.cells:
        where = f"{cell.environment.recipe}, Python {cell.environment.python}, {cell.device}"
        threads = counted(cell.threads, "thread") if cell.threads else "any threads"
        out.print(f"  {escape(cell.title)}  ({where}, {threads})")
    for name in planned.open_benchmarks:
        out.print(f"  {escape(name)}  (its parameters are computed: known once a commit is built)")
    out.print(
        f"at most {processes} processes: {settings.policy.processes} a cell and commit, "
        "less what is stored or shared by commits that install the same"
    )
