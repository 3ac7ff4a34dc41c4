"""Everything that a reader of a report sees, as one value. Pure: nothing here reads or prints."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from tracker.model.calibrations import Calibration
from tracker.model.commits import Commit
from tracker.model.findings import Effect, Finding
from tracker.model.machines import Machine
from tracker.model.runs import RunSummary
from tracker.model.suites import Suite
from tracker.publish.contents import Event, Failure, Figures, Series
from tracker.publish.scaling.contents import ScalingCurve
from tracker.publish.wording import effect_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report; terminal, Markdown, HTML and JSON show the same one."""

    project: str
    #: link to a commit, with ``{sha}`` or ``{label}``; empty where there is none
    commit_url: str
    suite: Suite
    machine: Machine
    #: the run that brought the newest values
    run: RunSummary | None
    generated_at: datetime
    #: worst first, bad news before good
    findings: tuple[Finding, ...]
    figures: Figures
    failures: tuple[Failure, ...]
    events: tuple[Event, ...]
    warnings: tuple[str, ...]
    #: oldest first
    commits: tuple[Commit, ...]
    series: tuple[Series, ...]
    #: the scaling curves among them
    curves: tuple[ScalingCurve, ...] = ()
    #: of the machine and the suite; None where they never were
    calibration: Calibration | None = None
    #: SHAs of the line that leads to the commits, oldest first
    earlier: tuple[str, ...] = ()

    @property
    def suite_name(self) -> str:
        """``parse@3``, and without a version the start of the hash."""
        return suite_name(self.suite)

    def commit(self, sha: str) -> Commit:
        """The commit with this SHA.

        Raises:
            KeyError: it is not part of the report.
        """
        for commit in self.commits:
            if commit.sha == sha:
                return commit
        raise KeyError(sha)

    def label(self, sha: str) -> str:
        """What a commit is called, whether it is part of the report or not."""
        return next((commit.label for commit in self.commits if commit.sha == sha), sha[:8])

    def between(self, finding: Finding) -> int:
        """How many commits lie between the two that a finding names, in the report or not."""
        shas = [commit.sha for commit in self.commits]
        end = shas.index(finding.commit)
        if finding.after in shas:
            return self._steps(shas.index(finding.after), end) - 1
        before = self.earlier.index(finding.after) if finding.after in self.earlier else -1
        return len(self.earlier) - before + self._steps(0, end) - 1

    def _steps(self, start: int, end: int) -> int:
        """Commits from one of the report's, by its index, to another one that comes later.

        Along the main line those that were left out count; of what merges brought in, what is here.
        """
        along = self.commits[end].position - self.commits[start].position
        return max(end - start, along)

    def name_of(self, effect: Effect) -> str:
        """How an effect's series is called."""
        for one in self.series:
            if one.series == effect.series:
                return one.name
        return effect_name(effect)

    def url(self, commit: Commit) -> str:
        """Link to a commit; empty where the project has none that a reader may safely follow."""
        return link(self.commit_url, commit)


def suite_name(suite: Suite) -> str:
    """``parse@3``, and without a version the start of the hash."""
    return f"{suite.name}@{suite.version or suite.hash[:8]}"


def link(template: str, commit: Commit) -> str:
    """The address that a project's template means; empty where nobody may safely follow it."""
    if not template.startswith(("https://", "http://")):
        return ""
    return template.replace("{sha}", commit.sha).replace("{label}", quote(commit.label, safe=""))
