"""One commit against the one before it, over all series of a report. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tracker.model.commits import Commit
from tracker.model.findings import Finding, Verdict
from tracker.model.measurements import Observed
from tracker.publish.answers import Traced
from tracker.publish.circumstances import Circumstances, circumstances, watching
from tracker.publish.contents import Series
from tracker.publish.report import Report
from tracker.publish.sentences import remarks
from tracker.publish.spots import Spot


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one series did at a commit."""

    series: Series
    #: None where nothing was measured before
    before: Spot | None
    after: Spot
    #: the verdict of the change point here; None: no change was seen
    verdict: Verdict | None

    @property
    def ratio(self) -> float | None:
        """Value over the value before, minus one; None where there is no such ratio."""
        if self.before is None or not self.before.value or self.after.value is None:
            return None
        return self.after.value / self.before.value - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Spotlight:
    """What is known about one commit."""

    commit: Commit
    steps: tuple[Step, ...]
    #: what was found here, and what else has to be known of it
    findings: Mapping[Finding, tuple[str, ...]]
    url: str
    #: of each cell
    circumstances: tuple[Circumstances, ...]
    #: a sentence about how its processes were watched; may be empty
    watching: str
    #: what qualities answered otherwise than before, and platforms otherwise than the reference,
    #: where answers are kept
    traced: tuple[Traced, ...] = ()

    @property
    def qualities(self) -> tuple[Series, ...]:
        """Those that were measured here."""
        return tuple(step.series for step in self.steps if step.series.coordinate.is_quality)

    @property
    def drifting(self) -> tuple[tuple[Series, str], ...]:
        """The qualities that were measured before too, each with the SHA of that commit."""
        return tuple(
            (step.series, step.before.commit)
            for step in self.steps
            if step.before is not None and step.series.coordinate.is_quality
        )


def spotlight(
    report: Report, sha: str, observed: Sequence[Observed], names: Mapping[str, str]
) -> Spotlight:
    """What a report knows about one of its commits.

    Args:
        observed: how the commit's processes ran.
        names: key of a cell -> how it is called.

    Raises:
        KeyError: the commit is not part of the report.
    """
    commit = report.commit(sha)
    return Spotlight(
        commit=commit,
        steps=tuple(
            step for series in report.series for step in steps(series) if step.after.commit == sha
        ),
        findings={
            finding: tuple(remarks(finding, report))
            for finding in report.findings
            if finding.commit == sha
        },
        url=report.url(commit),
        circumstances=circumstances(observed, names),
        watching=watching(observed),
    )


def steps(series: Series) -> Iterator[Step]:
    """What a series did at each of its commits, oldest first."""
    changes = {change.index: change.verdict for change in series.changes}
    before = None
    for index, spot in enumerate(series.spots):
        yield Step(series=series, before=before, after=spot, verdict=changes.get(index))
        before = spot if spot.value is not None else before
