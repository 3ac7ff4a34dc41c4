"""How two running processes take turns: the tracker's end of the conversation."""

from __future__ import annotations

import contextlib
import socket
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnLimits:
    """How many turns each of two processes has."""

    most: int
    #: turns before which time is no reason to end them
    fewest: int
    #: for all turns of both together
    seconds: float


class Turns:
    """The tracker's end of the conversation in which turns are passed.

    A process says, with a number of calls, that it has nothing to do until its turn comes; it is
    told how many calls its turn has, or 0 when there are no more turns.
    """

    def __init__(self) -> None:
        self._ours, self._theirs = socket.socketpair()
        self._ours.setblocking(False)
        self._heard = b""
        #: calls that it would take; None while it works
        self.waits_with: int | None = None
        #: turns that it had
        self.given = 0

    @property
    def theirs(self) -> int:
        return self._theirs.fileno()

    def fileno(self) -> int:
        """For selectors."""
        return self._ours.fileno()

    def hear(self) -> None:
        """Read what was said."""
        with contextlib.suppress(BlockingIOError, ConnectionError):
            self._heard += self._ours.recv(256)
        *said, self._heard = self._heard.split(b"\n")
        if said and said[-1].isdigit():
            self.waits_with = int(said[-1])

    def give(self, loops: int) -> None:
        """Pass the turn; 0 ends the turns."""
        self.waits_with = None
        self.given += loops > 0
        with contextlib.suppress(BlockingIOError, ConnectionError):  # its end is seen elsewhere
            self._ours.send(b"%d\n" % loops)

    def close_theirs(self) -> None:
        self._theirs.close()

    def close(self) -> None:
        self._ours.close()
        self._theirs.close()
