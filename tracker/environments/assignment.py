"""Which environment class each commit of a range runs in: as few borders as can be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tracker.environments.faults import Unbuildable
from tracker.model.environments import BuildFailure, EnvironmentClass

Assigned = tuple[EnvironmentClass, ...] | BuildFailure


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What one commit needs, ready to be resolved."""

    sha: str
    requires: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Neighbours that need the same."""

    requires: tuple[str, ...]
    shas: tuple[str, ...]


def assign(
    needs: Sequence[Needs],
    known: Sequence[EnvironmentClass],
    *,
    satisfies: Callable[[EnvironmentClass, Sequence[str]], bool],
    resolve: Callable[[Sequence[str]], EnvironmentClass],
) -> dict[str, Assigned]:
    """Give every commit an environment class, and bridge the borders.

    From the oldest commit on: a known class goes on as far as its lock satisfies what
    the commits need, the one that goes furthest first, then the newest. Where none does, one class
    is resolved for the longest run of commits that can be resolved together. What a longer
    run needs contains what a shorter one needs, so the longest run is found by bisection,
    and taking the longest each time gives the fewest classes.

    Args:
        needs: the commits in the order of the graph, oldest first.
        known: classes that have measurements, newest first.
        satisfies: does the class's lock hold these requirements?
        resolve: a class for the requirements; raises ``Unbuildable`` where there is none.

    Returns:
        SHA -> its class; at a border also the class behind it, where that satisfies the
        commit; or why there is none.
    """
    waiting = _groups(needs)
    classes = list(known)
    runs: list[tuple[Sequence[_Group], EnvironmentClass | BuildFailure]] = []
    while waiting:
        length, outcome = _known_run(waiting, classes, satisfies) or _new_run(waiting, resolve)
        if isinstance(outcome, EnvironmentClass) and outcome not in classes:
            classes.insert(0, outcome)
        runs.append((waiting[:length], outcome))
        waiting = waiting[length:]
    assigned: dict[str, Assigned] = {}
    for groups, outcome in runs:
        own = outcome if isinstance(outcome, BuildFailure) else (outcome,)
        assigned |= {sha: own for group in groups for sha in group.shas}
    return assigned | _bridges(runs, satisfies)


def _groups(needs: Sequence[Needs]) -> list[_Group]:
    groups: list[_Group] = []
    for need in needs:
        if groups and groups[-1].requires == need.requires:
            last = groups.pop()
            groups.append(_Group(requires=last.requires, shas=(*last.shas, need.sha)))
        else:
            groups.append(_Group(requires=need.requires, shas=(need.sha,)))
    return groups


def _known_run(
    groups: Sequence[_Group],
    classes: Sequence[EnvironmentClass],
    satisfies: Callable[[EnvironmentClass, Sequence[str]], bool],
) -> tuple[int, EnvironmentClass] | None:
    best: tuple[int, EnvironmentClass] | None = None
    for candidate in classes:
        length = 0
        while length < len(groups) and satisfies(candidate, groups[length].requires):
            length += 1
        if length > (best[0] if best else 0):
            best = length, candidate
    return best


def _new_run(
    groups: Sequence[_Group], resolve: Callable[[Sequence[str]], EnvironmentClass]
) -> tuple[int, EnvironmentClass | BuildFailure]:
    """The longest run from the first group on that has a common resolution."""

    def attempt(length: int) -> EnvironmentClass | Unbuildable:
        try:
            return resolve(_union(groups[:length]))
        except Unbuildable as error:
            return error

    whole = attempt(len(groups))
    if isinstance(whole, EnvironmentClass):
        return len(groups), whole
    if len(groups) == 1:
        return 1, whole.failure
    first = attempt(1)
    if isinstance(first, Unbuildable):
        return 1, first.failure
    good, bad, found = 1, len(groups), first
    while bad - good > 1:
        middle = (good + bad) // 2
        outcome = attempt(middle)
        if isinstance(outcome, EnvironmentClass):
            good, found = middle, outcome
        else:
            bad = middle
    return good, found


def _bridges(
    runs: Sequence[tuple[Sequence[_Group], EnvironmentClass | BuildFailure]],
    satisfies: Callable[[EnvironmentClass, Sequence[str]], bool],
) -> dict[str, Assigned]:
    """The last commit before a border, in both classes where it can."""
    bridges: dict[str, Assigned] = {}
    usable = [
        (groups, outcome) for groups, outcome in runs if isinstance(outcome, EnvironmentClass)
    ]
    for (groups, own), (_, following) in pairwise(usable):
        last = groups[-1]
        if following != own and satisfies(following, last.requires):
            bridges[last.shas[-1]] = (own, following)
    return bridges


def _union(groups: Sequence[_Group]) -> tuple[str, ...]:
    return tuple(sorted({text for group in groups for text in group.requires}))
