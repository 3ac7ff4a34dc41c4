"""What all commands that measure have in common: a plan, a store, a session, and Ctrl-C."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tracker.config.settings import Settings
    from tracker.engine.interruption import Interruption
    from tracker.engine.plan import Choice, Plan
    from tracker.engine.session import Session
    from tracker.publish.progress import Progress
    from tracker.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Everything that a command needs to measure."""

    plan: Plan
    store: Store
    watcher: Progress
    interruption: Interruption

    def session(self) -> AbstractContextManager[Session]:
        """Open the run in the store; it ends with the context."""
        from tracker.config.secrets import shown_command
        from tracker.engine.session import open_session

        return open_session(
            self.plan,
            self.store,
            command=shown_command(sys.argv),
            watcher=self.watcher,
            interruption=self.interruption,
        )


@contextmanager
def measuring(
    settings: Settings, choose: Choice, watcher: Progress, *, patience: float = 0.0
) -> Iterator[Bench]:
    """Plan, open the store, and let Ctrl-C end things in good order.

    Args:
        patience: seconds that a database which goes away has to come back.

    Raises:
        click.exceptions.Exit: the person asked to stop.
        TrackerError: whatever went wrong.
    """
    from tracker.cli.main import EXIT_INTERRUPTED
    from tracker.config.places import Places
    from tracker.engine.interruption import Interruption, Stopped
    from tracker.engine.plan import make_plan
    from tracker.errors import TrackerError
    from tracker.store.store import open_store

    places = Places.of_user()
    interruption = Interruption()
    with watcher, interruption.on_signals(watcher.note):
        try:
            plan = make_plan(
                settings,
                places=places,
                choose=choose,
                progress=watcher.note,
                stop=interruption.now,
            )
            watcher.started(plan.commits)
            with open_store(settings.store, places=places, patience=patience) as store:
                yield Bench(plan=plan, store=store, watcher=watcher, interruption=interruption)
        except Stopped:
            watcher.note("stopped; the same command goes on where this one ended")
            raise click.exceptions.Exit(EXIT_INTERRUPTED) from None
        except TrackerError as error:
            # Ctrl-C in a terminal reaches the programs that run for us too: git dies of it.
            if not interruption.asked.is_set():
                raise
            watcher.note(f"stopped: {error.message}")
            raise click.exceptions.Exit(EXIT_INTERRUPTED) from None
