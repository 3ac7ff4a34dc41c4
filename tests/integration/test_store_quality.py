"""Qualities of several platforms in one series: who gave what, what came out, what is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from tests.support import values
from tests.support.series import POLICY
from tests.support.stored import PROVENANCE, World, world
from tracker.config.places import Places
from tracker.findings.stored import Detection
from tracker.model.findings import FindingKind
from tracker.model.measurements import Measurement, Reading, State
from tracker.model.quality import Disagreeing, Platform
from tracker.model.suites import Direction, Kind, Suite
from tracker.store import spool
from tracker.store import tables as t
from tracker.store.store import Store

DATASET = "digits/test@3:12345678"
CELLS = tuple(
    values.cell("right", parameters=(("batch", batch), ("model", "'m'")), kind=Kind.quality)
    for batch in ("1", "8")
)
BUILDS = tuple(values.build(f"{number:064x}") for number in range(3))
SUITE = Suite(name="sample", harness="python", hash="5" * 64, benchmarks=())
GPU = replace(values.machine(cpu="other"), name="bench-2", machine_class="other-9")


@pytest.fixture
def here(store: Store) -> World:
    here = world(store, 3)
    store.remember_machine(GPU)
    store.remember_cells(CELLS)
    for number, build in enumerate(BUILDS):
        here.built(number, build)
    return here


def gave(
    here: World,
    number: int,
    value: float,
    *,
    batch: int = 0,
    device: str = "cpu",
    round: int = 0,  # noqa: A002  the word of the model
    answers: Mapping[str, str] | None = None,
) -> Measurement:
    build, cell = BUILDS[number], CELLS[batch]
    coordinate = here.coordinate(
        build,
        cell,
        metric="accuracy",
        unit="-",
        direction=Direction.more,
        dataset=DATASET,
    ).without_platform(["batch"])
    reading = Reading(coordinate=coordinate, samples=(value,), value=value, answers=answers or {})
    return here.measurement(
        number,
        build,
        cell,
        round,
        readings=(reading,),
        provenance=replace(PROVENANCE, device=device, threads=4 if device == "cuda" else 1),
    )


def on_gpu(here: World, *measurements: Measurement) -> None:
    here.store.ingest(here.project_id, GPU.fingerprint, measurements)


def platform(batch: str, **fields: Any) -> Platform:
    known: dict[str, Any] = {"machine_class": "test-2", "device": "cpu", "threads": 1}
    return Platform(parameters=(("batch", batch),), **(known | fields))


CUDA = platform("8", machine_class="other-9", device="cuda", threads=4)


def detection(here: World, disagreeing: Disagreeing) -> Detection:
    return Detection(
        store=here.store,
        project_id=here.project_id,
        commits=here.commits,
        earlier=(),
        suite=SUITE,
        cells=CELLS,
        policy=replace(POLICY, quality=replace(POLICY.quality, disagreeing=disagreeing)),
    )


def test_platforms_of_one_series_are_kept_apart_and_held_against_each_other(here: World) -> None:
    here.ingest(
        *(gave(here, number, 0.9, round=n) for number in range(3) for n in range(2)),
        gave(here, 1, 0.9001, batch=1),
    )
    on_gpu(here, gave(here, 0, 0.9, batch=1, device="cuda", round=5))
    on_gpu(here, gave(here, 1, 0.8, batch=1, device="cuda", round=5))
    (whole,) = here.store.histories(here.project_id, here.commits)
    assert [len(point.values) for point in whole.points] == [3, 4, 2]

    seen = here.store.observations(here.project_id, here.shas, suite_hash=SUITE.hash)
    assert {(one.build, one.platform): one.values for one in seen} == {
        **{(build.key, platform("1")): (0.9, 0.9) for build in BUILDS},
        (BUILDS[1].key, platform("8")): (0.9001,),
        (BUILDS[0].key, CUDA): (0.9,),
        (BUILDS[1].key, CUDA): (0.8,),
    }

    with here.store.transaction() as connection:
        rows = connection.execute(
            sa.text("SELECT subset, device, machine, asked FROM quality_value WHERE value = 0.8")
        ).all()
    assert [tuple(row) for row in rows] == [(3, "cuda", "other-9", "batch=8, model='m'")]

    (shown,), warned = detection(here, Disagreeing.warn).analysed(only=False)
    assert [point.values for point in shown.points] == [(0.9, 0.9)] * 3
    assert warned.findings == ()
    (warning,) = warned.warnings
    assert "0.8 on cuda, other-9, 4 threads, batch=8; 0.9 on the reference" in warning

    _, failing = detection(here, Disagreeing.fail).analysed(only=False)
    (saved,) = here.store.save_findings(here.project_id, here.run, failing.findings)
    (loaded,) = here.store.findings(here.project_id)
    assert loaded == saved
    assert (loaded.kind, loaded.commit, loaded.after) == (
        FindingKind.disagreement,
        here.shas[1],
        here.shas[0],
    )
    assert (loaded.headline.kind, loaded.headline.dataset) == (Kind.quality, DATASET)

    with here.store.transaction() as connection:
        titles = [
            connection.scalar(sa.text(question))
            for question in (
                "SELECT title FROM finding_detail",
                "SELECT title FROM series_parameter",
            )
        ]
    assert titles == ["right[model=m] (subset: 3)", "right (subset: 3)"]


def test_a_quality_that_failed_on_any_machine_failed(here: World) -> None:
    here.ingest(gave(here, 0, 0.9), gave(here, 1, 0.9))
    failed = here.measurement(2, BUILDS[2], CELLS[0], state=State.benchmark_failed, reason="boom")
    on_gpu(here, failed)
    (history,) = here.store.histories(here.project_id, here.commits)
    assert [point.state for point in history.points] == [
        State.measured,
        State.measured,
        State.benchmark_failed,
    ]


def test_answers_are_stored_once_and_read_by_platform(here: World, places: Places) -> None:
    right, wrong = {"a": "cat", "b": "dög"}, {"a": "cat", "b": "'"}
    here.ingest(
        *(gave(here, 0, 0.9, round=n, answers=right) for n in range(3)),
        gave(here, 0, 0.9, round=3, answers=wrong),
        gave(here, 1, 0.9, answers=right, batch=1),
    )
    # what waits on disk has them too
    directory = here.store.spool(places)
    spool.append(
        directory,
        project_id=here.project_id,
        machine=here.machine.fingerprint,
        run=here.run,
        measurements=[gave(here, 1, 0.8, answers=wrong)],
    )
    assert spool.replay(here.store, directory) == ()
    sheets = here.store.answer_sheets(here.project_id, here.shas, suite_hash=SUITE.hash)
    assert {(one.commit, one.platform): one.answers for one in sheets} == {
        (here.shas[0], platform("1")): right,
        (here.shas[1], platform("1")): wrong,
        (here.shas[1], platform("8")): right,
    }
    with here.store.transaction() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(t.answer_sheet)) == 2
