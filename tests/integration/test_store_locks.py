"""Two nights of one project never run at once, and a lock never outlives who took it."""

from __future__ import annotations

import os
from dataclasses import replace

import psycopg
import pytest

from tests.support.settings import SETTINGS
from tracker.config.places import Places
from tracker.config.settings import StoreSettings
from tracker.errors import StoreError
from tracker.store.store import Store, open_store

PROJECT = SETTINGS.project


def test_a_second_night_learns_who_holds_it(
    store: Store, database_url: str, places: Places
) -> None:
    with open_store(StoreSettings(url=database_url), places=places) as other:
        with store.night(PROJECT):
            with pytest.raises(StoreError, match=f"process {os.getpid()} on .* since") as refused:
                other.night(PROJECT).__enter__()
            with other.night(replace(PROJECT, name="another")):
                pass
        assert refused.value.code == "store.night"
        with other.night(PROJECT):
            pass


def test_a_night_whose_connection_dies_leaves_no_lock(store: Store, database_url: str) -> None:
    with store.night(PROJECT):
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            )
        with store.night(PROJECT):
            pass
