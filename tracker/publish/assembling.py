"""From histories and what was found in them to a report. Pure."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from tracker.config.settings import ProjectSettings
from tracker.model.calibrations import Calibration
from tracker.model.cells import Coordinate
from tracker.model.commits import Commit
from tracker.model.findings import Confirmation, Finding, Judgement
from tracker.model.machines import Machine
from tracker.model.measurements import State
from tracker.model.runs import RunSummary
from tracker.model.series import History
from tracker.model.standing import Standing
from tracker.model.suites import Suite
from tracker.publish.contents import Event, Failure, Figures, Series, gravity
from tracker.publish.naming import natural, told_apart
from tracker.publish.report import Report
from tracker.publish.scaling.making import drawn_curves
from tracker.publish.wording import clean


class Happening(Protocol):
    """Something that ends a segment of the history: another environment or machine."""

    @property
    def commit(self) -> str:
        """SHA of the first commit after it."""

    @property
    def kind(self) -> str:
        """``environment-change`` or ``machine-change``."""

    @property
    def text(self) -> str: ...


class Unsuccessful(Protocol):
    """A commit that does not build (no title), or a benchmark that gave no value there."""

    @property
    def title(self) -> str: ...

    @property
    def state(self) -> State: ...

    @property
    def reason(self) -> str: ...

    @property
    def commits(self) -> Sequence[str]:
        """SHAs."""


class Analysed(Protocol):
    """What detection found."""

    @property
    def judgements(self) -> Mapping[str, Judgement]: ...

    @property
    def findings(self) -> tuple[Finding, ...]: ...

    @property
    def events(self) -> Sequence[Happening]: ...


def assemble(
    *,
    project: ProjectSettings,
    suite: Suite,
    machine: Machine,
    commits: Sequence[Commit],
    histories: Sequence[History],
    analysis: Analysed,
    run: RunSummary | None,
    generated_at: datetime,
    failures: Iterable[Unsuccessful] = (),
    warnings: Sequence[str] = (),
    calibration: Calibration | None = None,
    earlier: Sequence[Commit] = (),
    scaling: Sequence[str] = (),
    standings: Sequence[Standing] = (),
) -> Report:
    """Put together what a reader sees.

    Args:
        commits: all commits of the report, oldest first.
        earlier: the line that leads to them, oldest first.
        failures: what failed and is not a point of a history: commits that do not build,
            benchmarks that never gave a value.
        scaling: names of parameters that make curves.
        standings: the series of curves at their newest commit, with raw samples.
        generated_at: now, aware.
    """
    believed = [one for one in analysis.findings if one.confirmation is not Confirmation.refuted]
    variants = told_apart([history.coordinate for history in histories])
    series = tuple(
        _series(history, analysis.judgements.get(history.series), variants[history.coordinate])
        for history in sorted(histories, key=lambda history: _order(history.coordinate))
    )
    failed = _failures(failures, histories, commits)
    return Report(
        project=clean(project.name),
        commit_url=project.commit_url,
        suite=suite,
        machine=machine,
        run=run,
        generated_at=generated_at,
        findings=tuple(map(_cleaned, sorted(believed, key=_told_order))),
        figures=_figures(series, believed, refuted=len(analysis.findings) - len(believed)),
        failures=failed,
        events=tuple(
            Event(
                commit=event.commit,
                kind=str(event.kind).removesuffix("-change"),
                text=clean(event.text),
            )
            for event in analysis.events
        ),
        warnings=tuple(map(clean, warnings)),
        commits=tuple(
            replace(commit, subject=clean(commit.subject), author=clean(commit.author))
            for commit in commits
        ),
        series=series,
        curves=drawn_curves(series, failed, scaling, standings),
        calibration=calibration,
        earlier=tuple(commit.sha for commit in earlier),
    )


def _series(history: History, judgement: Judgement | None, variant: str) -> Series:
    return Series(
        series=history.series,
        coordinate=history.coordinate,
        variant=variant,
        points=history.points,
        changes=judgement.changes if judgement else (),
        levels=judgement.levels if judgement else (),
        drifts=judgement.drifts if judgement else (),
        noise=_finite(judgement.noise) if judgement else None,
        mde=_finite(judgement.mde) if judgement else None,
    )


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _order(coordinate: Coordinate) -> tuple[object, ...]:
    """By name, and sizes by number: ``n=8`` before ``n=32``; the time before other metrics."""
    name = natural(coordinate.title)
    return (name, coordinate.metric != "time", coordinate.metric, coordinate.series)


def _told_order(finding: Finding) -> tuple[object, ...]:
    """Open ones first, bad news before good; detection's own order within."""
    return finding.is_settled, *gravity(finding)


def _cleaned(finding: Finding) -> Finding:
    effects = tuple(replace(effect, reason=clean(effect.reason)) for effect in finding.effects)
    return replace(finding, effects=effects)


def _figures(series: Sequence[Series], findings: Sequence[Finding], *, refuted: int) -> Figures:
    changed = {effect.series for finding in findings for effect in finding.effects}
    same = [one for one in series if one.series not in changed and not (one.changes or one.drifts)]
    noisy = [one for one in same if not one.coordinate.exact]
    seeing = [(one.mde, one.name) for one in noisy if one.mde is not None]
    worst, worst_name = max(seeing, default=(None, ""))
    return Figures(
        series=len(series),
        unchanged=len(same),
        exact=len(same) - len(noisy),
        blind=len(noisy) - len(seeing),
        mde_median=statistics.median(mde for mde, _ in seeing) if seeing else None,
        mde_worst=worst,
        mde_worst_series=worst_name,
        refuted=refuted,
    )


def _failures(
    others: Iterable[Unsuccessful], histories: Sequence[History], commits: Sequence[Commit]
) -> tuple[Failure, ...]:
    """One a benchmark, state and reason; metrics of one benchmark fail together."""
    failed: dict[tuple[str, State, str], set[str]] = {}
    for one in [*others, *_failed_points(histories)]:
        if one.state is not State.unsupported:  # the benchmark's own wish
            key = (one.title, one.state, clean(one.reason))
            failed.setdefault(key, set()).update(one.commits)
    order = {commit.sha: index for index, commit in enumerate(commits)}
    return tuple(
        Failure(
            title=title,
            state=state,
            reason=reason,
            commits=tuple(sorted((sha for sha in shas if sha in order), key=order.__getitem__)),
        )
        for (title, state, reason), shas in sorted(failed.items(), key=lambda item: item[0])
    )


def _failed_points(histories: Sequence[History]) -> Iterator[Failure]:
    for history in histories:
        for point in history.points:
            if not point.state.has_values:
                built = point.state is not State.build_failed
                yield Failure(
                    title=history.coordinate.title if built else "",
                    state=point.state,
                    reason=point.reason,
                    commits=(point.commit.sha,),
                )
