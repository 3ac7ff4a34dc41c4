"""What was seen of processes from outside, in the database."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.support import values
from tests.support.stored import World, world
from tracker.config.places import Places
from tracker.model.measurements import Measurement, State
from tracker.model.telemetry import Channel, Guarded, Telemetry
from tracker.store import spool
from tracker.store import tables as t
from tracker.store.store import Store

CELL = values.cell()
BUILD = values.build()
GUARDED = Guarded(
    limit="memory", watched_by="cgroup", peak_bytes=5 * 2**32, peak_device_bytes=2**33
)
TELEMETRY = Telemetry(
    channels=(
        Channel(name="cpu_time", unit="s", offsets=(0.0, 0.2, 0.4), values=(0.0, 0.19, 0.4)),
        Channel(name="temperature", unit="°C", offsets=(0.2,), values=(61.5,)),
    ),
    overhead=0.0015,
)


@pytest.fixture
def here(store: Store) -> World:
    here = world(store)
    here.built(0, BUILD)
    return here


def seen(here: World) -> Measurement:
    return here.measurement(
        0, BUILD, CELL, state=State.resource_exceeded, guarded=GUARDED, telemetry=TELEMETRY
    )


def stored(here: World) -> list[tuple[object, ...]]:
    c = t.telemetry.c
    with here.store.transaction() as connection:
        rows = connection.execute(
            sa.select(c.channel, c.unit, c.offsets, c["values"]).order_by(c.channel)
        )
        return [tuple(row) for row in rows]


CHANNELS = [
    ("cpu_time", "s", [0.0, 0.2, 0.4], [0.0, 0.19, 0.4]),
    ("temperature", "°C", [0.2], [61.5]),
]


def test_it_is_stored_as_it_was(here: World) -> None:
    m = t.measurement.c
    assert here.ingest(seen(here)) == 1
    assert here.ingest(seen(here)) == 0
    assert stored(here) == CHANNELS
    columns = (m.exceeded, m.watched_by, m.peak_bytes, m.peak_device_bytes, m.sampler_seconds)
    with here.store.transaction() as connection:
        row = connection.execute(sa.select(*columns)).one()
    assert tuple(row) == ("memory", "cgroup", 5 * 2**32, 2**33, 0.0015)


def test_what_was_not_watched_has_none(here: World) -> None:
    here.ingest(here.measurement(0, BUILD, CELL))
    m = t.measurement.c
    with here.store.transaction() as connection:
        row = connection.execute(sa.select(m.exceeded, m.peak_bytes, m.sampler_seconds)).one()
    assert tuple(row) == (None, None, None)
    assert stored(here) == []


def test_it_waits_on_disk_with_its_measurement(here: World, places: Places) -> None:
    directory = here.store.spool(places)
    spool.append(
        directory,
        project_id=here.project_id,
        machine=here.machine.fingerprint,
        run=here.run,
        measurements=[seen(here)],
    )
    assert stored(here) == []
    assert spool.replay(here.store, directory) == ()
    assert stored(here) == CHANNELS


def test_it_is_forgotten_with_its_measurement(here: World) -> None:
    here.ingest(seen(here))
    assert here.store.forget_failed(here.project_id, here.shas) == 1
    assert stored(here) == []


def test_it_is_told_of_the_commits_history(here: World) -> None:
    here.store.remember_cells([CELL])
    here.ingest(seen(here), here.measurement(0, BUILD, CELL, 1))
    first, second = here.store.observed(here.project_id, here.shas[0], CELL.suite_hash)
    assert (first.cell, first.title, first.state) == (CELL.key, "parse", State.resource_exceeded)
    assert (first.guarded, first.telemetry) == (GUARDED, TELEMETRY)
    assert (second.seconds, second.flags) == (2.5, ("loaded", "noisy"))
    assert (second.guarded, second.telemetry) == (None, None)
    assert here.store.observed(here.project_id, here.shas[1], CELL.suite_hash) == ()
    assert here.store.observed(here.project_id, here.shas[0], "0" * 64) == ()
