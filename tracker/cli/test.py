"""``tracker test``."""

from __future__ import annotations

from pathlib import Path

import click

from tracker.cli.bisecting import Wish, searching
from tracker.cli.options import configured, console, is_plain, load_settings, plainly, split_words

_CANNOT_TELL = 125


@click.command(
    options_metavar="[OPTIONS] GOOD BAD",
    epilog="Example:  git bisect start v1.1 v1.0 && git bisect run tracker test v1.0 v1.1",
)
@configured
@plainly
@searching
@click.option("--at", "revision", default="HEAD", metavar="REVISION", help="Default: HEAD.")
def test(
    revision: str,
    benchmark: str,
    metric: str,
    across: bool,
    plain: bool,
    config: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Tell whether the commit that is checked out is like GOOD or like BAD.

    Made for `git bisect run tracker test GOOD BAD`: the ends are measured once, each commit in
    pairs with GOOD until its answer is believed. Exit codes: 0 like GOOD; 1 like BAD; 125 it cannot
    be told: it does not build, does not run, or the ends do not differ.
    """
    from tracker.cli.bisecting import Bisection
    from tracker.cli.measuring import measuring
    from tracker.engine.plan import between
    from tracker.errors import UsageError
    from tracker.findings.line import changed_most
    from tracker.publish.bisecting.progress import open_bisecting
    from tracker.publish.bisecting.sentences import asked

    words, overrides = split_words(overrides)
    if len(words) != 2:
        raise UsageError("GOOD and BAD are needed", hint="git bisect run tracker test GOOD BAD")
    good, bad = words
    settings = load_settings(config, overrides)
    out = console(plain=is_plain(plain))
    watcher = open_bisecting(out, plain=is_plain(plain), most=settings.policy.rounds)
    wish = Wish(benchmark=benchmark, metric=metric, across=across)
    with (
        measuring(settings, between(good, bad, revision), watcher) as bench,
        bench.session() as session,
    ):
        here = bench.plan.repository.resolve(revision, branch=settings.project.branch)
        base = bench.plan.commits[0]
        head = bench.plan.repository.resolve(bad, branch=settings.project.branch)
        bisection = Bisection.of(session, watcher, wish)
        row = changed_most(bisection.ends(base, head))
        if row is None:
            watcher.note(f"{base.label} and {head.label} do not differ")
            raise click.exceptions.Exit(_CANNOT_TELL)
        if here.sha in (base.sha, head.sha):
            raise click.exceptions.Exit(int(here.sha == head.sha))
        survey = bisection.searched(bisection.line(base, (here, head), row.cell))
    answer = survey.answers.get(0)
    if answer is None or not answer.is_believed:
        out.print(f"{here.label}: it cannot be told", highlight=False)
        raise click.exceptions.Exit(_CANNOT_TELL)
    if not is_plain(plain):  # plain lines have said it
        out.print(asked(here, answer, survey), highlight=False)
    raise click.exceptions.Exit(int(answer.log_odds > 0))
