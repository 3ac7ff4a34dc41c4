"""The verdict on two builds of one cell, from what their processes gave. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import inf, isfinite

import numpy as np

from tracker.config.settings import PolicySettings
from tracker.findings.beside import (
    Key,
    differences,
    level_of,
    metrics_of,
    ran_of,
    readings_of,
    series_of,
)
from tracker.findings.judging import is_unchanged, outcome, smallest_exact
from tracker.findings.pairing import Pair, common_rounds, failed, is_unsupported, sides_of
from tracker.findings.samples import Scale
from tracker.model.cells import NOT_APPLICABLE, Cell, Coordinate
from tracker.model.comparisons import Compared
from tracker.model.findings import Outcome, Verdict
from tracker.model.measurements import Process, Reading
from tracker.model.requests import Known
from tracker.model.suites import Direction, Kind, Suite
from tracker.statistics import decision
from tracker.statistics.arrays import Floats
from tracker.statistics.decision import Rules
from tracker.statistics.evidence import Evidence, weigh

#: (cell key, metric) -> standard deviation of the logarithms of its processes' values
Scales = Mapping[tuple[str, str], float]

#: places of a shift that are more than what its grid is made of
_PLACES = 6
#: processes a side that agree on a count before it is taken for exact
_AGREEING = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """How pairs are judged: by the policy, by what is known of each cell's noise."""

    policy: PolicySettings
    #: the metric that each benchmark exists for: it decides when its cell is done
    mains: Mapping[str, str] = field(hash=False)
    scales: Scales = field(hash=False)
    #: is there a look after every round, or is this the only one?
    sequential: bool
    #: cells that are asked the same at once
    cells: int

    @classmethod
    def of(
        cls, suite: Suite, policy: PolicySettings, *, scales: Scales, sequential: bool, cells: int
    ) -> Judge:
        """The judge of cells of a suite."""
        mains = {benchmark.name: benchmark.metric for benchmark in suite.benchmarks}
        return cls(policy=policy, mains=mains, scales=scales, sequential=sequential, cells=cells)

    def compared(self, pair: Pair, known: Known) -> tuple[Compared, ...]:
        """Every metric of the cell, the main one first; one row where a side failed."""
        sides = sides_of(pair, known)
        main = self._main(pair.cell, sides)
        if reason := failed(pair, known):
            skipped = all(is_unsupported(target, known) for target in pair.targets)
            # the benchmark's own wish
            return () if skipped else (self._failure(pair.cell, main, sides, reason),)
        metrics = dict.fromkeys(name for side in sides for name in metrics_of(side))
        if not metrics:
            return (self.without(pair.cell, "not measured"),)
        ordered = sorted(metrics, key=lambda metric: (metric != main, metric))
        return tuple(self._metric(pair.cell, metric, *sides) for metric in ordered)

    def without(self, cell: Cell, reason: str) -> Compared:
        """The row of a cell that neither side gave values of."""
        return self._row(cell, None, {}, {}, reason=reason)

    def main(self, pair: Pair, known: Known) -> Compared | None:
        """The row that decides when the cell is done; None before there is anything."""
        sides = sides_of(pair, known)
        main = self._main(pair.cell, sides)
        if reason := failed(pair, known):
            return self._failure(pair.cell, main, sides, reason)
        return self._metric(pair.cell, main, *sides) if main else None

    def evidence(self, pair: Pair, known: Known) -> Evidence | None:
        """What the pairs say of the main metric's shift; None before there are any."""
        main, ran = self._ran(pair, known)
        return self._evidence(pair.cell, main, ran, _scale(ran)) if ran else None

    def is_over(self, pair: Pair, known: Known) -> bool:
        """Is there nothing more to learn about the cell, or nothing more to be spent on it?"""
        row = self.main(pair, known)
        if row is None:
            return False
        if row.verdict is None:
            # it failed, or both sides gave values and only one of them of this metric
            return bool(failed(pair, known)) or all(sides_of(pair, known))
        if row.verdict.outcome is not Outcome.unknown:
            return True
        return len(common_rounds(pair, known)) >= self.policy.rounds or self._is_futile(pair, known)

    def _is_futile(self, pair: Pair, known: Known) -> bool:
        main, ran = self._ran(pair, known)
        if not ran:
            return False
        scale = _scale(ran)
        evidence = self._evidence(pair.cell, main, ran, scale)
        rules = self._rules(pair.cell, main, scale)
        return decision.is_futile(evidence, rules, self.policy.rounds)

    def _ran(self, pair: Pair, known: Known) -> tuple[str, tuple[tuple[float, float], ...]]:
        """The main metric, and its values in each round in which both sides ran."""
        sides = sides_of(pair, known)
        main = self._main(pair.cell, sides)
        return main, ran_of(*(readings_of(side, main) for side in sides))

    def is_counted(self, pair: Pair, known: Known) -> bool:
        """Is the main metric one that only a process gives which is told to count?

        The first processes of a cell count; where the newest pair did not, the next one has to.
        """
        rounds = common_rounds(pair, known)
        row = self.main(pair, known) if rounds else None
        return row is not None and row.verdict is not None and row.rounds < len(rounds)

    def _main(self, cell: Cell, sides: Sequence[Sequence[Process]]) -> str:
        """The metric that decides; the first one where a suite's own is not measured."""
        found = dict.fromkeys(name for side in sides for name in metrics_of(side))
        wanted = self.mains.get(cell.benchmark, "")
        return wanted if wanted in found else next(iter(found), "")

    def _failure(
        self, cell: Cell, main: str, sides: Sequence[Sequence[Process]], reason: str
    ) -> Compared:
        ours, theirs = (readings_of(side, main) for side in sides)
        told = next((reading.coordinate for reading in (ours or theirs).values()), None)
        return self._row(cell, told, ours, theirs, reason=reason)

    def _metric(
        self, cell: Cell, metric: str, base: Sequence[Process], head: Sequence[Process]
    ) -> Compared:
        ours, theirs = (readings_of(side, metric) for side in (base, head))
        if not (ours and theirs):
            where = "base" if ours else "head"
            coordinate = next(iter((ours or theirs).values())).coordinate
            return self._row(cell, coordinate, ours, theirs, reason=f"only at the {where}")
        coordinate = next(iter(theirs.values())).coordinate
        if apart := differences(next(iter(ours.values())).coordinate, coordinate):
            return self._row(cell, coordinate, ours, theirs, reason=apart)
        is_exact = coordinate.exact or coordinate.is_quality
        if is_exact and (verdict := self._exact(coordinate, ours, theirs)):
            return self._row(cell, coordinate, ours, theirs, verdict=verdict, exact=True)
        pairs = ran_of(ours, theirs)
        verdict = self._noisy(coordinate, cell, pairs)
        row = self._row(
            cell,
            coordinate,
            ours,
            theirs,
            verdict=verdict,
            rounds=len(pairs),
            reason="" if pairs else "never measured side by side",
        )
        if row.base is None or not pairs:
            return row
        # as it would be beside the base's level: the two need not have been in luck alike
        moved = _scale(pairs).moved(row.base, verdict.effect)
        return replace(row, head=moved) if isfinite(moved) else row

    def _exact(self, coordinate: Coordinate, *sides: Mapping[Key, Reading]) -> Verdict | None:
        """The verdict on a count or a quality; None where processes of a side disagree, or too few
        told.
        """
        told = [{reading.value for reading in side.values()} for side in sides]
        if any(len(values) > 1 for values in told):
            return None
        counting = _AGREEING if coordinate.is_quality else self.policy.count_processes
        if min(map(len, sides)) < min(_AGREEING, counting):
            return None
        (old,), (new,) = told
        effect = 0.0 if old == new else (new - old) / abs(old or new)
        # which change is worth a word is the policy's to say, not noise's
        smallest = smallest_exact(coordinate, old, self.policy)
        if coordinate.is_quality:
            small = is_unchanged(coordinate, old, new, self.policy)
        else:
            small = abs(effect) < smallest
        return Verdict(
            outcome=Outcome.same if small else outcome(coordinate.direction, effect),
            effect=effect,
            low=effect,
            high=effect,
            mde=smallest,
            p=1.0 if old == new else 0.0,
        )

    def _noisy(
        self, coordinate: Coordinate, cell: Cell, pairs: tuple[tuple[float, float], ...]
    ) -> Verdict:
        if not pairs:
            return Verdict(outcome=Outcome.unknown, effect=0.0, low=-inf, high=inf, mde=inf, p=1.0)
        scale = _scale(pairs)
        rules = self._rules(cell, coordinate.metric, scale)
        evidence = self._evidence(cell, coordinate.metric, pairs, scale)
        return Verdict(
            outcome=_answer(evidence, rules, coordinate.direction),
            effect=scale.effect(round(evidence.shift, _PLACES) + 0.0),
            low=scale.effect(evidence.low),
            high=scale.effect(evidence.high),
            mde=scale.effect(decision.smallest_seen(evidence, rules)),
            p=float(min(1.0, np.exp(-max(evidence.log_factor, 0.0)))),
        )

    def _evidence(
        self, cell: Cell, metric: str, pairs: tuple[tuple[float, float], ...], scale: Scale
    ) -> Evidence:
        known = self.scales.get((cell.key, metric)) if scale.logarithmic else None
        practical, _ = self._worth(cell, metric, scale)
        return _weighed(pairs, scale, scale.step(practical), known)

    def _worth(self, cell: Cell, metric: str, scale: Scale) -> tuple[float, float]:
        """Relative changes: the smallest that is one, and below which sides are the same.

        For a quality both come from its tolerance, in the proportion that timings have by default.
        """
        if cell.kind is not Kind.quality:
            return self.policy.practical, self.policy.band
        tolerated = self.policy.quality.tolerance(metric).margin(scale.unit) / scale.unit
        return tolerated, 2 * tolerated

    def _rules(self, cell: Cell, metric: str, scale: Scale) -> Rules:
        practical, band = self._worth(cell, metric, scale)
        return Rules(
            practical=scale.step(practical),
            band=scale.step(band),
            sequential=self.sequential,
            cells=self.cells,
        )

    def _row(
        self,
        cell: Cell,
        coordinate: Coordinate | None,
        ours: Mapping[Key, Reading],
        theirs: Mapping[Key, Reading],
        *,
        verdict: Verdict | None = None,
        rounds: int = 0,
        exact: bool = False,
        reason: str = "",
    ) -> Compared:
        return Compared(
            cell=cell,
            metric=coordinate.metric if coordinate else self.mains.get(cell.benchmark, ""),
            unit=coordinate.unit if coordinate else "",
            direction=coordinate.direction if coordinate else Direction.none,
            exact=exact,
            base_series=series_of(ours),
            head_series=series_of(theirs),
            verdict=verdict,
            base=level_of(ours),
            head=level_of(theirs),
            rounds=rounds,
            reason=reason,
            kind=coordinate.kind if coordinate else cell.kind,
            dataset=coordinate.dataset if coordinate else NOT_APPLICABLE,
        )


def _scale(pairs: tuple[tuple[float, float], ...]) -> Scale:
    return Scale.fitting(np.array(pairs, dtype=np.float64).ravel())


@lru_cache(maxsize=8192)
def _weighed(
    pairs: tuple[tuple[float, float], ...], scale: Scale, practical: float, known: float | None
) -> Evidence:
    """Asked again after every round, also of cells that had none."""
    values: Floats = np.array(pairs, dtype=np.float64)
    base, head = scale.of_values(values).T
    return weigh(base, head, practical=practical, scale=known)


def _answer(evidence: Evidence, rules: Rules, direction: Direction) -> Outcome:
    if decision.is_changed(evidence, rules):
        return outcome(direction, evidence.shift)
    return Outcome.same if decision.is_same(evidence, rules) else Outcome.unknown
