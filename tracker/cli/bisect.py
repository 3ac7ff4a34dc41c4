"""``tracker bisect``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.bisecting import Wish, searching
from tracker.cli.options import (
    configured,
    console,
    is_plain,
    load_settings,
    plainly,
    split_words,
)

if TYPE_CHECKING:
    from tracker.config.settings import Settings
    from tracker.model.comparisons import Bisected

#: the first word of a bisection by a command
_RUN = "run"
_HINT = "tracker bisect GOOD BAD, or FINDING, or run GOOD BAD -- COMMAND"


@click.command(
    options_metavar="[OPTIONS] GOOD BAD | FINDING | run GOOD BAD -- COMMAND",
    epilog="Examples:  tracker bisect v1.0 v1.1   |   tracker bisect v1.0 HEAD --benchmark parse   "
    "|   tracker bisect 12   |   tracker bisect run v1.0 HEAD -- python bench.py",
)
@configured
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@plainly
@click.option("--enter-merges", is_flag=True, help="Name the commit inside a merge.")
@searching
def bisect(
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

    \b
    tracker bisect GOOD BAD              the older end, and the one that comes after it
    tracker bisect FINDING               both ends from a finding's number
    tracker bisect run GOOD BAD -- ...   times a command of yours in each environment

    Each answer carries its own probability, and the search goes on until a commit has 99 %.
    Commits that do not build are passed over. Without --benchmark, the one that got slower by most
    is followed. A command that ends with exit code 125 cannot tell. The same call again goes on
    where it stopped. Exit codes: 0 nothing changed, or it got faster; 1 it got slower; 3 not known.
    """  # noqa: D301 - click reads the backspace: keep these lines as they are
    from tracker.cli.bisecting import Bisection
    from tracker.cli.measuring import measuring
    from tracker.engine.plan import between
    from tracker.publish.bisecting import document, terminal
    from tracker.publish.bisecting.progress import open_bisecting

    wish = Wish(benchmark=benchmark, metric=metric, across=across, enter_merges=enter_merges)
    (good, bad), settings, wish = _meant(overrides, config, wish)
    out = console(plain=is_plain(plain), stderr=as_json)
    watcher = open_bisecting(out, plain=is_plain(plain), most=settings.policy.rounds)
    with measuring(settings, between(good, bad), watcher) as bench, bench.session() as session:
        base, *line = bench.plan.commits
        found = Bisection.of(session, watcher, wish).bisected(base, tuple(line))
    if as_json:
        click.echo(json.dumps(document.to_json(found)))
    else:
        terminal.render(found, out, plain=is_plain(plain))
    raise click.exceptions.Exit(exit_status(found))


def exit_status(found: Bisected) -> int:
    """0 nothing changed or it got faster, 1 it got slower, 3 it is not known whether it changed."""
    from tracker.model.findings import Outcome

    if found.row is None:
        outcomes = {row.verdict.outcome for row in found.ends if row.verdict}
        return 3 if Outcome.unknown in outcomes else 0
    return int(found.row.verdict is not None and found.row.verdict.outcome is Outcome.slower)


def _meant(
    arguments: Sequence[str], config: Path | None, wish: Wish
) -> tuple[tuple[str, str], Settings, Wish]:
    """The ends, the settings, and the wish, whichever way they were named.

    Raises:
        UsageError: the words mean nothing.
    """
    from tracker.errors import UsageError

    if arguments[:1] == (_RUN,) and len(arguments) > 3:
        _, good, bad, *rest = arguments
        command, overrides = _command(rest)
        return (good, bad), _timing(load_settings(config, overrides), command), wish
    words, overrides = split_words(arguments)
    match words:
        case (number,) if number.isdigit():
            return _of_finding(load_settings(config, overrides), int(number), wish)
        case (good, bad) if good != _RUN:
            return (good, bad), load_settings(config, overrides), wish
    raise UsageError("it is not clear what to search between", hint=_HINT)


def _command(words: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """The words of a command, files by their absolute paths, and the overrides before it."""
    first = next((at for at, word in enumerate(words) if "=" not in word), len(words))
    # the command runs in a directory of its own
    files = (str(Path(word).absolute()) if Path(word).is_file() else word for word in words[first:])
    return list(files), tuple(words[:first])


def _timing(settings: Settings, command: Sequence[str]) -> Settings:
    """The settings, with a suite that is one command."""
    from tracker.config.settings import MatrixSettings

    options = {"commands": {"command": {"run": list(command)}}}
    return replace(
        settings,
        suite=replace(
            settings.suite,
            name="bisect",
            harness="command",
            path="",
            revision="",
            gold=False,
            options=options,
        ),
        policy=replace(settings.policy, package=False),
        matrices=(MatrixSettings(),),
        resolved={**settings.resolved, "suite": {"harness": "command", "options": options}},
    )


def _of_finding(
    settings: Settings, number: int, wish: Wish
) -> tuple[tuple[str, str], Settings, Wish]:
    from tracker.config.places import Places
    from tracker.errors import UsageError
    from tracker.store.store import open_store

    with open_store(settings.store, places=Places.of_user()) as store:
        found = store.findings(store.project_id(settings.project.name))
    for finding in found:
        if finding.id == number and finding.headline.verdict is not None:
            effect = finding.headline
            wish = replace(
                wish,
                benchmark=wish.benchmark or effect.title,
                metric=wish.metric or effect.metric,
            )
            return (finding.after, finding.commit), settings, wish
    raise UsageError(
        f"finding {number} is not one of values that changed",
        hint="`tracker findings list --all` lists them",
    )
