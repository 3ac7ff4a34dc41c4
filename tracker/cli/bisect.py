"""``tracker bisect``."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.options import (
    configured,
    console,
    is_plain,
    load_settings,
    plainly,
    split_words,
)

if TYPE_CHECKING:
    from tracker.cli.bisecting import Wish
    from tracker.config.settings import Settings
    from tracker.model.comparisons import Bisected

#: how a bisection by a command is called
_RUN = "run"


@click.command(
    epilog="Examples:  tracker bisect v1.0 v1.1   |   tracker bisect v1.0 HEAD --benchmark parse   "
    "|   tracker bisect 12   |   tracker bisect run v1.0 HEAD -- python bench.py"
)
@click.argument("what", nargs=-1, required=True, metavar="GOOD BAD | FINDING | run GOOD BAD -- ...")
@click.option("--benchmark", default="", metavar="NAME", help="Title, name or glob; default: all.")
@click.option("--metric", default="", help="What is looked at; default: what a benchmark measures.")
@click.option(
    "--across",
    is_flag=True,
    help="Compare although environments differ: not the code alone.",
)
@click.option("--enter-merges", is_flag=True, help="Name the commit inside a merge.")
@plainly
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@configured
def bisect(
    what: tuple[str, ...],
    benchmark: str,
    metric: str,
    across: bool,
    enter_merges: bool,
    plain: bool,
    as_json: bool,
    config: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Find the commit between GOOD and BAD that changed a benchmark.

    GOOD is the older end, and BAD comes after it; or a FINDING's number stands for both. Each
    answer carries its own probability, and the search goes on until a commit has 99 %. Commits
    that do not build are passed over. Without --benchmark the one that got slower by most is
    followed. "run" times a command of your own, in the environment of each commit; exit code 125
    of it means that it cannot tell. The same command again goes on where it stopped.

    Exit codes: 0 nothing changed, or it got faster; 1 it got slower; 3 it is not known.
    """
    from tracker.cli.bisecting import Wish
    from tracker.publish.bisecting import document, terminal

    words, overrides = split_words((*what, *overrides))
    settings = load_settings(config, overrides)
    wish = Wish(benchmark=benchmark, metric=metric, across=across, enter_merges=enter_merges)
    good, bad, settings, wish = _meant(words, settings, wish)
    found = _bisected(settings, good, bad, wish, plain=is_plain(plain), as_json=as_json)
    out = console(plain=is_plain(plain), stderr=as_json)
    if as_json:
        click.echo(json.dumps(document.to_json(found)))
    else:
        terminal.render(found, out)
    raise click.exceptions.Exit(exit_status(found))
