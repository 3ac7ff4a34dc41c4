"""Keeps the claims of a run alive while its process lives, and only so long."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tracker.errors import StoreError
from tracker.store.store import Store

#: seconds that a claim holds without a sign of life; a killed command's work waits this long
LEASE_SECONDS = 15.0


@contextmanager
def heartbeat(store: Store, run: str) -> Iterator[None]:
    """Renew the claims of ``run`` while the context lasts."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(LEASE_SECONDS / 3):
            # A missed beat is made up by the next; whoever measures meets a lost database itself.
            with suppress(StoreError):
                store.renew(run, LEASE_SECONDS)

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
