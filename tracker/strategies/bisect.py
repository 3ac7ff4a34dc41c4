"""``bisect``: which commit of a line changed a cell, by asking as few of them as it takes."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.findings.line import Line, Survey, changed_most
from tracker.findings.sides import Sides
from tracker.model.commits import Commit
from tracker.model.comparisons import Compared
from tracker.model.findings import Outcome
from tracker.model.purposes import Aim, Purpose
from tracker.model.requests import Known, Measure, Request
from tracker.strategies.compare import Compare, round_of, unprepared


@dataclass(frozen=True, slots=True, kw_only=True)
class Bisect:
    """Asks for the ends, then for the commit whose answer halves the chances, again and again.

    A commit is asked by pairs with the base until its answer is believed; where all answers
    together are too little to name a commit, those that were asked are asked again. Where a count
    moves with the timing, one process a commit answers. Everything that is known is read anew
    each time, so a search goes on where it stopped.
    """

    line: Line
    seed: int

    @property
    def purpose(self) -> Purpose:
        return self.line.purpose

    @property
    def asks_about(self) -> tuple[Commit, ...]:
        """All commits that may be asked for."""
        return (self.line.base, *self.line.commits)

    def ask(self, known: Known) -> tuple[Request, ...]:
        """Builds that are missing, else a round, or a process, of what is in question; () at the
        end, and where the ends do not differ.
        """
        survey = Survey(line=self.line, known=known)
        ends = self.line.sides(self.line.last)
        if unbuilt := unprepared(ends, known):
            return unbuilt
        if survey.ends is None:
            return ()
        if not (self.line.judge.is_over(survey.ends, known) and survey.is_sharp):
            return self._round(self.line.last, known)
        place = survey.question
        return () if place is None else self._asked(place, survey)

    def _asked(self, place: int, survey: Survey) -> tuple[Request, ...]:
        if unbuilt := unprepared(self.line.sides(place), survey.known):
            return unbuilt
        pair = survey.pair(place)
        if (
            pair
            and survey.count
            and survey.counted(pair.head) is None
            and not _ran(pair.head, survey)
        ):
            return (self._single(place, pair.head),)
        return self._round(place, survey.known)

    def _single(self, place: int, build: str) -> Measure:
        """One process, which counts."""
        return Measure(
            commit=self.line.commits[place],
            build=build,
            cell=self.line.cell,
            round=0,
            position=0,
            purpose=self.purpose,
            batch=self.purpose.key,
            samples=1,
        )

    def _round(self, place: int, known: Known) -> tuple[Request, ...]:
        sides = self.line.sides(place)
        return round_of(sides.pairs(known), sides, known, purpose=self.purpose, seed=self.seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """Asks for pairs of both ends until it is clear which cell changed most."""

    sides: Sides
    seed: int

    @property
    def purpose(self) -> Purpose:
        return self.sides.purpose(Aim.bisect)

    @property
    def asks_about(self) -> tuple[Commit, ...]:
        """All commits that may be asked for."""
        return self.sides.commits

    def ask(self, known: Known) -> tuple[Request, ...]:
        """As ``Compare``; () as soon as no open cell can have changed by more."""
        rows = self.sides.standing(known)
        most = changed_most(rows)
        if most and all(_stays_below(row, most) for row in rows):
            return ()
        return Compare(sides=self.sides, purpose=self.purpose, seed=self.seed).ask(known)


def _stays_below(row: Compared, most: Compared) -> bool:
    """Is it decided, or known to have changed by less?"""
    if row.verdict is None or most.verdict is None or row.verdict.outcome is not Outcome.unknown:
        return True
    return max(abs(row.verdict.low), abs(row.verdict.high)) < abs(most.verdict.effect)


def _ran(build: str, survey: Survey) -> bool:
    """Did it give values already, and not the count?"""
    return (build, survey.line.cell.key) in survey.known.processes
