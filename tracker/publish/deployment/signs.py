"""What makes a figure worth a second look. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from tracker.config.settings import PolicySettings
from tracker.model.measurements import State
from tracker.model.quality import subset_size
from tracker.model.standing import Standing
from tracker.publish.deployment.contents import Advice, Amount, Badge, Sign, Timing
from tracker.publish.wording import clean, counted, percent, quantity

#: batches of warm-up from which on it is called slow
SLOW_WARM_UP = 500


def of_timing(
    standing: Standing,
    *,
    per_item: float | None,
    within: float,
    between: float | None,
    policy: PolicySettings,
) -> Iterator[Badge]:
    """The badges of a timing.

    Args:
        per_item: seconds for one thing that a call handles, or for a call where nothing says how
            many it handles; None where the metric is no call.
        within: robust coefficient of variation of the samples of a process.
        between: the same of the processes.
    """
    limit = policy.preflight_item_seconds
    if limit and per_item is not None and per_item >= limit:
        told = f"{quantity(per_item, 's')} an item; the limit is {quantity(limit, 's')}"
        yield Badge(sign=Sign.slow, evidence=told, weight=per_item)
    noise, where = max((within, "within"), (between or 0.0, "between"))
    if noise > policy.noisy:
        told = f"varies by {percent(noise, sign=False)} {where} processes"
        told += f"; the limit is {percent(policy.noisy, sign=False)}"
        yield Badge(sign=Sign.noisy, evidence=told, weight=noise)
    batches = max(one.warmup for one in standing.processes)
    if batches > SLOW_WARM_UP:
        told = f"{counted(batches, 'batch', 'batches')} of warm-up; slow from {SLOW_WARM_UP} on"
        yield Badge(sign=Sign.slow_warm_up, evidence=told, weight=batches)
    unsteady = sum("not-converged" in one.flags for one in standing.processes)
    if unsteady:
        told = f"still warming up when sampled: {_of(unsteady, standing)}"
        yield Badge(sign=Sign.not_converged, evidence=told, weight=unsteady)
    asked, ran = standing.threads, standing.coordinate.threads
    if asked and asked != ran:
        told = f"asked for {counted(asked, 'thread')}, ran with {ran}"
        yield Badge(sign=Sign.threads, evidence=told, weight=ran)
    yield from _stopped(standing)
    yield from of_data(standing)


def of_data(standing: Standing) -> Iterator[Badge]:
    """The badge of whatever stands on a part of its data."""
    size = subset_size(standing.coordinate.dataset)
    if size is not None:
        told = f"on {counted(size, 'sample')} of the data only: indicative"
        yield Badge(sign=Sign.subset, evidence=told, weight=-float(size))


def advice(figures: Sequence[Timing | Amount]) -> tuple[Advice, ...]:
    """One for each sign that any figure has, in the order of the signs."""
    found: dict[Sign, list[tuple[Badge, str]]] = defaultdict(list)
    for figure in figures:
        for badge in figure.badges:
            found[badge.sign].append((badge, figure.name))
    return tuple(_advice(sign, found[sign]) for sign in Sign if sign in found)


def _advice(sign: Sign, badges: Iterable[tuple[Badge, str]]) -> Advice:
    worst_first = sorted(badges, key=lambda pair: -pair[0].weight)
    names = dict.fromkeys(name for _, name in worst_first)
    return Advice(sign=sign, of=tuple(names), evidence=worst_first[0][0].evidence)


def _stopped(standing: Standing) -> Iterator[Badge]:
    stopped = [one for one in standing.processes if one.state is State.early_stopped]
    if stopped:
        told = f"{_of(len(stopped), standing)}: {clean(stopped[0].reason)}"
        yield Badge(sign=Sign.early_stopped, evidence=told, weight=len(stopped))


def _of(number: int, standing: Standing) -> str:
    return f"{number:,} of {counted(len(standing.processes), 'process', 'processes')}"
