"""``nightly``: which commits are new, and how many of them a night has time for. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tracker.model.commits import Commit
from tracker.model.requests import Known
from tracker.model.runs import RunSummary
from tracker.strategies.walk import Walk

#: share of a night that is kept for confirming and refining, at most
_KEPT = 0.5


def last_complete(walk: Walk, known: Known) -> Commit | None:
    """The newest commit of a walk that has all that the walk wants; None: there is none.

    A commit that does not build has nothing, and so tells nothing about the others of its night.
    """
    return next((one for one, done, total in _standing(walk, known) if 0 < done == total), None)


def unfinished(walk: Walk, known: Known) -> tuple[Commit, ...]:
    """Commits of a walk that have some of what it wants, oldest first: their night was cut short.

    Rounds are shuffled, and so the newest commit may be complete before others are.
    """
    found = [one for one, done, total in _standing(walk, known) if 0 < done < total]
    return tuple(reversed(found))


def unsettled(walk: Walk, known: Known) -> tuple[Commit, ...]:
    """Commits of a walk at which there is something left to do, oldest first."""
    alone = {one: replace(walk, commits=(one,), reference=None) for one in walk.commits}
    return tuple(one for one, walking in alone.items() if walking.ask(known))


def pace(runs: Sequence[RunSummary]) -> float | None:
    """Seconds that runs took for one process, builds and all; None where none measured."""
    ended = [
        ((run.finished_at - run.started_at).total_seconds(), run.measured + run.failed)
        for run in runs
        if run.finished_at and run.measured + run.failed
    ]
    processes = sum(count for _, count in ended)
    return sum(seconds for seconds, _ in ended) / processes if processes else None


def step(commits: int, seconds: float, budget: float) -> int:
    """Every which commit fits into a budget; at the least, one of them is measured.

    Args:
        commits: how many there are.
        seconds: that one takes.
        budget: seconds for all of them.
    """
    affordable = max(1, math.floor(budget / seconds)) if seconds else commits
    return max(1, math.ceil(commits / affordable))


def for_measuring(budget: float, confirming: float) -> float:
    """Seconds of a night in which new commits are measured; the rest is for what they show."""
    return budget - min(confirming, budget * _KEPT)


def _standing(walk: Walk, known: Known) -> Iterator[tuple[Commit, int, int]]:
    """Each commit with the processes that it has and should have, newest first."""
    for commit in reversed(walk.commits):
        done, total = replace(walk, commits=(commit,), reference=None).progress(known)
        yield commit, done, total
