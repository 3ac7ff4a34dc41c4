"""``calibrate``: a build against itself."""

from __future__ import annotations

import random
from dataclasses import dataclass

from tracker.config.settings import PolicySettings
from tracker.model.cells import Cell
from tracker.model.commits import Commit
from tracker.model.purposes import Purpose
from tracker.model.requests import Known, Measure, MeasurePair, Prepare, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrate:
    """Asks for so many rounds of pairs in which both processes are of the same build.

    The processes of a pair have the rounds ``2 n`` and ``2 n + 1``.
    """

    commit: Commit
    cells: tuple[Cell, ...]
    purpose: Purpose
    policy: PolicySettings

    @property
    def asks_about(self) -> tuple[Commit, ...]:
        """All commits that may be asked for."""
        return (self.commit,)

    def ask(self, known: Known) -> tuple[Request, ...]:
        """The build, if it is not known yet; else the next round of what lacks any."""
        environments = dict.fromkeys(cell.environment for cell in self.cells)
        missing = [one for one in environments if (self.commit.sha, one) not in known.builds]
        if missing:
            return tuple(Prepare(environment=one, commits=(self.commit,)) for one in missing)
        return self._round(known)

    def progress(self, known: Known) -> tuple[int, int]:
        """Processes done, and processes in all."""
        targets = [(build, cell.key) for build, cell in self._targets(known)]
        each = 2 * self.policy.rounds
        done = sum(min(each, len(known.measured.get(target, ()))) for target in targets)
        return done, each * len(targets)

    def _targets(self, known: Known) -> list[tuple[str, Cell]]:
        return [
            (builds[-1], cell)
            for cell in self.cells
            if (builds := known.builds.get((self.commit.sha, cell.environment), ()))
            and (builds[-1], cell.key) not in known.failed
        ]

    def _round(self, known: Known) -> tuple[MeasurePair, ...]:
        numbers = {
            (build, cell): _next_pair(known.measured.get((build, cell.key), frozenset()))
            for build, cell in self._targets(known)
        }
        lacking = [target for target, number in numbers.items() if number < self.policy.rounds]
        if not lacking:
            return ()
        lowest = min(numbers[target] for target in lacking)
        block = [target for target in lacking if numbers[target] == lowest]
        dice = random.Random(f"{self.policy.seed} {self.purpose.key} {lowest}")  # noqa: S311  order, not secrecy
        dice.shuffle(block)
        return tuple(self._pair(*target, lowest, place) for place, target in enumerate(block))

    def _pair(self, build: str, cell: Cell, number: int, place: int) -> MeasurePair:
        first, second = (
            Measure(
                commit=self.commit,
                build=build,
                cell=cell,
                round=2 * number + side,
                position=2 * place + side,
                purpose=self.purpose,
                batch=self.purpose.key,
                samples=self.policy.turns,
                sample_seconds=self.policy.turn_seconds,
            )
            for side in (0, 1)
        )
        return MeasurePair(first=first, second=second)


def _next_pair(rounds: frozenset[int]) -> int:
    """The first pair of which nothing is there: half a pair that a kill left is no pair."""
    return 1 + max((number // 2 for number in rounds), default=-1)
