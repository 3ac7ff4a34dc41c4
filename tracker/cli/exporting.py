"""What was found as CI systems read it: ``--junit``, ``--sarif``, and lines of GitHub Actions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tracker.config.settings import Settings
    from tracker.publish.comparing.contents import Comparison
    from tracker.publish.exports.alerts import Alert
    from tracker.publish.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The files that were asked for; None: not this one."""

    junit: Path | None
    sarif: Path | None
    #: this is a job of GitHub Actions, which shows what it prints beside the code
    annotate: bool = False

    def of_comparison(self, comparison: Comparison, settings: Settings) -> None:
        from tracker.publish.disk import write
        from tracker.publish.exports import alerts, cases, junit

        if self.junit is not None:
            text = junit.render(
                cases.of_comparison(comparison),
                project=comparison.project,
                suite=settings.suite.name,
                machine=comparison.machine.name,
                at=comparison.generated_at,
                seconds=comparison.seconds,
            )
            write(self.junit, text)
        self._alerts(tuple(alerts.of_comparison(comparison)), comparison.where, settings)

    def of_report(self, report: Report, settings: Settings) -> None:
        from tracker.publish.disk import write
        from tracker.publish.exports import alerts, cases, junit

        if self.junit is not None:
            run = report.run
            took = run.finished_at - run.started_at if run and run.finished_at else None
            text = junit.render(
                cases.of_report(report),
                project=report.project,
                suite=report.suite.name,
                machine=report.machine.name,
                at=report.generated_at,
                seconds=took.total_seconds() if took else 0.0,
            )
            write(self.junit, text)
        where = {one.name: one.where for one in report.suite.benchmarks}
        self._alerts(tuple(alerts.of_report(report)), where, settings)

    def _alerts(self, found: Sequence[Alert], where: Mapping[str, str], settings: Settings) -> None:
        from tracker.publish.exports import actions
        from tracker.publish.exports.places import whereabouts

        if self.annotate:
            for line in actions.lines(found, whereabouts(where, settings)):
                # standard output may be for a program
                click.echo(line, err=True)
        if self.sarif is not None:
            write_sarif(self.sarif, found, where, settings)


def write_sarif(
    path: Path, alerts: Iterable[Alert], where: Mapping[str, str], settings: Settings
) -> None:
    """Write alerts, each at the place of its benchmark.

    Args:
        where: benchmark -> ``file:line`` within the suite.
    """
    from tracker.publish.disk import write
    from tracker.publish.exports import sarif
    from tracker.publish.exports.places import whereabouts

    write(path, sarif.render(alerts, whereabouts(where, settings)))
