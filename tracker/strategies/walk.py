"""``run``: every commit of a range, in randomized interleaved rounds."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracker.config.settings import PolicySettings
from tracker.model.cells import Cell, EnvironmentRequest
from tracker.model.commits import Commit
from tracker.model.requests import Known, Measure, Prepare, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """Asks for a batch of commits to be built, then for its rounds, then for the next batch.

    A round holds each missing (build, cell) of the batch once, in a fresh random order,
    so that whatever drifts hits all commits alike (randomized complete blocks). Nothing
    is remembered between calls: the same store gives the same request.
    """

    #: oldest first
    commits: tuple[Commit, ...]
    cells: tuple[Cell, ...]
    #: processes a cell at a build
    processes: int
    #: commits whose rounds are interleaved
    batch_commits: int
    seed: int

    @classmethod
    def of(
        cls, commits: tuple[Commit, ...], cells: tuple[Cell, ...], policy: PolicySettings
    ) -> Walk:
        """The walk that a policy means."""
        return cls(
            commits=commits,
            cells=cells,
            processes=policy.processes,
            batch_commits=policy.batch_commits,
            seed=policy.seed,
        )

    def ask(self, known: Known) -> tuple[Request, ...]:
        """The next requests: builds that are not known yet, else one round; empty when done."""
        for batch in self._batches():
            if requests := self._unprepared(batch, known) or self._round(batch, known):
                return requests
        return ()

    def progress(self, known: Known) -> tuple[int, int]:
        """Processes done and processes in all, as far as builds are known."""
        targets = [target for *_, target in self._targets(self.commits, known)]
        done = sum(
            self.processes
            if target in known.failed
            else min(self.processes, len(known.measured.get(target, ())))
            for target in targets
        )
        unbuilt = sum(
            len(prepare.commits)
            * sum(cell.environment == prepare.environment for cell in self.cells)
            for prepare in self._unprepared(self.commits, known)
        )
        return done, (len(targets) + unbuilt) * self.processes

    def _batches(self) -> Iterator[Sequence[Commit]]:
        for start in range(0, len(self.commits), self.batch_commits):
            yield self.commits[start : start + self.batch_commits]

    def _unprepared(self, batch: Sequence[Commit], known: Known) -> tuple[Prepare, ...]:
        return tuple(
            Prepare(environment=environment, commits=missing)
            for environment in self._environments()
            if (missing := tuple(c for c in batch if (c.sha, environment) not in known.builds))
        )

    def _round(self, batch: Sequence[Commit], known: Known) -> tuple[Measure, ...]:
        """The lowest round that lacks anything, of all that lack it."""
        lacking = [
            (number, commit, target[0], cell)
            for commit, cell, target in self._targets(batch, known)
            if target not in known.failed
            for number in range(self.processes)
            if number not in known.measured.get(target, ())
        ]
        if not lacking:
            return ()
        lowest = min(number for number, *_ in lacking)
        block = [one for one in lacking if one[0] == lowest]
        random.Random(f"{self.seed} {batch[0].sha} {lowest}").shuffle(block)  # noqa: S311  order, not secrecy
        return tuple(
            Measure(
                commit=commit,
                build=build,
                cell=cell,
                round=lowest,
                position=position,
                batch=batch[0].short,
            )
            for position, (_, commit, build, cell) in enumerate(block)
        )

    def _targets(
        self, batch: Sequence[Commit], known: Known
    ) -> Iterator[tuple[Commit, Cell, tuple[str, str]]]:
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
