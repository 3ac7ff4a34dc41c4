"""``tracker calibrate``."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.options import (
    as_seconds,
    configured,
    console,
    is_plain,
    load_settings,
    plainly,
    split_range,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from tracker.model.calibrations import Calibration


@click.command(
    options_metavar="[OPTIONS] [COMMIT]",
    epilog="Examples:  tracker calibrate   |   tracker calibrate v2.0 policy.rounds=60 "
    "--budget 30m",
)
@click.option("--budget", callback=as_seconds, help="Measure so long at most, e.g. 30m.")
@plainly
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@configured
def calibrate(
    budget: float | None,
    plain: bool,
    as_json: bool,
    config: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Measure what this machine and suite can see: one commit, held against itself.

    The first argument may be a revision (default: HEAD). Its build runs in pairs with itself; the
    pairs, as they are and with planted changes, tell how often a comparison is wrong, what it
    finds, and how long it takes. The result is stored, and shown beside later verdicts.
    """
    from datetime import UTC, datetime

    from tracker.cli.measuring import measuring
    from tracker.engine.plan import in_range
    from tracker.errors import MeasurementError
    from tracker.findings.calibrating import calibrated, subjects
    from tracker.model.purposes import Aim, Purpose
    from tracker.model.suites import Kind
    from tracker.publish.naming import names
    from tracker.publish.progress import open_progress
    from tracker.strategies.calibrate import Calibrate

    revision, overrides = split_range(overrides, "HEAD")
    settings = load_settings(config, overrides)
    out = console(plain=is_plain(plain), stderr=as_json)
    watcher = open_progress(out, plain=is_plain(plain))
    with measuring(settings, in_range(revision), watcher) as bench, bench.session() as session:
        commit = bench.plan.commits[-1]
        suite, machine_class = session.suite, session.machine.machine_class
        # what is right is not a matter of the machine
        cells = tuple(cell for cell in session.cells if cell.kind is not Kind.quality)
        # killed, it goes on; finished, it begins anew
        attempt = bench.store.count_calibrations(session.project_id, suite.hash, machine_class)
        strategy = Calibrate(
            commit=commit,
            cells=cells,
            purpose=Purpose.of(Aim.calibrate, commit.sha, machine_class, attempt),
            policy=settings.policy,
        )
        known = session.drive(
            strategy,
            lambda known: watcher.counted(*strategy.progress(known)),
            budget if budget is not None else math.inf,
        )
        watcher.note("judging the pairs, and planted changes in them")
        mains = {benchmark.name: benchmark.metric for benchmark in suite.benchmarks}
        calibration = calibrated(
            subjects(known, commit, cells, mains),
            settings.policy,
            machine_class=machine_class,
            suite_hash=suite.hash,
            profile=session.cells[0].profile,
            at=datetime.now(UTC),
        )
        if not calibration.cells:
            raise MeasurementError(
                f"no cell gave five pairs at {commit.label}",
                code="measurement.no-calibration",
                hint="a longer --budget, or a commit that builds and runs the suite",
            )
        bench.store.save_calibration(session.project_id, session.run, calibration)
    if as_json:
        click.echo(json.dumps(_document(calibration)))
    else:
        _show(calibration, names(cells), settings.policy.rounds, out)


def _document(calibration: Calibration) -> dict[str, Any]:
    return asdict(calibration) | {
        "at": calibration.at.isoformat(),
        "alarm_share": calibration.alarm_share,
        "alarms_a_hundred_commits": calibration.alarms_a_hundred_commits(),
        "seconds_a_comparison": calibration.seconds_a_comparison,
    }


def _show(calibration: Calibration, named: Mapping[str, str], most: int, out: Console) -> None:
    from rich.markup import escape
    from rich.table import Table

    from tracker.publish.sentences import false_alarms
    from tracker.publish.wording import duration, percent, quantity, smallest_seen

    table = Table("cell", "noise", "MDE", "rounds to the same", "a pair takes", box=None)
    for cell in calibration.cells:
        table.add_row(
            escape(named.get(cell.cell, cell.title)),
            percent(cell.noise, sign=False),
            smallest_seen(cell.mde),
            # after the last round it was not known yet
            f"≥ {most}" if cell.rounds >= most else f"{cell.rounds:.0f}",
            quantity(cell.seconds, "s"),
        )
    out.print(table)
    out.print()
    out.print(false_alarms(calibration, calibration.at))
    found = ", ".join(
        f"{percent(power.size, sign=False)}: {100 * power.share:.0f} %"
        for power in calibration.powers
    )
    out.print(f"Planted changes found: {found}.")
    out.print(
        f"One more commit of a history takes {duration(calibration.seconds_a_commit)} of measuring,"
        f" comparing two that are the same {duration(calibration.seconds_a_comparison)}."
    )
