"""Drive a bisection: the ends, the search, its confirmation, and what else the line may hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import click

from tracker.cli.options import together

if TYPE_CHECKING:
    from tracker.engine.session import Session, Strategy
    from tracker.findings.line import Line, Located, Survey
    from tracker.findings.pairs import Judge
    from tracker.findings.sides import Sides
    from tracker.model.cells import Cell
    from tracker.model.commits import Commit
    from tracker.model.comparisons import Bisected, Compared, Culprit
    from tracker.model.requests import Known
    from tracker.publish.bisecting.progress import Listener


#: the options that say what is looked at
searching = together(
    click.option("--benchmark", default="", metavar="NAME", help="Title, name or glob."),
    click.option("--metric", default="", help="Default: what a benchmark exists for."),
    click.option(
        "--across",
        is_flag=True,
        help="Compare although environments differ: not the code alone.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the person wants to know."""

    #: title, name or glob of benchmarks; empty: all of them, the one that changed most is followed
    benchmark: str = ""
    #: empty: the one that a benchmark exists for
    metric: str = ""
    #: may the two sides of a comparison run in different environments?
    across: bool = False
    #: look into merges for the commit of theirs?
    enter_merges: bool = False


@dataclass(slots=True, kw_only=True)
class Bisection:
    """A bisection in an open session."""

    session: Session
    watcher: Listener
    wish: Wish
    judge: Judge
    #: SHA -> commits that were asked, and those that could not be
    asked: dict[str, Commit] = field(default_factory=dict)
    unseen: dict[str, Commit] = field(default_factory=dict)

    @classmethod
    def of(cls, session: Session, watcher: Listener, wish: Wish) -> Bisection:
        """The bisection that a wish means."""
        from tracker.findings.pairs import Judge

        calibration = session.calibration()
        judge = Judge.of(
            session.suite,
            session.plan.settings.policy,
            scales=calibration.scales if calibration else {},
            sequential=True,
            cells=1,
        )
        if wish.metric:
            judge = replace(judge, mains=dict.fromkeys(judge.mains, wish.metric))
        return cls(session=session, watcher=watcher, wish=wish, judge=judge)

    def bisected(self, base: Commit, commits: tuple[Commit, ...]) -> Bisected:
        """Compare the ends, and find what changed the cell that changed most.

        Raises:
            UsageError, MeasurementError: see ``ends``.
        """
        from tracker.findings.line import changed_most
        from tracker.model.comparisons import Bisected

        head = commits[-1]
        rows = self.ends(base, head)
        row = changed_most(rows)
        culprits = tuple(self._culprits(self.line(base, commits, row.cell))) if row else ()
        return Bisected(
            base=base,
            head=head,
            commits=len(commits),
            ends=rows,
            row=row,
            culprits=culprits,
            asked=len(self.asked.keys() - {base.sha, head.sha}),
            unseen=tuple(self.unseen.values()),
        )

    def ends(self, base: Commit, head: Commit) -> tuple[Compared, ...]:
        """What the ends are to each other: the main row of each cell that is wanted.

        Raises:
            UsageError: the suite has no such benchmark.
            MeasurementError: the two cannot be compared, or gave no values.
        """
        from tracker.errors import MeasurementError
        from tracker.findings.sides import Sides
        from tracker.publish.comparing.gather import refuse
        from tracker.strategies.bisect import Ends

        cells = self._wanted()
        judge = replace(self.judge, cells=len(cells))
        sides = Sides(base=base, head=head, cells=cells, judge=judge, across=self.wish.across)
        known = self._driven(Ends(sides=sides, seed=self._seed), sides)
        refuse(sides, known)
        rows = sides.standing(known)
        if rows and not any(row.verdict for row in rows):
            raise MeasurementError(
                f"{rows[0].cell.title} has no value at an end: {rows[0].reason}",
                code="measurement.no-value",
                hint="`tracker show` has the reason",
            )
        return rows

    def line(self, base: Commit, commits: tuple[Commit, ...], cell: Cell) -> Line:
        """A line to be searched, and what histories know of it."""
        from tracker.findings.line import Line
        from tracker.findings.memory import known_counts, prior

        session = self.session
        stored = session.store.histories(
            session.project_id,
            (base, *commits),
            suite_hash=session.suite.hash,
            cells=[cell.key],
        )
        here = session.machine.machine_class
        histories = [
            one
            for one in stored
            if one.coordinate.machine_class == here or one.coordinate.is_quality
        ]
        return Line(
            base=base,
            commits=commits,
            cell=cell,
            judge=self.judge,
            across=self.wish.across,
            counts=known_counts(histories),
            prior=prior(histories, self.judge.mains.get(cell.benchmark, ""), base, commits),
        )

    def searched(self, line: Line) -> Survey:
        """Ask along a line until it is clear where the cell changed."""
        from tracker.findings.line import Survey
        from tracker.strategies.bisect import Bisect

        def show(known: Known) -> None:
            self.watcher.surveyed(Survey(line=line, known=known))

        known = self.session.drive(Bisect(line=line, seed=self._seed), show)
        survey = Survey(line=line, known=known)
        commits = line.commits
        self.asked |= {commits[place].sha: commits[place] for place in survey.answers}
        self.unseen |= {
            commit.sha: commit
            for commit, unseen in zip(commits, survey.unseen, strict=True)
            if unseen
        }
        return survey

    def _culprits(self, line: Line) -> Iterator[Culprit]:
        """All that changed the cell along a line, oldest first."""
        located = self.searched(line).located
        if located is None:
            return
        culprit = self._confirmed(line, located)
        if _is_denied(culprit):  # the count changed there, and the time elsewhere
            yield from self._culprits(replace(line, by_counts=False))
            return
        if located.before:
            yield from self._culprits(
                self.line(line.base, line.commits[: located.first], line.cell)
            )
        yield from self._entered(culprit, line) or (culprit,)
        if located.after:
            later = line.commits[located.last + 1 :]
            yield from self._culprits(self.line(line.commits[located.last], later, line.cell))

    def _confirmed(self, line: Line, located: Located) -> Culprit:
        """The commits that were found, in pairs with the one before them."""
        from tracker.findings.sides import Sides
        from tracker.model.comparisons import Culprit
        from tracker.model.purposes import Aim
        from tracker.strategies.compare import Compare

        first, last = located.first, located.last
        before = line.commits[first - 1] if first else line.base
        sides = Sides(
            base=before,
            head=line.commits[last],
            cells=(line.cell,),
            judge=self.judge,
            across=self.wish.across,
        )
        self.watcher.note(f"confirming {sides.head.label} against {before.label}")
        pairs = Compare(sides=sides, purpose=sides.purpose(Aim.bisect), seed=self._seed)
        rows = sides.standing(self._driven(pairs, sides))
        return Culprit(
            commits=line.commits[first : last + 1],
            before=before,
            chance=located.chance,
            count=located.count,
            row=rows[0] if rows else None,
        )

    def _entered(self, culprit: Culprit, line: Line) -> tuple[Culprit, ...]:
        """The commits of a merge's sides that did it; none where it was no merge, or itself."""
        if not self.wish.enter_merges or len(culprit.commits) > 1:
            return ()
        found: list[Culprit] = []
        for fork, *side in self.session.plan.repository.brought_in(culprit.commit):
            self.session.remember([fork, *side])
            found += self._culprits(self.line(fork, tuple(side), line.cell))
        return tuple(replace(one, merge=one.merge or culprit.commit) for one in found)

    def _driven(self, strategy: Strategy, sides: Sides) -> Known:
        """Pairs of the sides, as long as the strategy asks for them."""
        return self.session.drive(
            strategy,
            lambda known: self.watcher.standing(sides.standing(known), *sides.progress(known)),
        )

    @property
    def _seed(self) -> int:
        return self.session.plan.settings.policy.seed

    def _wanted(self) -> tuple[Cell, ...]:
        from tracker.config.hints import did_you_mean
        from tracker.errors import UsageError

        wanted, cells = self.wish.benchmark, self.session.cells
        found = tuple(cell for cell in cells if _matches(cell, wanted))
        if not found:
            titles = dict.fromkeys(cell.title for cell in cells)
            raise UsageError(
                f"no benchmark is called {wanted!r}", hint=did_you_mean(wanted, titles)
            )
        return found


def _matches(cell: Cell, wanted: str) -> bool:
    return not wanted or wanted in (cell.title, cell.benchmark) or fnmatchcase(cell.title, wanted)


def _is_denied(culprit: Culprit) -> bool:
    """Did a count name a commit at which the timing does not move?"""
    from tracker.model.findings import Outcome

    row = culprit.row
    return bool(culprit.count and row and row.verdict and row.verdict.outcome is Outcome.same)
