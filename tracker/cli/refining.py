"""After a coarse grid: find the commits behind what changed between its points."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker.engine.session import Session
    from tracker.findings.line import Survey
    from tracker.model.commits import Commit
    from tracker.model.comparisons import Compared
    from tracker.model.findings import Finding
    from tracker.publish.progress import Progress


def refine(session: Session, watcher: Progress, *, budget: float) -> tuple[Commit, ...]:
    """Bisect each suspected change of which the commit is not known.

    Args:
        budget: seconds, after which no further bisection is begun.

    Returns:
        The commits to measure beside those of the plan: each that was found and the one before it.
    """
    from tracker.cli.bisecting import Bisection, Wish
    from tracker.cli.confirming import detection_of
    from tracker.errors import MeasurementError

    _, analysis = detection_of(session).analysed(only=True)
    until = time.monotonic() + budget
    found: dict[str, Commit] = {}
    for finding, base, line in _gaps(session, analysis.findings):
        if time.monotonic() > until:
            watcher.note("no time left to refine the rest; the next run goes on with it")
            break
        watcher.note(f"refining between {base.label} and {line[-1].label}")
        effect = finding.headline
        wish = Wish(benchmark=effect.title, metric=effect.metric)
        session.remember(line)
        bisection = Bisection.of(session, Aside(watcher=watcher), wish)
        try:
            culprits = bisection.bisected(base, line).culprits
        except MeasurementError as error:  # an end has no value, or got none in time
            watcher.note(f"not refined: {error.message}")
            continue
        for culprit in culprits:
            found |= {commit.sha: commit for commit in (culprit.before, *culprit.commits)}
    known = {commit.sha for commit in session.plan.commits}
    return tuple(commit for sha, commit in found.items() if sha not in known)


def _gaps(
    session: Session, findings: Sequence[Finding]
) -> Iterator[tuple[Finding, Commit, tuple[Commit, ...]]]:
    """Findings with commits between their two, which were not measured; and those commits."""
    from tracker.engine.plan import main_line
    from tracker.model.findings import FindingKind

    plan = session.plan
    by_sha = {commit.sha: commit for commit in (*plan.earlier(), *plan.commits)}
    for finding in findings:
        if finding.headline.verdict is None or finding.kind is FindingKind.drift:
            continue
        base, head = by_sha[finding.after], by_sha[finding.commit]
        line = main_line(base, head, plan.settings, plan.repository)
        if len(line) > 1:
            yield finding, base, line


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """A bisection beside other work: its notes are shown, its picture is not."""

    watcher: Progress

    def note(self, text: str) -> None:
        self.watcher.note(text)

    def standing(self, rows: Sequence[Compared], decided: int, cells: int) -> None:
        """The run's own picture stays."""

    def surveyed(self, survey: Survey) -> None:
        """As above."""
