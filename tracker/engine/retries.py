"""What the machine spoiled is done again, a few times."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tracker.config.settings import PolicySettings
from tracker.engine.conditions import WORDS, Fault, fault
from tracker.errors import InfrastructureError
from tracker.machine.program import Ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Undisturbed:
    """What one process left that the machine let be."""

    ended: Ended
    #: what happened to the attempts before
    befell: frozenset[Fault] = frozenset()


def undisturbed(
    run: Callable[[Sequence[int]], Sequence[Ended | None]],
    number: int = 1,
    *,
    apart: bool = False,
    policy: PolicySettings,
    note: Callable[[str], None],
) -> Iterator[tuple[int, Undisturbed]]:
    """Run processes until the machine lets them be; gives each with its place, as soon as it is so.

    Args:
        run: starts those of these places, and waits for them; None for one that said nothing,
            which is not given.
        number: how many there are.
        apart: one that was spoiled says nothing of the others, which are not started again.
        note: told why it is tried again.

    Raises:
        InfrastructureError: the machine failed more often than the policy allows.
    """
    befell: list[frozenset[Fault]] = [frozenset()] * number
    places: Collection[int] = range(number)
    for retries_left in reversed(range(policy.retries + 1)):
        try:
            ended = dict(zip(places, run(list(places)), strict=True))
        except InfrastructureError as error:
            if not retries_left:
                raise
            reason = error.message
        else:
            faults = _faults(ended, policy, is_last=not retries_left)
            places = _spoiled(faults, ended, apart=apart)
            for place, one in ended.items():
                if one and place not in places:
                    yield place, Undisturbed(ended=one, befell=befell[place])
            if not places:
                return
            seen = frozenset(faults.values())
            reason = "; ".join(WORDS[one] for one in sorted(seen))
            if not retries_left:
                raise InfrastructureError(reason, hint="keep it awake: numbers need quiet")
            for place in places:
                befell[place] |= {faults[place]} if apart else seen
        note(f"{reason}; trying again")
    raise AssertionError("a loop over at least one attempt returns or raises")


def _spoiled(
    faults: Mapping[int, Fault], places: Collection[int], *, apart: bool
) -> Collection[int]:
    """Those that have to be started again."""
    return list(faults) if apart or not faults else list(places)


def _faults(
    ended: Mapping[int, Ended | None], policy: PolicySettings, *, is_last: bool
) -> dict[int, Fault]:
    found = {place: fault(one, policy) for place, one in ended.items() if one}
    faults = {place: one for place, one in found.items() if one}
    # what is killed each time has probably brought it on itself: that is a result
    return {} if is_last and {*faults.values()} == {"killed"} else faults
