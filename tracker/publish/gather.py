"""From the store to a report: read the histories, judge them, remember what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tracker.config.places import Places
from tracker.config.settings import Settings
from tracker.engine.plan import Plan, in_range, make_plan
from tracker.errors import RevisionError, UsageError
from tracker.findings.expectations import expectations
from tracker.findings.lifecycle import own_decision
from tracker.findings.stored import Detection
from tracker.model.cells import Cell
from tracker.model.findings import Finding
from tracker.model.suites import Suite
from tracker.publish.answers import disagreed, traced
from tracker.publish.naming import names
from tracker.publish.report import Report
from tracker.publish.spotlight import Spotlight, spotlight
from tracker.store.store import Store, open_store

if TYPE_CHECKING:
    from tracker.findings.detection import Analysis


def gather(
    plan: Plan,
    store: Store,
    *,
    suite: Suite,
    cells: Sequence[Cell],
    only: bool = False,
    run: str | None = None,
) -> Report:
    """The report of what the store holds about a plan's commits; findings are stored with it.

    Args:
        suite: the suite whose series are shown.
        cells: the cells of the suite.
        only: show the series of these cells alone, not all that the suite ever had.
        run: the run that the report is about; None: the newest.

    Raises:
        UsageError: nothing was ever stored of the project.
    """
    project = plan.settings.project
    project_id = store.project_id(project.name)
    (last,) = store.runs(project_id, limit=1, run=run) or (None,)
    if last is None:
        raise UsageError(
            f"nothing is stored of project {project.name!r}",
            code="project.unknown",
            hint="`tracker run` measures it",
        )
    earlier = plan.earlier()
    detection = Detection(
        store=store,
        project_id=project_id,
        commits=plan.commits,
        earlier=earlier,
        suite=suite,
        cells=tuple(cells),
        policy=plan.settings.policy,
    )
    histories, analysis = detection.analysed(only=only)
    findings = detection.settled(histories, analysis.findings)
    # after detection, which loads numpy while the database sorts
    from tracker.publish.assembling import assemble  # noqa: PLC0415
    from tracker.publish.scaling.making import newest_commit  # noqa: PLC0415

    saved = store.save_findings(project_id, last.run, findings)
    shas = [commit.sha for commit in plan.commits]
    machine = store.machine(last.run)
    scaling = plan.settings.policy.scaling
    newest = newest_commit(histories, scaling)
    return assemble(
        project=project,
        suite=suite,
        machine=machine,
        commits=plan.commits,
        earlier=earlier,
        histories=histories,
        analysis=replace(analysis, findings=lived(plan, store, project_id, saved, analysis)),
        failures=store.failures(project_id, shas, suite.hash),
        run=last,
        calibration=detection.calibration(machine.machine_class),
        warnings=(
            *analysis.warnings,
            *detection.warnings(machine.machine_class, last.run),
        ),
        scaling=scaling,
        standings=store.standings(project_id, newest, suite.hash) if newest else (),
        generated_at=datetime.now(UTC),
    )


def lived(
    plan: Plan, store: Store, project_id: int, saved: Sequence[Finding], analysis: Analysis
) -> tuple[Finding, ...]:
    """The findings after what the tracker decides about them by itself, which is stored."""
    announced = expectations(
        plan.repository, plan.commits[-1].sha, [(one.commit, one.after) for one in saved]
    )
    found = []
    for finding in saved:
        change = own_decision(finding, analysis.judgements, announced[finding.commit])
        if change is not None and finding.id is not None:
            store.decide(project_id, finding.id, change.triage, note=change.note)
            found.append(replace(finding, triage=change.triage))
        else:
            found.append(finding)
    return tuple(found)


def stored_report(settings: Settings, range_text: str) -> Report:
    """The report of a range from the store alone.

    Raises:
        TrackerError: as ``make_plan``, ``open_store`` and ``gather``.
    """
    places = Places.of_user()
    plan = make_plan(settings, places=places, choose=in_range(range_text))
    with open_store(settings.store, places=places) as store:
        return gather(plan, store, suite=plan.suite, cells=plan.cells)


def commit_spotlight(settings: Settings, what: str) -> Spotlight:
    """What is stored about the commit that a revision, or the number of a finding, means.

    Raises:
        RevisionError: ``what`` is neither a commit of the line nor the number of a finding.
        TrackerError: as ``stored_report``.
    """
    places = Places.of_user()
    plan = make_plan(settings, places=places, choose=in_range("ALL"))
    with open_store(settings.store, places=places) as store:
        report = gather(plan, store, suite=plan.suite, cells=plan.cells)
        project_id = store.project_id(settings.project.name)
        numbers = {str(one.id): one.commit for one in store.findings(project_id)}
        sha = numbers.get(what) or plan.repository.resolve(what, branch=settings.project.branch).sha
        if all(commit.sha != sha for commit in report.commits):
            raise RevisionError(
                f"{what} is not on the line of history that the project follows",
                hint="`tracker plan ALL` lists its commits",
            )
        observed = store.observed(project_id, sha, plan.suite.hash)
        light = spotlight(report, sha, observed, names(plan.cells))
        shas = sorted({sha, *(before for _, before in light.drifting)})
        sheets = store.answer_sheets(project_id, shas, suite_hash=plan.suite.hash)
    rules = settings.policy.quality
    changed = traced(light.drifting, sha, sheets, rules)
    return replace(light, traced=(*changed, *disagreed(light.qualities, sha, sheets, rules)))
