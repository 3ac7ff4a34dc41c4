"""What there is to see on the dashboards: a small history in which everything happened once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.support import values
from tests.support.stored import World, world
from tracker.model.cells import Cell
from tracker.model.environments import Build
from tracker.model.findings import Confirmation, Effect, Finding, FindingKind, Outcome, Verdict
from tracker.model.measurements import Measurement, Reading, State
from tracker.model.runs import RunRecord
from tracker.model.suites import Direction, Kind
from tracker.model.telemetry import Channel, Telemetry
from tracker.store.store import Store

CELL = values.cell("parse", parameters=(("size", "'it''s {8}; --'"),))
SWEPT = [
    values.cell("generate", parameters=(("batch", batch), ("compiled", compiled)))
    for batch in ("1", "8")
    for compiled in ("False", "True")
]
ANSWERS = values.cell("answers", kind=Kind.quality)
CALLS = ("time", "first_call", "second_call", "third_call", "fourth_call")
TOKENS = ("first_token", "second_token", "third_token", "later_token")
TELEMETRY = Telemetry(
    channels=(
        Channel(name="cpu_time", unit="s", offsets=(0.0, 0.5), values=(0.1, 0.35)),
        Channel(name="frequency", unit="Hz", offsets=(0.5,), values=(3e9,)),
        Channel(name="gpu0_memory", unit="bytes", offsets=(0.0, 0.5), values=(4e9, 6e9)),
        Channel(name="gpu0_power", unit="W", offsets=(0.5,), values=(250.0,)),
        Channel(name="gpu0_utilization", unit="share", offsets=(0.5,), values=(0.75,)),
        Channel(name="memory", unit="bytes", offsets=(0.0, 0.5), values=(1e9, 2e9)),
        Channel(name="temperature", unit="°C", offsets=(0.5,), values=(61.5,)),
    ),
    overhead=0.001,
)


def history(store: Store) -> World:
    """Four commits: 1.0 s, 1.0 s, 1.2 s with a finding, and one that does not run."""
    here = world(store)
    store.remember_cells([CELL])
    for number, value in enumerate((1.0, 1.0, 1.2)):
        build = values.build(f"{number}" * 64)
        here.built(number, build)
        here.ingest(
            *(
                here.measurement(number, build, CELL, n, value=value + n / 100, telemetry=TELEMETRY)
                for n in range(3)
            )
        )
        if number == 0:
            here.ingest(_with_two_threads(here, build))
        else:
            here.ingest(_of(here, number, build, ANSWERS, {"accuracy": (0.9 - number / 10, "1")}))
        if number == 2:
            here.ingest(*(_generated(here, build, cell) for cell in SWEPT))
    broken = values.build("9" * 64)
    here.built(3, broken)
    here.ingest(here.measurement(3, broken, CELL, state=State.benchmark_failed, reason="boom <b>"))
    series = here.coordinate(values.build(), CELL)
    verdict = Verdict(outcome=Outcome.slower, effect=0.2, low=0.19, high=0.21, mde=0.01, p=1e-6)
    effect = Effect(
        series=series.series,
        title="parse",
        metric="time",
        unit="s",
        verdict=verdict,
        before=1.01,
        after=1.21,
        q=1e-5,
    )
    generated = here.coordinate(values.build("2" * 64), SWEPT[0])
    other = replace(effect, series=generated.series, title="generate <b>", before=0.1, after=0.12)
    found = Finding(
        kind=FindingKind.regression,
        commit=here.shas[2],
        after=here.shas[1],
        effects=(effect, other),
        confirmation=Confirmation.confirmed,
    )
    gone = replace(
        found,
        kind=FindingKind.failed,
        commit=here.shas[3],
        after=here.shas[2],
        effects=(effect,),
    )
    better = replace(found, kind=FindingKind.improvement, commit=here.shas[1], after=here.shas[0])
    store.save_findings(here.project_id, here.run, [found, gone, better])
    store.finish_run(here.run, "finished")
    _two_nights(here)
    topic = values.commit(9, parents=(here.shas[0],), subject="On a branch")
    store.remember_commits(here.project_id, "topic", [topic], [here.shas[0], topic.sha])
    same = values.build("1" * 64)
    environment = same.environment.environment_class
    store.remember_build(here.project_id, topic.sha, values.PINNED, environment, same, 1.5)
    store.remember_machine(values.machine(kernel="7"))
    with store.transaction() as connection:
        connection.exec_driver_sql(
            "INSERT INTO calibration (project_id, run_id, machine_class, suite_hash, profile, at,"
            " decisions, alarms, powers, seconds_a_commit)"
            " SELECT project_id, id, 'test-2', '5', 'nightly', now(), 2000, 1, '[]', 5 FROM run"
        )
        connection.exec_driver_sql("UPDATE project SET commit_url = 'https://example.org/{sha}'")
        connection.exec_driver_sql(
            "UPDATE commit SET subject = '<script>alert(1)</script> & more' WHERE sha = %s",
            (here.shas[1],),
        )
    return here


def _two_nights(here: World) -> None:
    """Begun by two machines in the same moment; one of them has claimed work."""
    began = datetime.now(UTC) - timedelta(hours=2)
    second = replace(values.machine(host="second"), name="bench-2")
    here.store.remember_machine(second)
    for machine in (here.machine, second):
        run = here.store.begin_run(
            RunRecord(
                project_id=here.project_id,
                machine=machine.fingerprint,
                command=("/a path/tracker", "nightly"),
                tool_version="0.1.0",
                tool_dirty=False,
                configuration={},
                sources={},
                seed=1,
                started_at=began,
            )
        )
    here.store.claim(run, ["a", "b"], 3600)


def _generated(here: World, build: Build, cell: Cell) -> Measurement:
    """Twice as fast compiled; eight at once take four times as long as one."""
    batch, compiled = (value for _, value in cell.parameters)
    seconds = (0.1 if batch == "1" else 0.4) / (2 if compiled == "True" else 1)
    given = dict.fromkeys((*CALLS, *TOKENS), (seconds, "s"))
    return _of(here, 2, build, cell, {**given, "peak_memory": (1e9, "bytes")})


def _of(
    here: World, number: int, build: Build, cell: Cell, given: dict[str, tuple[float, str]]
) -> Measurement:
    readings = tuple(
        Reading(
            coordinate=here.coordinate(
                build,
                cell,
                metric=metric,
                unit=unit,
                direction=Direction.more if metric == "accuracy" else Direction.less,
            ),
            samples=(value,),
            loops=1,
            warmup=(),
            value=value,
        )
        for metric, (value, unit) in given.items()
    )
    return here.measurement(number, build, cell, readings=readings, telemetry=TELEMETRY)


def _with_two_threads(here: World, build: Build) -> Measurement:
    """A value of another series that reads the same."""
    coordinate = here.coordinate(build, CELL, threads=2)
    reading = Reading(coordinate=coordinate, samples=(5.0,), loops=1, warmup=(), value=5.0)
    return here.measurement(0, build, CELL, 9, readings=(reading,), telemetry=TELEMETRY)
