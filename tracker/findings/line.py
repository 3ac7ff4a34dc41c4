"""A line of commits along which one cell changed, and what is known of each of them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from math import hypot, log1p
from typing import NamedTuple

import numpy as np

from tracker.findings.pairing import Pair
from tracker.findings.pairs import Judge
from tracker.findings.sides import Sides
from tracker.model.cells import Cell
from tracker.model.commits import Commit
from tracker.model.comparisons import Compared
from tracker.model.findings import Outcome
from tracker.model.purposes import Aim, Purpose
from tracker.model.requests import Known
from tracker.statistics import search
from tracker.statistics.arrays import Floats

#: probability that a place must have to be named
SURE = 0.99
#: log odds at which the next commit is asked; where it was too little, this one is asked again
_ENOUGH = 4.6
#: log odds of what is certain
_CERTAIN = 20.0
#: pairs before which nothing is believed: with fewer, modes of the noise pass for levels
_FEWEST = 5
#: standard error of the step, as a share of it, up to which half of it tells its sides apart
_SHARP = 0.1
#: pairs before which that error is not known itself
_KNOWN = 10
#: rounds that a commit may be asked, of those of a comparison: what lies beside the border takes
#: long to tell
_PATIENCE = 1.5
#: a count moves with the timing when its change is so much of that, both as logarithms
_ALIKE = (0.5, 2.0)
#: standard errors from which on a part of the line may hold another change
_SUSPECT = 3.0

#: metric -> build -> the count on which all its processes agree
Counts = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Commits in their order, one of which is looked for: the one that changed a cell."""

    base: Commit
    #: after the base, oldest first; the last is the other end
    commits: tuple[Commit, ...]
    cell: Cell
    judge: Judge
    #: may two commits be compared that run in two environment classes?
    across: bool = False
    #: may counts answer?
    by_counts: bool = True
    #: what histories know of counts
    counts: Counts = field(default_factory=dict, hash=False)
    #: (commits,) how likely each is, before anything is asked; () where nothing is known
    prior: tuple[float, ...] = ()

    @property
    def last(self) -> int:
        """The place of the other end."""
        return len(self.commits) - 1

    @property
    def purpose(self) -> Purpose:
        return self.sides(self.last).purpose(Aim.bisect)

    def sides(self, place: int) -> Sides:
        """The base, and the commit at a place."""
        return Sides(
            base=self.base,
            head=self.commits[place],
            cells=(self.cell,),
            judge=self.judge,
            across=self.across,
        )


class Answer(NamedTuple):
    """What a commit says when it is asked whether the change is at or before it."""

    log_odds: float
    #: pairs of processes behind it; None where it is certain: by a count, by what is installed
    rounds: int | None

    @property
    def is_believed(self) -> bool:
        """Is it good enough to go on?"""
        return self.rounds is None or (self.rounds >= _FEWEST and abs(self.log_odds) >= _ENOUGH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """Where a change lies."""

    #: places of the first and the last commit that may have brought it: the same, unless those in
    #: between cannot be asked, or asking told too little
    first: int
    last: int
    #: probability that it is among them
    chance: float
    #: may there be another change in the part before them, or after?
    before: bool
    after: bool
    #: the exact metric that told; "": timings did
    count: str


@dataclass(frozen=True, kw_only=True)
class Survey:
    """A line, and what is known of it at one moment."""

    line: Line
    known: Known

    # the ends ---------------------------------------------------------------------------

    @cached_property
    def ends(self) -> Pair | None:
        """The builds of both ends; None where they are not built, the same, or not comparable."""
        return self.pair(self.line.last)

    @cached_property
    def row(self) -> Compared | None:
        """What the ends are to each other."""
        return self.line.judge.main(self.ends, self.known) if self.ends else None

    @cached_property
    def step(self) -> float:
        """The shift from end to end, relative; 0 while it is not known that there is one."""
        verdict = self.row.verdict if self.row else None
        if self.ends is None or verdict is None or verdict.outcome not in _CHANGED:
            return 0.0
        evidence = self.line.judge.evidence(self.ends, self.known)
        return evidence.shift if evidence and not self._is_exact else verdict.effect

    @property
    def is_sharp(self) -> bool:
        """Is the step known well enough to tell by half of it on which side a commit is?

        A change is often seen before its size is known: half of a step that was taken for too
        small lies close to the near side.
        """
        if self.ends is None or not self.step or self.count or self._is_exact:
            return True
        evidence = self.line.judge.evidence(self.ends, self.known)
        most = self.line.judge.policy.rounds
        return (
            evidence is None
            or evidence.rounds >= most
            or (evidence.rounds >= _KNOWN and evidence.error <= _SHARP * abs(evidence.shift))
        )

    @cached_property
    def count(self) -> str:
        """The exact metric that tells the ends apart as the main one does; "": none."""
        if self.ends is None or not self.step or not self.line.by_counts:
            return ""
        main, *others = self.line.judge.compared(self.ends, self.known)
        return main.metric if main.exact else next(_moving_with(main, others), "")

    @property
    def _is_exact(self) -> bool:
        return self.row is not None and self.row.exact

    # answers ----------------------------------------------------------------------------

    @cached_property
    def answers(self) -> Mapping[int, Answer]:
        """What the commits that were asked say, by place."""
        places = range(len(self.line.commits))
        told = {place: self._answer(place) for place in places} if self.step else {}
        return {place: answer for place, answer in told.items() if answer}

    @cached_property
    def unseen(self) -> tuple[bool, ...]:
        """(commits,) those that do not build, do not run, or run in another environment."""
        return tuple(self._is_unseen(place) for place in range(len(self.line.commits)))

    @cached_property
    def likely(self) -> Floats:
        """(commits,) probability that each is the one."""
        odds = {place: answer.log_odds for place, answer in self.answers.items()}
        return search.chances(self._prior(), odds)

    @cached_property
    def question(self) -> int | None:
        """The place to ask next; None when there is nothing to be learned."""
        most = _PATIENCE * self.line.judge.policy.rounds
        spent = {
            place
            for place, answer in self.answers.items()
            if answer.rounds is None or answer.rounds >= most
        }
        for place, answer in self.answers.items():
            if place not in spent and not answer.is_believed:
                return place
        if not self.step or search.narrowest(self.likely, SURE, self.unseen):
            return None
        askable = [at for at, unseen in enumerate(self.unseen) if not unseen and at not in spent]
        return search.best_question(self.likely, askable)

    @cached_property
    def located(self) -> Located | None:
        """Where the change lies, as far as that is known; None where the ends do not differ."""
        if not self.step:
            return None
        first, last = search.narrowest(self.likely, SURE, self.unseen) or search.central(
            self.likely, SURE
        )
        return Located(
            first=first,
            last=last,
            chance=float(min(1.0, self.likely[first : last + 1].sum())),
            before=first > 0 and self._may_differ(None, first - 1),
            after=last < self.line.last and self._may_differ(last, self.line.last),
            count=self.count,
        )

    def pair(self, place: int) -> Pair | None:
        """The builds of the base and of a place; None where there are none to be compared."""
        return next(iter(self.line.sides(place).pairs(self.known)), None)

    def _answer(self, place: int) -> Answer | None:
        if place == self.line.last:
            return Answer(_CERTAIN, None)
        if self.line.sides(place).identical(self.known):
            return Answer(-_CERTAIN, None)
        pair = self.pair(place)
        if pair is None or (pair.head, self.line.cell.key) in self.known.failed:
            return None
        if self.count and (share := self._share(pair)) is not None:
            return Answer(_CERTAIN if share >= 0.5 else -_CERTAIN, None)
        evidence = self.line.judge.evidence(pair, self.known)
        if evidence is None:
            return None
        enough = evidence.rounds >= _FEWEST
        return Answer(search.log_odds(evidence, self.step) if enough else 0.0, evidence.rounds)

    def _is_unseen(self, place: int) -> bool:
        commit, cell = self.line.commits[place], self.line.cell
        if (commit.sha, cell.environment) not in self.known.builds:
            return False
        if self.line.sides(place).identical(self.known):
            return False
        pair = self.pair(place)
        return pair is None or (pair.head, cell.key) in self.known.failed

    def _prior(self) -> Floats:
        """A commit that installs what the one before it installs changed nothing."""
        size = len(self.line.commits)
        prior = np.array(self.line.prior or np.full(size, 1 / size))
        builds = [
            self.known.builds.get((commit.sha, self.line.cell.environment), ())
            for commit in (self.line.base, *self.line.commits)
        ]
        prior[[bool(one) and one == other for one, other in pairwise(builds)]] = 0.0
        return prior if prior.any() else np.full(size, 1 / size)

    # counts and shifts ------------------------------------------------------------------

    def counted(self, build: str) -> float | None:
        """The count of a build; None where it is not known."""
        for process in self.known.processes.get((build, self.line.cell.key), ()):
            for reading in process.readings:
                if reading.coordinate.metric == self.count:
                    return reading.value
        return self.line.counts.get(self.count, {}).get(build)

    def _share(self, pair: Pair) -> float | None:
        """How far a build is from the base's count to that of the other end."""
        if self.ends is None:
            return None
        base, here, far = map(self.counted, (*pair.builds, self.ends.head))
        if base is None or here is None or far is None or far == base:
            return None
        return (here - base) / (far - base)

    def _may_differ(self, one: int | None, other: int) -> bool:
        """May there be a change between two places that were asked? None is the base."""
        shifts = [self._shift(place) for place in (one, other)]
        if None in shifts:
            return False
        (a, error), (b, other_error) = (shift for shift in shifts if shift)
        worth = log1p(self.line.judge.policy.practical)
        return abs(b - a) > max(_SUSPECT * hypot(error, other_error), worth)

    def _shift(self, place: int | None) -> tuple[float, float] | None:
        """The shift from the base, relative, and its error; None where it was not asked."""
        if place is None or self.line.sides(place).identical(self.known):
            return 0.0, 0.0
        pair = self.pair(place)
        if pair is None:
            return None
        if self.count:
            base, here = map(self.counted, pair.builds)
            return None if base is None or here is None else ((here - base) / abs(base or 1.0), 0.0)
        evidence = self.line.judge.evidence(pair, self.known)
        return (evidence.shift, evidence.error) if evidence else None


def changed_most(rows: Sequence[Compared]) -> Compared | None:
    """The row to follow: the one that got slower by most, else faster; None where none changed."""
    for outcome in _CHANGED:
        changed = [row for row in rows if row.verdict and row.verdict.outcome is outcome]
        if changed:
            return max(changed, key=lambda row: row.size)
    return None


_CHANGED = (Outcome.slower, Outcome.faster)


def _moving_with(main: Compared, others: list[Compared]) -> Iterator[str]:
    """Exact metrics that change with the main one, and about as much."""
    least, most = _ALIKE
    for row in others:
        if row.exact and row.verdict and main.verdict and main.verdict.effect > -1:
            share = log1p(max(row.verdict.effect, -0.999)) / log1p(main.verdict.effect)
            if least <= share <= most:
                yield row.metric
