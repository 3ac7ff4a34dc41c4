"""What dashboards for the metrics recorder of the transformers benchmark ask, for known data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.support import values
from tests.support.stored import PROJECT, PROVENANCE, World, begin_run
from tracker.config.places import Places
from tracker.config.settings import StoreSettings
from tracker.model.cells import Cell
from tracker.model.measurements import Reading, State
from tracker.model.telemetry import Channel, Telemetry
from tracker.store.embedded import Embedded
from tracker.store.store import Store, open_store
from tracker.store.verify import verify

GPU = "NVIDIA A10G"
BRANCH = "(default)"
STARTED = datetime(2025, 3, 1, tzinfo=UTC)
LLAMA = values.cell("llama", harness="metrics-recorder", parameters=(("tokens", "7"),))
PARSE = values.cell("parse")
PACKAGE = values.cell("package")
CELLS = (LLAMA, PARSE, PACKAGE)
KEYS = (
    "model_load_time",
    "first_eager_forward_pass_time_secs",
    "second_eager_forward_pass_time_secs",
    "first_eager_generate_time_secs",
    "second_eager_generate_time_secs",
    "time_to_first_token_secs",
    "time_to_second_token_secs",
    "time_to_third_token_secs",
    "time_to_next_token_mean_secs",
    "first_compile_generate_time_secs",
    "second_compile_generate_time_secs",
    "third_compile_generate_time_secs",
    "fourth_compile_generate_time_secs",
)
TELEMETRY = Telemetry(
    channels=(
        Channel(name="cpu_time", unit="s", offsets=(0.0, 0.5, 1.0), values=(0.0, 0.25, 1.25)),
        Channel(name="gpu0_memory", unit="bytes", offsets=(0.0, 1.0), values=(0, 3 * 2**20)),
        Channel(name="gpu0_utilization", unit="share", offsets=(0.0, 1.0), values=(0.0, 0.5)),
        Channel(name="memory", unit="bytes", offsets=(0.5, 1.0), values=(2**20, 2**21)),
    ),
    overhead=0.001,
)

Reader = psycopg.Connection[dict[str, Any]]


def of_model(here: World, number: int, cell: Cell, index: int, value: float, **fields: Any) -> Any:
    """A process with every key of the recorder, started as many hours later as ``index``."""
    return here.measurement(
        number,
        values.build(f"{number}" * 64),
        cell,
        index % 2,
        value=value,
        started_at=STARTED + timedelta(hours=index),
        telemetry=TELEMETRY,
        **({"metrics": KEYS} | fields),
    )


def filled(store: Store) -> World:
    """Commits 0 to 2, the newest measured first; the last of four failed after its load."""
    project_id = store.remember_project(PROJECT)
    commits = tuple(values.commit(number, sha=f"{number + 10:x}" * 40) for number in range(4))
    store.remember_commits(project_id, "", commits, [commit.sha for commit in commits])
    machine = values.machine(gpu=GPU)
    store.remember_machine(machine)
    here = World(
        store=store,
        project_id=project_id,
        run=begin_run(store, project_id, machine),
        machine=machine,
        commits=commits,
    )
    store.remember_cells(CELLS)
    told = replace(PROVENANCE, extra={"metadata": {"gpu_name": GPU, "model_id": "tiny"}})
    for start, number in enumerate((2, 0, 1)):
        build = values.build(f"{number}" * 64)
        here.built(number, build)
        here.ingest(of_model(here, number, LLAMA, 2 * start, number + 1, provenance=told))
        here.ingest(of_model(here, number, LLAMA, 2 * start + 1, number + 1.5, provenance=told))
        here.ingest(here.measurement(number, build, PACKAGE, metrics=("import_time",)))
    loaded = here.coordinate(values.build(), LLAMA, metric="model_load_time")
    kept = Reading(coordinate=loaded, samples=(4.0,), value=4.0)
    here.built(3, values.build("3" * 64))
    here.ingest(
        of_model(here, 3, LLAMA, 8, 0, state=State.benchmark_failed, readings=(kept,)),
        of_model(here, 3, LLAMA, 9, 0, state=State.benchmark_failed, reason="no CUDA"),
    )
    return here


@pytest.fixture(scope="module")
def url(embedded: Embedded) -> Iterator[str]:
    """One database for all that only read."""
    address = embedded.start()
    with address.connect(autocommit=True) as connection:
        connection.execute("CREATE DATABASE recorded")
    yield address.with_parameters(dbname="recorded").url
    with address.connect(autocommit=True) as connection:
        connection.execute("DROP DATABASE recorded WITH (FORCE)")


@pytest.fixture(scope="module")
def here(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    home = tmp_path_factory.mktemp("store")
    places = Places(cache=home / "cache", state=home / "state")
    with open_store(StoreSettings(url=url), places=places) as store:
        yield filled(store)


@pytest.fixture
def reader(url: str, here: World) -> Iterator[Reader]:
    with reading(url) as connection:
        yield connection


@contextmanager
def reading(url: str) -> Iterator[Reader]:
    """A session with the rights and the path of the login for dashboards."""
    with psycopg.connect(url, row_factory=dict_row, autocommit=True) as connection:
        connection.execute("SET ROLE tracker_reader")
        connection.execute("SET search_path = public, recorder")
        yield connection


def ask(reader: Reader, sql: str, last: int = 10) -> list[dict[str, Any]]:
    """What a dashboard gets, its variables filled in as text, as that Grafana does."""
    for name, value in (("branch", BRANCH), ("gpu_name", GPU), ("last_n_commits", last)):
        sql = sql.replace(f"${{{name}}}", str(value))
    return reader.execute(sql.encode()).fetchall()


def bars(reader: Reader, key: str, last: int = 10) -> list[dict[str, Any]]:
    return ask(
        reader,
        f"SELECT CAST(m.measurements->'{key}' AS double precision) AS {key},"  # noqa: S608
        " left(b.commit_id, 7), m.time FROM benchmarks as b"
        " JOIN model_measurements AS m ON b.benchmark_id = m.benchmark_id"
        " WHERE b.branch = '${branch}' AND gpu_name = '${gpu_name}'"
        " ORDER BY b.benchmark_id DESC LIMIT ${last_n_commits};",
        last,
    )


def test_bars_stand_in_the_order_of_the_commits(reader: Reader, here: World) -> None:
    for key in KEYS[1:]:
        rows = bars(reader, key)
        assert [row[key] for row in rows] == [None, 3.5, 3.0, 2.5, 2.0, 1.5, 1.0]
    rows = bars(reader, "model_load_time")
    assert [row["model_load_time"] for row in rows] == [4.0, 3.5, 3.0, 2.5, 2.0, 1.5, 1.0]
    by_time = sorted(rows, key=lambda row: row["time"])  # as the panels sort them
    assert [row["left"] for row in by_time] == [
        here.shas[number][:7] for number in (0, 0, 1, 1, 2, 2, 3)
    ]
    assert bars(reader, "model_load_time", last=3) == rows[:3]


def test_the_list_of_commits(reader: Reader, here: World) -> None:
    rows = ask(
        reader,
        "SELECT commit_id, commit_message, gpu_name, created_at AS date FROM benchmarks"
        " WHERE branch='${branch}' ORDER BY benchmark_id DESC LIMIT ${last_n_commits}",
        last=3,
    )
    assert [row["commit_id"] for row in rows] == [here.shas[number] for number in (3, 2, 2)]
    assert rows[1] == {
        "commit_id": here.shas[2],
        "commit_message": "Change 2",
        "gpu_name": GPU,
        "date": STARTED + timedelta(hours=1),
    }


def test_the_variables(reader: Reader) -> None:
    assert ask(reader, "SELECT DISTINCT branch FROM benchmarks;") == [{"branch": BRANCH}]
    assert ask(reader, "SELECT DISTINCT gpu_name FROM benchmarks;") == [{"gpu_name": GPU}]
    (first,) = ask(
        reader,
        "SELECT created_at - INTERVAL '5 secs' AS start FROM benchmarks"
        " WHERE branch = '${branch}' ORDER BY benchmark_id ASC LIMIT 1;",
    )
    assert first["start"] == STARTED + timedelta(hours=2, seconds=-5)
    (last,) = ask(
        reader,
        "SELECT time + INTERVAL '5 secs' AS until FROM benchmarks AS b"
        " JOIN device_measurements AS d ON b.benchmark_id = d.benchmark_id"
        " WHERE branch = '${branch}' ORDER BY b.benchmark_id DESC, d.measurement_id DESC LIMIT 1;",
    )
    assert last["until"] == STARTED + timedelta(hours=8, seconds=6)


@pytest.mark.parametrize(
    ("columns", "wanted"),
    [
        ("d.cpu_util", [None, 50.0, 200.0]),
        ("d.mem_megabytes", [None, 1.0, 2.0]),
        ("b.commit_id, d.gpu_util", [0.0, None, 50.0]),
        ("d.gpu_mem_megabytes", [0.0, None, 3.0]),
    ],
)
def test_devices_are_what_was_read_from_outside(
    reader: Reader, columns: str, wanted: list[float | None]
) -> None:
    rows = ask(
        reader,
        f"SELECT {columns}, d.time FROM benchmarks AS b"  # noqa: S608
        " JOIN device_measurements AS d ON b.benchmark_id = d.benchmark_id"
        " WHERE branch = '${branch}' ORDER BY d.time",
    )
    assert len(rows) == 7 * 3
    name = columns.rpartition(".")[2]
    assert [row[name] for row in rows[:3]] == wanted
    moments = [STARTED + timedelta(seconds=seconds) for seconds in (0.0, 0.5, 1.0)]
    assert [row["time"] for row in rows[:3]] == moments


def test_what_a_script_told_and_how_it_ended(reader: Reader, here: World) -> None:
    rows = ask(reader, "SELECT metadata, state FROM benchmarks ORDER BY benchmark_id DESC")
    assert [row["state"] for row in rows] == ["benchmark-failed", *["measured"] * 6]
    assert rows[1]["metadata"] == {
        "benchmark": "llama",
        "parameters": "tokens=7",
        "machine": "bench-1",
        "machine_class": "test-2",
        "gpu_name": GPU,
        "model_id": "tiny",
    }
    assert [one for one in list(verify(here.store)) if one.problems] == []


def test_other_harnesses_and_builds_of_several_commits(store: Store, database_url: str) -> None:
    here = filled(store)
    metrics = ("time", "time_to_first_token", "warm_secs")
    here.ingest(here.measurement(0, values.build("0" * 64), PARSE, value=2.0, metrics=metrics))
    here.built(3, values.build("1" * 64), request=replace(values.PINNED, python="3.12"))
    with reading(database_url) as reader:
        (row,) = ask(
            reader,
            "SELECT m.measurements FROM benchmarks b JOIN model_measurements m"
            " USING (benchmark_id) WHERE b.metadata->>'benchmark' = 'parse'",
        )
        keys = ("time_secs", "time_to_first_token_secs", "warm_secs")
        assert row["measurements"] == dict.fromkeys(keys, 2.0)
        rows = bars(reader, "model_load_time", last=3)
        assert {(row["model_load_time"], row["left"]) for row in rows} == {
            (value, here.shas[3][:7]) for value in (4.0, 2.0, 2.5)
        }
        (numbers,) = ask(
            reader, "SELECT count(*) AS all, count(DISTINCT benchmark_id) FROM benchmarks"
        )
        assert numbers == {"all": 10, "count": 10}
