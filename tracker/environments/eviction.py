"""What goes when the cache is larger than it may be: the least recently used."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from tracker.environments.shelf import Shelf


class Eviction:
    """Keeps several shelves together below a number of bytes."""

    def __init__(
        self, shelves: Sequence[Shelf], limit: int, also: Callable[[], None] = lambda: None
    ) -> None:
        """Watch the shelves from now on.

        Args:
            shelves: what is weighed and thrown away.
            limit: bytes.
            also: called when something was thrown away, to give up what is held beside it.
        """
        self._shelves = tuple(shelves)
        self._limit = limit
        self._also = also
        for shelf in self._shelves:
            shelf.when_grown = self.make_room
        self._lock = threading.Lock()
        #: an estimate that only grows between two looks at the disk; None: not looked yet
        self._held: int | None = None

    def make_room(self, added: int) -> None:
        """Throw away the least recently used entries if ``added`` more bytes are too many.

        Entries in use stay, so the limit may be exceeded by what is in use.
        """
        with self._lock:
            if self._held is not None and self._held + added <= self._limit:
                self._held += added
                return
            self._held = self._evict()

    def _evict(self) -> int:
        entries = sorted(
            ((weight, shelf) for shelf in self._shelves for weight in shelf.weights()),
            key=lambda entry: entry[0].used,
        )
        held = sum(weight.bytes for weight, _ in entries)
        if held <= self._limit:
            return held
        for weight, shelf in entries:
            if held <= self._limit:
                break
            if shelf.throw_away(weight.key):
                held -= weight.bytes
        self._also()
        return held
