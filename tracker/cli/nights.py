"""A night: what is new, as much of it as there is time for, and a report however it ends."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tracker.cli.walking import look_closer, report_of, walk

if TYPE_CHECKING:
    from tracker.cli.measuring import Bench
    from tracker.engine.interruption import Stopped
    from tracker.engine.session import Session
    from tracker.errors import TrackerError
    from tracker.model.commits import Commit
    from tracker.model.findings import Confirmation
    from tracker.publish.progress import Progress
    from tracker.publish.report import Report

#: runs whose pace says how long a commit takes
_RUNS = 10


@dataclass(slots=True, kw_only=True)
class Night:
    """The work of one night, and how it ended."""

    watcher: Progress
    #: seconds for all of it, and when it began by the monotonic clock
    budget: float
    began: float
    #: what a reader of its report must know
    told: list[str] = field(default_factory=list)
    #: number and standing of what was found before it
    before: frozenset[tuple[int | None, Confirmation]] = frozenset()
    #: the commits that it measures
    chosen: tuple[Commit, ...] = ()
    #: exit status of what ended it early; 0: it came to its end
    status: int = 0

    def report(self, bench: Bench) -> Report:
        """Work, and the report of what came of it, even where it was cut short.

        Raises:
            TrackerError: the work could not begin, or the database went away.
            Stopped: the person asked to stop before there was anything to report.
        """
        from tracker.engine.interruption import Stopped
        from tracker.errors import MeasurementError, TrackerError

        session: Session | None = None
        try:
            with bench.session() as session:
                self._work(session)
        except (Stopped, TrackerError) as error:
            if session is None:
                raise
            self._ended(error, asked=bench.interruption.asked.is_set())
        shas = [commit.sha for commit in self.chosen]
        if shas and not bench.store.measured(session.project_id, shas):
            self.status = self.status or MeasurementError.exit_status
        report = report_of(session)
        return replace(report, warnings=(*self.told, *report.warnings))

    def news(self, report: Report) -> Report:
        """A report without the findings that stood as they do before the night."""
        new = (one for one in report.findings if (one.id, one.confirmation) not in self.before)
        return replace(report, findings=tuple(new))

    def _ended(self, error: Stopped | TrackerError, *, asked: bool) -> None:
        """Remember why; Ctrl-C may show as an error of a program that runs for us."""
        from tracker.cli.main import EXIT_INTERRUPTED
        from tracker.errors import TrackerError

        if asked or not isinstance(error, TrackerError):
            self.status = EXIT_INTERRUPTED
            self._tell("stopped before its end; the next night goes on")
        else:
            self.status = error.exit_status
            self._tell(f"ended early: {error.line}")

    def _work(self, session: Session) -> None:
        from tracker.strategies.nightly import for_measuring

        found = session.store.findings(session.project_id)
        self.before = frozenset((one.id, one.confirmation) for one in found)
        policy = session.plan.settings.policy
        session.deadline = self.began + for_measuring(self.budget, policy.confirm_seconds)
        self._choose(session)
        if not walk(session, self.chosen, self.watcher):
            self._tell("the budget ended before all was measured; the next night goes on")
        session.deadline = self.began + self.budget
        look_closer(session, self.watcher, self._left if policy.confirm_seconds else lambda: 0.0)

    def _choose(self, session: Session) -> None:
        """Turn the session to the commits to measure, and those that are judged with them."""
        from tracker.history.ranges import every
        from tracker.strategies.nightly import unfinished
        from tracker.strategies.walk import Walk

        line = session.plan.since(None)
        due = self._due(session, line)
        if due:
            self.watcher.note(f"new since the last night: {_counted(len(due))}")
            self.watcher.started(due)
            coarse = self._step(session, due)
            due_walk = Walk.of(due, session.cells, session.plan.settings.policy)
            begun = unfinished(due_walk, session.known(due_walk))
            wanted = {*every(due, coarse), *begun}
            self.chosen = tuple(commit for commit in due if commit in wanted)
            self.watcher.started(self.chosen)
        else:
            coarse = session.plan.settings.history.every
            self._tell(f"nothing new since {line[-1].label}")
        session.turn_to(self._in_sight(session, line) or line[-1:], coarse)

    def _in_sight(self, session: Session, line: tuple[Commit, ...]) -> tuple[Commit, ...]:
        """What is measured tonight, and the newest measured commits before it.

        Values of tonight may be what shows that a commit of last night changed something.
        """
        from tracker.engine.plan import EARLIER, NEWEST

        recent = line[-EARLIER:]
        measured = session.store.measured(session.project_id, [one.sha for one in recent])
        chosen = set(self.chosen)
        sight = [one for one in recent if one in chosen or one.sha in measured]
        first = next((at for at, one in enumerate(sight) if one in chosen), len(sight))
        return tuple(sight[max(0, first - NEWEST) :])

    def _due(self, session: Session, line: tuple[Commit, ...]) -> tuple[Commit, ...]:
        """What is new, and what an earlier night left unfinished, oldest first; empty: nothing."""
        from tracker.engine.plan import NEWEST
        from tracker.strategies.nightly import last_complete, unfinished, unsettled
        from tracker.strategies.walk import Walk

        plan = session.plan
        batch = plan.settings.policy.batch_commits
        for end in range(len(line), 0, -batch):
            looked_at = Walk.of(
                line[max(0, end - batch) : end], session.cells, plan.settings.policy
            )
            known = session.known(looked_at)
            if (last := last_complete(looked_at, known)) is not None:
                new = {*plan.since(last)} if last != line[-1] else set()
                new |= {*unfinished(looked_at, known)}
                break
        else:
            new = {*line[-NEWEST:]}
        walking = replace(looked_at, commits=tuple(one for one in line if one in new))
        return unsettled(walking, session.known(walking))

    def _step(self, session: Session, due: tuple[Commit, ...]) -> int:
        """Every which commit is measured, and says so where it is not every one."""
        from tracker.publish.wording import duration
        from tracker.strategies.nightly import step

        least = session.plan.settings.history.every
        # of all that is due: what the newest takes, where it is measured to learn it, is a part
        left = session.deadline - time.monotonic()
        seconds = self._seconds(session, due)
        coarse = step(len(due), seconds, left)
        if coarse > least:
            self._tell(
                f"the budget of {duration(self.budget)}, of which {duration(left)} is left for "
                f"measuring, does not suffice for {_counted(len(due))} at about "
                f"{duration(seconds)} each: "
                f"measuring one of every {coarse}, and between two where something changed"
            )
        return max(least, coarse)

    def _seconds(self, session: Session, due: tuple[Commit, ...]) -> float:
        """Seconds that a commit takes: as in the latest runs, else as the newest one takes now."""
        from tracker.strategies.nightly import pace
        from tracker.strategies.walk import Walk

        walking = Walk.of(due, session.cells, session.plan.settings.policy)
        _, processes = walking.progress(session.known(walking))
        latest = session.store.runs(session.project_id, _RUNS)
        if found := pace([run for run in latest if run.machine == session.machine.name]):
            return found * processes / len(due)
        began = time.monotonic()
        self.watcher.note(f"measuring {due[-1].label} first, to know how long a commit takes")
        walk(session, due[-1:], self.watcher)
        return time.monotonic() - began

    def _left(self) -> float:
        return max(0.0, self.began + self.budget - time.monotonic())

    def _tell(self, text: str) -> None:
        """Say it now, and in the report."""
        self.watcher.note(text)
        self.told.append(text)


def _counted(commits: int) -> str:
    from tracker.publish.wording import counted

    return counted(commits, "commit")
