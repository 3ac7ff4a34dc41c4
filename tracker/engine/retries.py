"""What the machine spoiled is done again, a few times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from tracker.config.settings import PolicySettings
from tracker.engine.conditions import WORDS, Fault, fault
from tracker.errors import InfrastructureError
from tracker.machine.program import Ended

#: what one process left, or two; None for one that said nothing
T = TypeVar("T", bound=Sequence[Ended | None])


def undisturbed(
    run: Callable[[], T], *, policy: PolicySettings, note: Callable[[str], None]
) -> tuple[T, frozenset[Fault]]:
    """What processes left that the machine let be, and what befell the attempts before.

    Args:
        run: starts them and waits for them.
        note: told why it is tried again.

    Raises:
        InfrastructureError: the machine failed more often than the policy allows.
    """
    befell: set[Fault] = set()
    for retries_left in reversed(range(policy.retries + 1)):
        try:
            ended = run()
        except InfrastructureError as error:
            if not retries_left:
                raise
            reason = error.message
        else:
            faults = {found for one in ended if one and (found := fault(one, policy))}
            # what is killed each time has probably brought it on itself: that is a result
            if not faults or (faults == {"killed"} and not retries_left):
                return ended, frozenset(befell)
            befell |= faults
            reason = "; ".join(WORDS[one] for one in sorted(faults))
            if not retries_left:
                raise InfrastructureError(reason, hint="keep it awake: numbers need quiet")
        note(f"{reason}; trying again")
    raise AssertionError("a loop over at least one attempt returns or raises")
