"""What the machine spoiled is done again, a few times."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from tracker.config.settings import PolicySettings
from tracker.engine.conditions import WORDS, Fault, fault
from tracker.errors import InfrastructureError
from tracker.machine.program import Ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Undisturbed:
    """What one process left that the machine let be."""

    #: None for one that said nothing
    ended: Ended | None
    #: what happened to the attempts before
    befell: frozenset[Fault] = frozenset()


def undisturbed(
    run: Callable[[Sequence[int]], Sequence[Ended | None]],
    number: int = 1,
    *,
    apart: bool = False,
    policy: PolicySettings,
    note: Callable[[str], None],
) -> tuple[Undisturbed, ...]:
    """Run processes until the machine lets them be.

    Args:
        run: starts those of these places, and waits for them.
        number: how many there are.
        apart: one that was spoiled says nothing of the others, which are not started again.
        note: told why it is tried again.

    Raises:
        InfrastructureError: the machine failed more often than the policy allows.
    """
    left = [Undisturbed(ended=None)] * number
    places: Collection[int] = range(number)
    for retries_left in reversed(range(policy.retries + 1)):
        try:
            ended = dict(zip(places, run(list(places)), strict=True))
        except InfrastructureError as error:
            if not retries_left:
                raise
            reason = error.message
        else:
            for place, one in ended.items():
                left[place] = Undisturbed(ended=one, befell=left[place].befell)
            faults = _faults(ended, policy)
            seen = frozenset(faults.values())
            # what is killed each time has probably brought it on itself: that is a result
            if not seen or (seen == {"killed"} and not retries_left):
                return tuple(left)
            reason = "; ".join(WORDS[one] for one in sorted(seen))
            if not retries_left:
                raise InfrastructureError(reason, hint="keep it awake: numbers need quiet")
            places = faults if apart else places
            for place in places:
                new = {faults[place]} if apart else seen
                left[place] = Undisturbed(ended=None, befell=left[place].befell | new)
        note(f"{reason}; trying again")
    raise AssertionError("a loop over at least one attempt returns or raises")


def _faults(ended: Mapping[int, Ended | None], policy: PolicySettings) -> dict[int, Fault]:
    found = {place: fault(one, policy) for place, one in ended.items() if one}
    return {place: one for place, one in found.items() if one}
