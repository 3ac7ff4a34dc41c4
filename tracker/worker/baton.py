"""Turns: two processes of a pair live at once and take their samples one after the other.

Whatever the machine does from one hundredth of a second to the next then meets both alike
(duet benchmarking: Bulej et al., ICPE 2020; there both run at once, here in turns, so
that neither disturbs the other). The tracker holds the other end: it hears how many calls
a process would put into a sample, tells both the same number, and passes the turn.
"""

from __future__ import annotations

import os

from .channel import out_of_the_way

VARIABLE = "TRACKER_TURNS_FD"


class Baton:
    """The measured end of the conversation."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = out_of_the_way(descriptor)

    @classmethod
    def inherited(cls) -> Baton | None:
        """Take what the parent made, and hide it from the benchmark; None where it made none."""
        number = os.environ.pop(VARIABLE, None)
        return None if number is None else cls(int(number))

    def turn(self, loops: int) -> int:
        """Say that this process is done, and how many calls it would take; wait for its turn.

        Returns the number of calls that the next sample has; 0 when there is no next one.
        """
        os.write(self._descriptor, b"%d\n" % loops)
        answer = b""
        while not answer.endswith(b"\n"):
            piece = os.read(self._descriptor, 64)
            if not piece:
                return 0  # the tracker is gone, and with it whoever waits for more
            answer += piece
        return int(answer)
