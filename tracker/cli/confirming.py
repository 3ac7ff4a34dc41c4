"""Measure suspected changes again: fresh, in pairs, while there is time."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker.engine.session import Session
    from tracker.findings.confirmation import Suspicion
    from tracker.findings.stored import Detection
    from tracker.publish.progress import Progress


def detection_of(session: Session) -> Detection:
    """Who looks for changes in what a session measured."""
    from tracker.findings.stored import Detection

    return Detection(
        store=session.store,
        project_id=session.project_id,
        commits=session.plan.commits,
        earlier=session.plan.earlier(),
        suite=session.suite,
        cells=session.cells,
        policy=session.plan.settings.policy,
    )


def confirm_suspected(session: Session, watcher: Progress, *, budget: float) -> None:
    """Confirm or refute what detection suspects along the session's commits, worst first.

    What was tried before goes on where it stopped, and costs nothing when it was decided.
    """
    if not budget:
        return
    detection = detection_of(session)
    histories, analysis = detection.analysed(only=True)
    suspicions = detection.suspicions(histories, analysis.findings)
    confirm(session, detection, suspicions, watcher, budget=budget)


def confirm(
    session: Session,
    detection: Detection,
    suspicions: Sequence[Suspicion],
    watcher: Progress,
    *,
    budget: float = math.inf,
    afresh: bool = False,
) -> None:
    """Drive the pairs of suspicions, one after the other.

    Args:
        budget: seconds of measuring for all of them.
        afresh: not the last attempt's pairs, but new ones.
    """
    from tracker.model.purposes import Aim
    from tracker.strategies.compare import Compare

    until = time.monotonic() + budget
    for suspicion in suspicions:
        left = until - time.monotonic()
        if left <= 0:
            watcher.note("no time left to confirm the rest; the next run goes on with it")
            return
        sides = suspicion.sides
        attempt, _ = detection.last_attempt(suspicion)
        purpose = sides.purpose(Aim.confirm, max(attempt, 0) + (afresh and attempt >= 0))
        watcher.note(f"confirming {sides.head.label} against {sides.base.label}")
        session.drive(
            Compare(sides=sides, purpose=purpose, seed=detection.policy.seed),
            lambda _: None,
            left,
        )
