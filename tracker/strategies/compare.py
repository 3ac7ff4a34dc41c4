"""``compare A B``: paired rounds until every cell is decided."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tracker.findings.pairing import Pair, paired
from tracker.findings.sides import Sides
from tracker.model.commits import Commit
from tracker.model.purposes import Purpose
from tracker.model.requests import Known, Measure, MeasurePair, Prepare, Request
from tracker.statistics.allocation import levels, samples_a_process


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """Asks for both sides to be built, then for rounds of pairs of what is not decided yet.

    The two processes of a pair run one after the other in random order, so that they meet the
    same machine. A decided cell leaves the loop, so the last rounds are short. A cell that fails
    on a side is over. How many samples a process takes follows from what its first ones tell
    about the two levels of variance.
    """

    sides: Sides
    purpose: Purpose
    seed: int

    @property
    def asks_about(self) -> tuple[Commit, ...]:
        """All commits that may be asked for."""
        return self.sides.commits

    def ask(self, known: Known) -> tuple[Request, ...]:
        """The builds that are not known yet, else one round of all pairs that are not decided."""
        judge = self.sides.judge
        open_ones = [pair for pair in self.sides.pairs(known) if not judge.is_over(pair, known)]
        return unprepared(self.sides, known) or round_of(
            open_ones, self.sides, known, purpose=self.purpose, seed=self.seed
        )


def unprepared(sides: Sides, known: Known) -> tuple[Prepare, ...]:
    """What has to be built before the sides can be measured."""
    environments = dict.fromkeys(cell.environment for cell in sides.cells)
    return tuple(
        Prepare(environment=environment, commits=missing)
        for environment in environments
        if (missing := tuple(c for c in sides.commits if (c.sha, environment) not in known.builds))
    )


def round_of(
    pairs: Sequence[Pair], sides: Sides, known: Known, *, purpose: Purpose, seed: int
) -> tuple[MeasurePair, ...]:
    """Each pair once, in random order, and its sides in random order."""
    numbers = [_next_round(pair, known) for pair in pairs]
    dice = random.Random(f"{seed} {purpose.key} {sum(numbers)}")  # noqa: S311  order, not secrecy
    in_order = list(zip(pairs, numbers, strict=True))
    dice.shuffle(in_order)
    return tuple(
        _asked(pair, number, place, sides, known, purpose=purpose, swapped=dice.random() < 0.5)
        for place, (pair, number) in enumerate(in_order)
    )


def _asked(
    pair: Pair,
    number: int,
    place: int,
    sides: Sides,
    known: Known,
    *,
    purpose: Purpose,
    swapped: bool,
) -> MeasurePair:
    policy = sides.judge.policy
    both = [(sides.base, pair.base), (sides.head, pair.head)]
    first, second = (
        Measure(
            commit=commit,
            build=build,
            cell=pair.cell,
            round=number,
            position=2 * place + behind,
            purpose=purpose,
            batch=purpose.key,
            samples=_turns(pair, known) or policy.turns,
            sample_seconds=policy.turn_seconds,
            counting=sides.judge.is_counted(pair, known),
        )
        for behind, (commit, build) in enumerate(reversed(both) if swapped else both)
    )
    return MeasurePair(first=first, second=second)


def _next_round(pair: Pair, known: Known) -> int:
    """The first round that neither side has: half a pair that a kill left is no pair."""
    rounds = (known.measured.get(target, frozenset()) for target in pair.targets)
    return 1 + max((max(one, default=-1) for one in rounds), default=-1)


def _turns(pair: Pair, known: Known) -> int:
    """As many turns as pay, once there are pairs to tell; 0 before."""
    told = [one for one in paired(pair, known) if one.ratios.size > 1]
    found = levels([one.ratios for one in told])
    if found is None:
        return 0
    turn = float(np.median([one.seconds_a_turn for one in told]))
    whole = float(np.median([one.seconds for one in told]))
    size = float(np.median([one.ratios.size for one in told]))
    return samples_a_process(found, start=max(whole - size * turn, 0.0), sample=turn)
