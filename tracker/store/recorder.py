"""Keeps measurements, whatever happens to the database."""

from __future__ import annotations

import time
from collections.abc import Sequence

from tracker.config.places import Places
from tracker.errors import DiskFullError, StoreError
from tracker.model.measurements import Measurement
from tracker.store import spool
from tracker.store.store import Store

#: seconds between attempts to reach a database that went away, before the disk is used
PAUSES = (0.2, 1.0)


class Recorder:
    """Writes the measurements of one run to the store, or to disk while the store is away."""

    def __init__(
        self, *, store: Store, places: Places, project_id: int, machine: str, run: str
    ) -> None:
        self._store = store
        self._directory = store.spool(places)
        self._project_id = project_id
        self._machine = machine
        self._run = run
        self._spooled = 0

    @property
    def spooled(self) -> int:
        """Measurements that wait on disk; they are stored as soon as the database is back."""
        return self._spooled

    def record(self, measurements: Sequence[Measurement]) -> None:
        """Keep measurements. They survive a crash of the tracker and of the machine.

        Raises:
            DiskFullError, InfrastructureError: neither the database nor the disk takes them.
        """
        # who has waited once does not wait again for each of the next measurements
        pauses = () if self._spooled else PAUSES
        for pause in (*pauses, None):
            try:
                self._store.ingest(self._project_id, self._machine, measurements)
                if self._spooled:
                    spool.replay(self._store, self._directory)
                    self._spooled = 0
            except DiskFullError:
                break
            except StoreError:
                if pause is not None:
                    time.sleep(pause)
            else:
                return
        spool.append(
            self._directory,
            project_id=self._project_id,
            machine=self._machine,
            run=self._run,
            measurements=measurements,
        )
        self._spooled += len(measurements)
