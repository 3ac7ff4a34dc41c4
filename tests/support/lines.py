"""Lines of commits with planted changes, and an engine that makes their measurements up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import exp
from typing import Any

import numpy as np

from tests.support.duels import CELL, judge, process
from tests.support.pairs import NOISES
from tests.support.series import coordinate
from tests.support.values import PINNED, commit
from tracker.findings.line import Line, Survey
from tracker.model.measurements import Process, State
from tracker.model.requests import Ending, Known, Measure, MeasurePair, Prepare, Request
from tracker.statistics.arrays import Floats
from tracker.strategies.bisect import Bisect

TIME = coordinate()
COUNT = coordinate(metric="instructions", exact=True)


@dataclass(kw_only=True)
class World:
    """A base and commits after it; each is its own build unless ``builds`` says otherwise."""

    #: (commits + 1,) logarithms of the true times, from the base on
    levels: Floats
    noise: str = "lognormal"
    sd: float = 0.02
    seed: int = 1
    broken: frozenset[int] = frozenset()
    failing: frozenset[int] = frozenset()
    #: place -> the place whose build it has as well
    same: Mapping[int, int] = field(default_factory=dict)
    #: (commits + 1,) what one call executes; () where nothing is counted
    counts: Sequence[int] = ()
    #: place from which on another environment class is needed
    border: int | None = None
    known: Known = field(default_factory=Known)
    #: places that were built, and single processes, in order
    built: list[int] = field(default_factory=list)
    singles: int = 0
    pairs: int = 0

    def __post_init__(self) -> None:
        self.commits = tuple(commit(number) for number in range(len(self.levels)))
        self._places = {one.sha: place for place, one in enumerate(self.commits)}
        self._random = np.random.default_rng(self.seed)
        self._drawn: dict[tuple[int, int], Floats] = {}

    def line(self, **fields: Any) -> Line:
        base, *rest = self.commits
        values: dict[str, Any] = {"base": base, "commits": tuple(rest), "cell": CELL}
        return Line(**(values | {"judge": judge()} | fields))

    def search(self, line: Line | None = None, *, most: int = 10_000) -> Survey:
        """Drive a bisection to its end, or for so many answers of the engine."""
        line = line or self.line()
        strategy = Bisect(line=line, seed=1)
        while most and (requests := strategy.ask(self.known)):
            most -= 1
            for request in requests:
                self._fulfil(request)
        return Survey(line=line, known=self.known)

    def _fulfil(self, request: Request) -> None:
        match request:
            case Prepare():
                for one in request.commits:
                    self._build(self._places[one.sha])
            case Measure():
                self.singles += 1
                self._keep(request, 0.0)
            case MeasurePair():
                self.pairs += 1
                near, far = sorted(self._places[one.commit.sha] for one in request.both)
                if (near, far) not in self._drawn:
                    self._drawn[near, far] = NOISES[self.noise](60, self.sd, self._random)
                noise = self._drawn[near, far]
                for each in request.both:
                    side = int(self._places[each.commit.sha] == far)
                    self._keep(each, float(noise[side, each.round % 60]))

    def _build(self, place: int) -> None:
        self.built.append(place)
        name = f"b{self.same.get(place, place)}"
        after = self.border is not None and place >= self.border
        builds = () if place in self.broken else (name,)
        self.known = replace(
            self.known,
            builds={**self.known.builds, (self.commits[place].sha, PINNED): builds},
            classes={**self.known.classes, name: "new" if after else "old"},
        )

    def _keep(self, request: Measure, noise: float) -> None:
        place, target = self._places[request.commit.sha], (request.build, CELL.key)
        if place in self.failing:
            failed = {**self.known.failed, target: Ending(state=State.benchmark_failed)}
            self.known = replace(self.known, failed=failed)
            return
        readings = [(TIME, [1e-3 * exp(self.levels[place] + noise)])]
        if self.counts and request.round < 2:
            readings.append((COUNT, [self.counts[place]]))
        before: tuple[Process, ...] = self.known.processes.get(target, ())
        rounds = self.known.measured.get(target, frozenset())
        self.known = replace(
            self.known,
            processes={
                **self.known.processes,
                target: (*before, process(request.round, *readings)),
            },
            measured={**self.known.measured, target: rounds | {request.round}},
        )


def stepped(places: int, steps: Mapping[int, float]) -> Floats:
    """(places + 1,) levels of a base and so many commits; place -> relative change, lasting.

    Places count from 0 at the first commit after the base.
    """
    levels = np.zeros(places + 1)
    for place, change in steps.items():
        levels[place + 1 :] += np.log1p(change)
    return levels
