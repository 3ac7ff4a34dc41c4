"""``run``: every commit of a range, in randomized interleaved rounds."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tracker.config.settings import PolicySettings
from tracker.model.cells import Cell, EnvironmentRequest
from tracker.model.commits import Commit
from tracker.model.purposes import HISTORY, Aim, Purpose
from tracker.model.requests import Known, Measure, MeasureTogether, Prepare, Request
from tracker.model.suites import Kind

#: build and cell key
Target = tuple[str, str]


class _Lacking(NamedTuple):
    """A process that is not there yet."""

    round: int
    commit: Commit
    build: str
    cell: Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """Asks for a batch of commits to be built, then for its rounds, then for the next batch.

    A round holds each missing (build, cell) of the batch once, in a fresh random order,
    so that whatever drifts hits all commits alike (randomized complete blocks). The
    reference commit takes part in each round. Where processes were too noisy, as many more
    are asked for, within limits, and with more work in each sample. Nothing is remembered
    between calls: the same store gives the same request.
    """

    #: oldest first
    commits: tuple[Commit, ...]
    cells: tuple[Cell, ...]
    #: processes a cell at a build
    processes: int
    #: processes more, at most, where so many were too noisy
    noisy_processes: int
    #: seconds that their samples last at least
    noisy_seconds: float
    #: commits whose rounds are interleaved
    batch_commits: int
    seed: int
    #: runs beside the others, and what for
    reference: Commit | None = None
    chart: Purpose = HISTORY

    @classmethod
    def of(
        cls,
        commits: tuple[Commit, ...],
        cells: tuple[Cell, ...],
        policy: PolicySettings,
        *,
        reference: Commit | None = None,
        run: str = "",
    ) -> Walk:
        """The walk that a policy means, with its control chart kept under the run's name."""
        return cls(
            commits=commits,
            cells=cells,
            processes=policy.processes,
            noisy_processes=policy.noisy_processes,
            noisy_seconds=policy.noisy_stretch * policy.sample_seconds,
            batch_commits=policy.batch_commits,
            seed=policy.seed,
            reference=reference,
            chart=Purpose(aim=Aim.reference, key=run),
        )

    @property
    def purpose(self) -> Purpose:
        return HISTORY

    @property
    def asks_about(self) -> tuple[Commit, ...]:
        """All commits that may be asked for."""
        return self._with_reference(self.commits)

    def ask(self, known: Known) -> tuple[Request, ...]:
        """The next requests: builds that are not known yet, else one round; empty when done."""
        for batch in self._batches():
            if block := self._block(batch, known):
                missing = self._unprepared(self._with_reference(()), known)
                return missing or self._round(batch, block, known)
            if requests := self._unprepared(batch, known):
                return requests
        return ()

    def progress(self, known: Known) -> tuple[int, int]:
        """Processes done and processes in all, as far as builds are known."""
        done = total = 0
        for _, cell, target in self._targets(self.commits, known):
            wanted = self._wanted(cell, target, known)
            total += wanted
            measured = len(known.measured.get(target, ()))
            done += wanted if target in known.failed else min(wanted, measured)
        unbuilt = sum(
            len(prepare.commits)
            * sum(cell.environment == prepare.environment for cell in self.cells)
            for prepare in self._unprepared(self.commits, known)
        )
        return done, total + unbuilt * self.processes

    def _batches(self) -> Iterator[Sequence[Commit]]:
        for start in range(0, len(self.commits), self.batch_commits):
            yield self.commits[start : start + self.batch_commits]

    def _with_reference(self, commits: tuple[Commit, ...]) -> tuple[Commit, ...]:
        known = {commit.sha for commit in commits}
        return (
            commits
            if not self.reference or self.reference.sha in known
            else (
                self.reference,
                *commits,
            )
        )

    def _unprepared(self, batch: Sequence[Commit], known: Known) -> tuple[Prepare, ...]:
        return tuple(
            Prepare(environment=environment, commits=missing)
            for environment in self._environments()
            if (missing := tuple(c for c in batch if (c.sha, environment) not in known.builds))
        )

    def _wanted(self, cell: Cell, target: Target, known: Known) -> int:
        """Processes of a cell at a build; a busy machine makes no answer wrong."""
        if cell.kind is Kind.quality:
            return self.processes
        return self.processes + min(known.noisy.get(target, 0), self.noisy_processes)

    def _block(self, batch: Sequence[Commit], known: Known) -> list[_Lacking]:
        """All that lacks the lowest round that anything of the batch lacks."""
        if self._unprepared(batch, known):
            return []
        lacking = [
            _Lacking(number, commit, target[0], cell)
            for commit, cell, target in self._targets(batch, known)
            if target not in known.failed
            for number in range(self._wanted(cell, target, known))
            if number not in known.measured.get(target, ())
        ]
        lowest = min((one.round for one in lacking), default=0)
        return [one for one in lacking if one.round == lowest]

    def _round(
        self, batch: Sequence[Commit], block: list[_Lacking], known: Known
    ) -> tuple[Request, ...]:
        number = block[0].round
        beside = [
            _Lacking(number, self.reference, build, cell)
            for cell in dict.fromkeys(one.cell for one in block)
            if self.reference and cell.kind is not Kind.quality
            for build in known.builds.get((self.reference.sha, cell.environment), ())
        ]
        both = [(HISTORY, one) for one in block] + [(self.chart, one) for one in beside]
        random.Random(f"{self.seed} {batch[0].sha} {number}").shuffle(both)  # noqa: S311  order, not secrecy
        return _with_one_start(
            Measure(
                commit=one.commit,
                build=one.build,
                cell=one.cell,
                round=number,
                position=position,
                purpose=purpose,
                batch=batch[0].short,
                sample_seconds=0.0 if number < self.processes else self.noisy_seconds,
            )
            for position, (purpose, one) in enumerate(both)
        )

    def _targets(
        self, batch: Sequence[Commit], known: Known
    ) -> Iterator[tuple[Commit, Cell, Target]]:
        """Each (build, cell key) of the batch once: commits with the same content share its cost.

        With the first commit that installs the build, and the cell.
        """
        seen = set()
        keys = [(cell, cell.key) for cell in self.cells]
        for commit in batch:
            for cell, key in keys:
                for build in known.builds.get((commit.sha, cell.environment), ()):
                    target = build, key
                    if target not in seen:
                        seen.add(target)
                        yield commit, cell, target

    def _environments(self) -> tuple[EnvironmentRequest, ...]:
        return tuple(dict.fromkeys(cell.environment for cell in self.cells))


def _with_one_start(requests: Iterable[Measure]) -> tuple[Request, ...]:
    """What may share its start is asked for together, where the first of it stands.

    One that is left is forked too: a process that began otherwise has another peak of memory.
    """
    groups: dict[object, list[Measure]] = {}
    for one in requests:
        start = (one.build, one.purpose) if one.cell.shares_start else one.unit
        groups.setdefault(start, []).append(one)
    return tuple(
        MeasureTogether(members=tuple(group)) if group[0].cell.shares_start else group[0]
        for group in groups.values()
    )
