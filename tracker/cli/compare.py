"""``tracker compare``."""

from __future__ import annotations

import json
import math
import os
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.options import (
    as_seconds,
    configured,
    console,
    exported,
    is_plain,
    load_settings,
    plainly,
)

if TYPE_CHECKING:
    from rich.console import Console

    from tracker.config.settings import Settings
    from tracker.publish.comparing.contents import Comparison


@click.command(
    epilog="Examples:  tracker compare origin/main HEAD   |   tracker compare v1.0 . --budget 5m"
    "   |   tracker compare old.whl new.whl   |   tracker compare HEAD~5 HEAD --stored"
)
@click.argument("base")
@click.argument("head")
@click.option("--budget", callback=as_seconds, help="Measure so long at most, e.g. 10m.")
@click.option("--stored", is_flag=True, help="Compare what is stored; measure nothing.")
@click.option(
    "--across",
    is_flag=True,
    help="Compare although environments or machines differ: not the code alone.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["slower", "unknown", "never"]),
    default="slower",
    show_default=True,
    help="What ends with exit code 1; unknown: also what could not be decided.",
)
@plainly
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
@click.option(
    "--markdown",
    type=click.Path(path_type=Path),
    help="Write it as Markdown too, for the comment of a pull request.",
)
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path),
    help="Write it as one HTML file too, with its scaling curves drawn.",
)
@exported
@click.option(
    "--post",
    "place",
    metavar="PLACE",
    help="Tell it on the pull or merge request: auto in a CI job, else github:owner/name#12 or"
    " gitlab:group/name!12.",
)
@configured
def compare(
    base: str,
    head: str,
    budget: float | None,
    stored: bool,
    across: bool,
    fail_on: str,
    plain: bool,
    as_json: bool,
    markdown: Path | None,
    page: Path | None,
    junit: Path | None,
    sarif: Path | None,
    place: str | None,
    config: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Tell whether HEAD is faster or slower than BASE.

    Both are built, and measured in pairs until every cell is decided or the budget is spent. BASE
    and HEAD are revisions, "." for the work tree with its changes, or wheels. The same command
    again goes on where it stopped. Exit codes: 0 nothing slower, 1 something is, 3 a side could
    not be measured.
    """
    from tracker.cli.exporting import Files
    from tracker.cli.posting import post
    from tracker.errors import TrackerError
    from tracker.publish.comparing import document, terminal
    from tracker.publish.comparing import html as as_html
    from tracker.publish.comparing import markdown as as_markdown
    from tracker.publish.comparing.gather import stored_comparison
    from tracker.publish.disk import write
    from tracker.publish.posting.targets import in_actions, target

    settings = load_settings(config, overrides)
    # what could not be posted is better known before all is measured
    posted_to = None if place is None else target(place, os.environ)
    out = console(plain=is_plain(plain), stderr=as_json)

    def tell(outcome: Comparison | TrackerError, status: int) -> None:
        if posted_to is not None:
            post(outcome, posted_to, settings, status, partial(click.echo, err=True))

    try:
        if stored:
            comparison = stored_comparison(settings, (base, head), across=across)
        else:
            comparison = _measured(
                settings, (base, head), out, plain=is_plain(plain), budget=budget, across=across
            )
    except TrackerError as error:
        tell(error, error.exit_status)
        raise
    if as_json:
        click.echo(json.dumps(document.to_json(comparison)))
    else:
        terminal.render(comparison, out, plain=is_plain(plain))
    if markdown is not None:
        write(markdown, as_markdown.render(comparison))
    if page is not None:
        write(page, as_html.render(comparison))
    files = Files(junit=junit, sarif=sarif, annotate=in_actions(os.environ))
    files.of_comparison(comparison, settings)
    status = exit_status(comparison, fail_on)
    tell(comparison, status)
    raise click.exceptions.Exit(status)


def _measured(
    settings: Settings,
    names: tuple[str, str],
    out: Console,
    *,
    plain: bool,
    budget: float | None,
    across: bool,
) -> Comparison:
    from tracker.cli.measuring import measuring
    from tracker.engine.plan import of_sides
    from tracker.findings.sides import Sides
    from tracker.model.purposes import Aim
    from tracker.publish.comparing.gather import measured_comparison
    from tracker.publish.comparing.progress import open_comparing
    from tracker.strategies.compare import Compare

    started = time.monotonic()
    watcher = open_comparing(out, plain=plain, most=settings.policy.rounds, budget=budget)
    with measuring(settings, of_sides(*names), watcher) as bench, bench.session() as session:
        base, head = bench.plan.commits
        calibration = session.calibration()
        sides = Sides.of(
            (base, head),
            session.cells,
            session.suite,
            settings.policy,
            calibration,
            sequential=True,
            across=across,
        )
        known = session.drive(
            Compare(sides=sides, purpose=sides.purpose(Aim.compare), seed=settings.policy.seed),
            lambda known: watcher.standing(sides.standing(known), *sides.progress(known)),
            budget if budget is not None else math.inf,
        )
        return measured_comparison(
            bench.plan,
            sides,
            known,
            session.machine,
            calibration=calibration,
            seconds=time.monotonic() - started,
        )


def exit_status(comparison: Comparison, fail_on: str) -> int:
    """0 nothing is slower, 1 what ``fail_on`` names or is lost, 3 nothing could be compared."""
    from tracker.model.findings import Outcome

    if fail_on != "never" and any(row.is_lost for row in comparison.rows):
        return 1
    if not (any(row.verdict for row in comparison.rows) or comparison.identical):
        return 3
    undecided = [row for row in comparison.without if not row.is_new]
    if fail_on == "unknown" and (undecided or comparison.of(Outcome.unknown)):
        return 1
    return int(fail_on != "never" and bool(comparison.of(Outcome.slower)))
