"""``tracker confirm``."""

from __future__ import annotations

import math
from pathlib import Path

import click

from tracker.cli.options import (
    as_seconds,
    configured,
    console,
    is_plain,
    load_settings,
    plainly,
)


@click.command(epilog="Example:  tracker confirm 12 --budget 5m")
@click.argument("finding", type=int)
@click.option("--budget", callback=as_seconds, help="Measure so long at most, e.g. 10m.")
@plainly
@configured
def confirm(
    finding: int,
    budget: float | None,
    plain: bool,
    config: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Measure a FINDING again: its commit against the one before, in fresh pairs.

    What was measured for it before counts no longer. Exit code 1 when it is confirmed and a
    regression, 0 when it is not.
    """
    from tracker.cli.confirming import confirm as drive
    from tracker.cli.confirming import detection_of
    from tracker.cli.measuring import measuring
    from tracker.engine.plan import in_range
    from tracker.errors import UsageError
    from tracker.model.findings import Confirmation, FindingKind
    from tracker.publish.gather import gather
    from tracker.publish.progress import open_progress
    from tracker.publish.sentences import status

    settings = load_settings(config, overrides)
    out = console(plain=is_plain(plain))
    watcher = open_progress(out, plain=is_plain(plain))
    with measuring(settings, in_range("ALL"), watcher) as bench:
        with bench.session() as session:
            detection = detection_of(session)
            histories, analysis = detection.analysed(only=False)
            saved = session.store.save_findings(session.project_id, session.run, analysis.findings)
            wanted = {(one.commit, one.kind) for one in saved if one.id == finding}
            suspicions = [
                one
                for one in detection.suspicions(histories, analysis.findings)
                if (one.finding.commit, one.finding.kind) in wanted
            ]
            if not suspicions:
                raise UsageError(
                    f"finding {finding} is not among what detection suspects by timings",
                    hint="`tracker detect` lists what there is",
                )
            limit = budget if budget is not None else math.inf
            drive(session, detection, suspicions, watcher, budget=limit, afresh=True)
        gather(bench.plan, bench.store, suite=session.suite, cells=session.cells, run=session.run)
        (settled,) = [one for one in bench.store.findings(session.project_id) if one.id == finding]
    out.print(f"finding {finding}: {status(settled)[2:]}")
    regressed = settled.kind is FindingKind.regression
    raise click.exceptions.Exit(int(regressed and settled.confirmation is Confirmation.confirmed))
