"""What happened at each commit, over all series. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tracker.model.commits import Commit
from tracker.model.findings import ChangePoint, Drift, Finding, Verdict
from tracker.publish import drawn
from tracker.publish.contents import Failure, Series
from tracker.publish.report import Report
from tracker.publish.sentences import called, change
from tracker.publish.site.again import measured_again
from tracker.publish.site.naming import key, short
from tracker.publish.spotlight import Step, steps
from tracker.publish.wording import percent, quantity, step


@dataclass(slots=True, kw_only=True)
class Happenings:
    """What is known of one commit; put together series by series."""

    commit: Commit
    findings: list[Finding] = field(default_factory=list)
    changes: list[tuple[Series, ChangePoint | Drift]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    #: (environment or machine, how it changed)
    events: list[tuple[str, str]] = field(default_factory=list)
    #: every series that was measured or failed here: id, values with unit, change, ratio
    rows: list[tuple[str, str, str, float | None]] = field(default_factory=list)

    @property
    def is_known(self) -> bool:
        """Whether there is anything to tell: many commits of a range may never be measured."""
        return bool(self.rows or self.findings or self.failures or self.events)


def happenings(report: Report) -> list[Happenings]:
    """The commits of which something is known, oldest first."""
    of = {commit.sha: Happenings(commit=commit) for commit in report.commits}
    for one in report.series:
        _add(one, of)
    for finding in report.findings:
        of[finding.commit].findings.append(finding)
    for failure in report.failures:
        text = _failing(failure)
        for sha in failure.commits:
            of[sha].failures.append(text)
    for event in report.events:
        if here := of.get(event.commit):
            here.events.append((event.kind, event.text))
    return [here for here in of.values() if here.is_known]


def _add(one: Series, of: Mapping[str, Happenings]) -> None:
    """Tell each commit what a series did there."""
    found: list[tuple[int, ChangePoint | Drift]] = [(each.index, each) for each in one.changes]
    found += [(each.last, each) for each in one.drifts]
    for index, each in found:
        if here := of.get(one.spots[index].commit):
            here.changes.append((one, each))
    for done in steps(one):
        if here := of.get(done.after.commit):
            here.rows.append(_row(done))


def _failing(failure: Failure) -> str:
    if not failure.title:
        return f"Does not build: {failure.reason}"
    return f"{failure.title}: {failure.state.words}: {failure.reason}"


def _row(done: Step) -> tuple[str, str, str, float | None]:
    series, after = done.series.short, done.after
    if after.value is None:
        return series, after.state.words, "", None
    unit = done.series.coordinate.unit
    if done.before is None or done.before.value is None:
        return series, quantity(after.value, unit), "", None
    ratio = done.ratio
    told = "" if ratio is None else percent(ratio)
    return series, step(done.before.value, after.value, unit), told, ratio and round(ratio, 6)


def line(report: Report, known: list[Happenings]) -> dict[str, Any]:
    """All commits, for charts and the list of them; events and broken commits along them."""
    keys = {commit.sha: short(commit.sha) for commit in report.commits}
    told = {
        here.commit.sha: [[drawn.tone(one), called(one)] for one in here.findings] for here in known
    }
    return {
        # a commit without a page of its own has null in the end
        "commits": [
            [*drawn.commit(commit, report), told.get(commit.sha)] for commit in report.commits
        ],
        "events": drawn.events(report, keys),
        "broken": drawn.broken(report, keys),
    }


def pages(report: Report, known: list[Happenings]) -> Iterator[tuple[Commit, dict[str, Any]]]:
    """What the page of each commit shows."""
    series = {one.series: one for one in report.series}
    keys = {one.series: key(one) for one in report.series}
    again = {sha for of_series in measured_again(report).values() for sha in of_series}
    neighbours: list[Happenings | None] = [None, *known, None]
    for (before, here), (_, after) in pairwise(pairwise(neighbours)):
        assert here is not None  # noqa: S101  only the ends are None
        commit = here.commit
        yield (
            commit,
            {
                # the commit itself, the one before it, the one after it
                "commits": [
                    one and [*drawn.commit(one.commit, report), []] for one in (here, before, after)
                ],
                "when": f"{commit.authored_at:%Y-%m-%d %H:%M %z}",
                "findings": [
                    drawn.finding(one, report, {commit.sha: 0}, keys) for one in here.findings
                ],
                "changes": _changes(here, series, report),
                "again": commit.sha in again,
                "failures": sorted(here.failures),
                "here": here.events,
                "count": len(here.rows),
            },
        )


def _changes(here: Happenings, series: Mapping[str, Series], report: Report) -> list[list[Any]]:
    """A row a series: its key, its name, and the words of its change; the worst first.

    A finding knows better than the history where it was measured again.
    """
    rows: list[tuple[Verdict, list[Any]]] = []
    told = set()
    for effect in (effect for finding in here.findings for effect in finding.effects):
        if effect.verdict is not None:
            told.add(effect.series)
            one = series.get(effect.series)
            name = one.name if one else report.name_of(effect)
            size, between, levels, _ = change(effect)
            words = [size, between, levels, drawn.sense(effect.verdict)]
            rows.append((effect.verdict, [one and key(one), name, *words]))
    for one, found in here.changes:
        if one.series not in told:
            rows.append((found.verdict, [key(one), one.name, *drawn.words(one, found)]))
    return [row for _, row in sorted(rows, key=lambda row: _gravity(row[0]))]


def _gravity(verdict: Verdict) -> tuple[int, float]:
    """Worse before better, and the largest first."""
    return ("bad", "note", "good").index(drawn.sense(verdict)), -abs(verdict.effect)
