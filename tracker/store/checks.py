"""Can results be kept? For ``tracker doctor``."""

from __future__ import annotations

from tracker.config.places import Places
from tracker.config.settings import StoreSettings
from tracker.errors import TrackerError
from tracker.machine.checks import Check, Level
from tracker.store import binaries
from tracker.store.embedded import Embedded
from tracker.store.store import connect

_NAME = "PostgreSQL"


def check_store(settings: StoreSettings, places: Places) -> Check:
    """Look at the database without starting or changing anything."""
    try:
        if not settings.url and Embedded(places).running() is None:
            binaries.programs()
            return Check(
                name=_NAME,
                level=Level.ok,
                found="embedded, not running; the first command that needs it starts it",
            )
        with connect(settings, places=places) as store:
            return Check(name=_NAME, level=Level.ok, found=f"{store.version()} at {store.address}")
    except TrackerError as error:
        return Check(name=_NAME, level=Level.failure, found=error.message, advice=error.hint)
