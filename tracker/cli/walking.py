"""What ``run`` and ``nightly`` do with a session: walk its commits, look closer, report."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker.engine.session import Session
    from tracker.model.commits import Commit
    from tracker.publish.progress import Progress
    from tracker.publish.report import Report


def walk(session: Session, commits: tuple[Commit, ...], watcher: Progress) -> bool:
    """Measure what commits lack; whether there was time for all of it."""
    from tracker.strategies.walk import Walk

    walking = Walk.of(
        commits,
        session.cells,
        session.plan.settings.policy,
        reference=session.reference(),
        run=session.run,
    )
    known = session.drive(walking, lambda known: watcher.counted(*walking.progress(known)))
    return not walking.ask(known)


def look_closer(session: Session, watcher: Progress, time_left: Callable[[], float]) -> None:
    """Find the commits behind what changed where some were left out; confirm what is suspected.

    Args:
        time_left: seconds that each of the two may take, asked when it begins.
    """
    from tracker.cli.confirming import confirm_suspected
    from tracker.cli.refining import refine

    coarse = session.plan.settings.history.every > 1
    if coarse and (found := refine(session, watcher, budget=time_left())):
        session.widen(found)
        walk(session, found, watcher)
    confirm_suspected(session, watcher, budget=time_left())


def report_of(session: Session) -> Report:
    """The report of what the store holds about a session's commits."""
    from tracker.publish.gather import gather

    return gather(
        session.plan,
        session.store,
        suite=session.suite,
        cells=session.cells,
        only=True,
        run=session.run,
    )
