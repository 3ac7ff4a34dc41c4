"""Where work runs. One interface; ``local`` is the first of its kind."""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from tracker.config.places import Places
from tracker.config.settings import ExecutorSettings
from tracker.engine.members import begun, each
from tracker.engine.work import Work, together
from tracker.environments.scratch import private_home
from tracker.machine.launch import launch, launch_pair
from tracker.machine.program import Ended, Program, allowed_environment
from tracker.machine.sandbox import Sandbox


class Executor(Protocol):
    """Runs one process of work and waits for its end."""

    def execute(self, work: Work) -> Ended:
        """Run it.

        Raises:
            InfrastructureError: the machine failed, not the work; it may be tried again.
        """

    def execute_together(self, works: Sequence[Work]) -> tuple[Ended | None, ...]:
        """Run one process that forks for each of them, see ``tracker.engine.members``.

        Where its start fails, each has a start of its own.

        Raises:
            InfrastructureError: as ``execute``.
        """

    def execute_pair(self, first: Work, second: Work) -> tuple[Ended, Ended | None]:
        """Run two that take turns, see ``launch_pair``; None for a second that was not started.

        Raises:
            InfrastructureError: as ``execute``.
        """


class LocalExecutor:
    """Runs work on this machine, one process at a time, also across commands."""

    def __init__(
        self, *, settings: ExecutorSettings, places: Places, stop: threading.Event
    ) -> None:
        self._settings = settings
        self._places = places
        self._stop = stop

    def execute(self, work: Work) -> Ended:
        with self._alone(), private_home(self._places.scratch) as home:
            return launch(self._program(work, home), stop=self._stop)

    def execute_together(self, works: Sequence[Work]) -> tuple[Ended | None, ...]:
        ended = self.execute(together(works))
        if begun(ended) or ended.how == "stopped":
            return each(ended, len(works))
        if len(works) == 1:
            return (ended,)
        # what one of them needs for its start must not fail the others
        return tuple(one for work in works for one in self.execute_together([work]))

    def execute_pair(self, first: Work, second: Work) -> tuple[Ended, Ended | None]:
        scratch = self._places.scratch
        assert first.turns is not None  # noqa: S101  who measures a pair says how many turns it has
        with self._alone(), private_home(scratch) as one, private_home(scratch) as two:
            return launch_pair(
                self._program(first, one),
                self._program(second, two),
                turns=first.turns,
                stop=self._stop,
            )

    def _program(self, work: Work, home: Path) -> Program:
        return Program(
            argv=work.argv,
            job=work.job,
            limits=work.limits,
            environment={**allowed_environment(self._settings.passthrough), **work.variables},
            home=home,
            sandbox=self._walls(work),
            processors=work.processors,
            interval=work.interval,
        )

    def _walls(self, work: Work) -> Sandbox | None:
        if not self._settings.sandbox:
            return None
        return Sandbox(readable=work.readable, writable=work.writable)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        # Two commands that measure at the same time would measure each other.
        lock = self._places.state / "measuring.lock"
        lock.parent.mkdir(parents=True, exist_ok=True)
        with lock.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
