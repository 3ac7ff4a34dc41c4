"""From the store to the summary of one commit."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from tracker.config.places import Places
from tracker.config.settings import Settings
from tracker.engine.plan import make_plan, named
from tracker.errors import MeasurementError
from tracker.model.commits import Commit
from tracker.model.standing import Standing
from tracker.publish.deployment.contents import Summary
from tracker.publish.deployment.making import is_timing, summary
from tracker.publish.deployment.speedups import against_commit, against_value
from tracker.store.store import Store, open_store

#: ``library=opencv``: a value of a parameter, and no revision
_VALUE = re.compile(r"([A-Za-z_]\w*)=(.+)")


def commit_summary(settings: Settings, revision: str, against: str | None) -> Summary:
    """What is stored of a commit.

    Args:
        revision: names the commit.
        against: names another one, or a value of a parameter as ``name=value``; None: nothing.

    Raises:
        UsageError: no benchmark has that parameter, or that value.
        MeasurementError: nothing is stored of one of the commits.
        TrackerError: as ``make_plan`` and ``open_store``.
    """
    value = _VALUE.fullmatch(against or "")
    revisions = (revision, against) if against and not value else (revision,)
    places = Places.of_user()
    plan = make_plan(settings, places=places, choose=named(*revisions))
    commit, reference = plan.commits[0], plan.commits[-1]
    with open_store(settings.store, places=places) as store:
        project_id = store.project_id(settings.project.name)
        here = _known(store, project_id, commit, plan.suite.hash)
        there = _known(store, project_id, reference, plan.suite.hash)
        failures = store.failures(project_id, [commit.sha], plan.suite.hash)
        machine = store.machine_at(project_id, commit.sha)
    timings = [one for one in here if is_timing(one)]
    speedups = None
    if value:
        speedups = against_value(timings, value[1], value[2])
    elif against:
        others = [one for one in there if is_timing(one)]
        speedups = against_commit(timings, others, column=commit.label, reference=reference.label)
    return summary(
        project=settings.project,
        suite=plan.suite,
        machine=machine,
        commit=commit,
        standings=here,
        failures=failures,
        policy=settings.policy,
        speedups=speedups,
        generated_at=datetime.now(UTC),
    )


def _known(store: Store, project_id: int, commit: Commit, suite_hash: str) -> tuple[Standing, ...]:
    standings = store.standings(project_id, commit.sha, suite_hash)
    if not standings:
        raise MeasurementError(
            f"nothing is stored of {commit.label} in this suite",
            code="measurement.unknown",
            hint=f"`tracker run {commit.short}~1..{commit.short}` measures it",
        )
    return standings
