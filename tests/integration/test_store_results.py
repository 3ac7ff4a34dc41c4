from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.support import values
from tests.support.stored import PROJECT, World, world
from tracker.errors import SuiteError, UsageError
from tracker.model.cells import EnvironmentRequest
from tracker.model.environments import Build, BuildFailure, EnvironmentClass
from tracker.model.measurements import Reading, State, unit_key
from tracker.model.purposes import Aim, Purpose
from tracker.model.requests import Ending
from tracker.model.series import History
from tracker.model.standing import Given
from tracker.model.suites import Axis, Benchmark, Suite
from tracker.store.store import Store
from tracker.store.verify import verify

CELL = values.cell("parse", parameters=(("größe", "'8'"),))
OTHER = values.cell("load")
FAILURE = BuildFailure(reason="no module named 'setuptools'", log="...\nno module")


@pytest.fixture
def here(store: Store) -> World:
    return world(store)


def _build(number: int, lock: str = "left==1\n") -> Build:
    base = values.build(f"{number:064d}")
    environment_class = replace(base.environment.environment_class, lock=lock)
    environment = replace(
        base.environment, environment_class=environment_class, hash=f"{lock!r:>64}", lock=lock
    )
    return replace(base, environment=environment)


def _all_built(here: World) -> list[Build]:
    builds = [_build(number) for number in range(len(here.commits))]
    for number, build in enumerate(builds):
        here.built(number, build)
    return builds


def _shape(history: History) -> list[tuple[int, tuple[float, ...], str]]:
    return [(p.commit.position, p.values, p.state.value) for p in history.points]


# builds ------------------------------------------------------------------------------------


def test_a_build_comes_back_as_it_was(here: World) -> None:
    build = replace(_build(0), installed_bytes=3 * 2**31)
    here.built(0, build)
    assert here.store.build(build.key) == build


def test_environment_classes_newest_first(here: World) -> None:
    here.built(0, _build(0, "left==1\n"))
    here.built(1, _build(1, "left==2\n"))
    here.built(
        2, FAILURE, environment_class=EnvironmentClass(recipe="pinned", python="3.11", lock="x")
    )
    here.built(3, _build(3, "left==1\n"))
    locks = [c.lock for c in here.store.environment_classes(here.project_id, values.PINNED)]
    assert locks == ["x", "left==2\n", "left==1\n"]
    other = EnvironmentRequest(recipe="pinned", python="3.12")
    assert here.store.environment_classes(here.project_id, other) == ()


def test_a_failure_to_resolve_is_over_once_it_builds(here: World) -> None:
    here.built(0, FAILURE)
    asked_for = (here.shas[0], values.PINNED)
    assert here.store.builds(here.project_id, here.shas, [values.PINNED]) == {asked_for: ()}
    here.built(0, _build(0))
    here.built(0, _build(5, "left==2\n"))
    found = here.store.builds(here.project_id, here.shas, [values.PINNED])
    assert found == {asked_for: (_build(0).key, _build(5).key)}


# measurements ------------------------------------------------------------------------------


def test_the_same_work_is_stored_once(here: World) -> None:
    builds = _all_built(here)
    first = here.measurement(0, builds[0], CELL, value=1.0)
    again = here.measurement(0, builds[0], CELL, value=2.0, run=here.begin_run())
    assert here.ingest(first, again) == 1
    assert here.ingest(again) == 0
    assert here.ingest() == 0
    (history,) = here.store.histories(here.project_id, here.commits)
    assert _shape(history) == [(0, (1.0,), "measured")]


def test_everything_of_a_measurement_is_kept(here: World) -> None:
    builds = _all_built(here)
    here.ingest(
        here.measurement(0, builds[0], CELL, metrics=("time", "peak_memory")),
        here.measurement(
            1,
            builds[1],
            CELL,
            state=State.timed_out,
            reason="too slow: ∞",
            output="'\\x'\n",
            exit_code=-9,
        ),
    )
    with here.store.transaction() as connection:
        rows = connection.execute(
            sa.text("SELECT m.*, samples, warmup, loops FROM measurement m"
                    " LEFT JOIN reading ON measurement_id = id ORDER BY m.id, series_id")
        ).all()  # fmt: skip
    done, _, failed = sorted(rows, key=lambda row: str(row.reason))
    assert (done.samples, done.warmup, done.loops) == ([1.0, 1.5], [2.0], 10)
    assert done.flags == ["loaded", "noisy"]
    assert done.provenance["extra"] == {"hash_seed": "1"}
    assert (failed.reason, failed.output, failed.exit_code) == ("too slow: ∞", "'\\x'\n", -9)
    assert failed.samples is None


@pytest.mark.parametrize("samples", [(), (1.0, float("nan")), (float("inf"),)])
def test_what_is_no_number_is_not_stored(here: World, samples: tuple[float, ...]) -> None:
    builds = _all_built(here)
    coordinate = here.coordinate(builds[0], CELL)
    bad = Reading(coordinate=coordinate, samples=samples, value=1.0)
    with pytest.raises(ValueError, match="finite"):
        here.ingest(
            here.measurement(1, builds[1], CELL),
            here.measurement(0, builds[0], CELL, readings=(bad,)),
        )
    assert here.store.counts()["measurement"] == 0


def test_what_is_known(here: World) -> None:
    builds = _all_built(here)
    here.built(3, FAILURE, request=EnvironmentRequest(recipe="contemporary", python="3.11"))
    here.ingest(
        here.measurement(0, builds[0], CELL, 0),
        here.measurement(0, builds[0], CELL, 2),
        here.measurement(1, builds[1], CELL, 0, state=State.benchmark_failed, reason="boom"),
        here.measurement(2, builds[2], CELL, 0),
        here.measurement(2, builds[2], CELL, 1, state=State.timed_out, reason="slow"),
        here.measurement(2, builds[2], OTHER, 0),
    )
    known = here.store.known(here.project_id, here.shas[:3], [CELL])
    assert known.builds == {(here.shas[n], values.PINNED): (builds[n].key,) for n in range(3)}
    assert known.measured == {
        (builds[0].key, CELL.key): frozenset({0, 2}),
        (builds[2].key, CELL.key): frozenset({0}),
    }
    assert known.failed == {
        (builds[1].key, CELL.key): Ending(state=State.benchmark_failed, reason="boom"),
        (builds[2].key, CELL.key): Ending(state=State.timed_out, reason="slow"),
    }


def test_failures_can_be_forgotten_to_try_again(here: World) -> None:
    builds = _all_built(here)
    here.built(3, FAILURE, environment_class=builds[3].environment.environment_class)
    here.ingest(
        here.measurement(0, builds[0], CELL, 0),
        here.measurement(0, builds[0], CELL, 1, state=State.timed_out, reason="slow"),
    )
    assert here.store.forget_failed(here.project_id, here.shas) == 2
    known = here.store.known(here.project_id, here.shas, [CELL])
    assert known.failed == {}
    assert (here.shas[3], values.PINNED) not in known.builds
    assert here.ingest(here.measurement(0, builds[0], CELL, 1)) == 1


# purposes ----------------------------------------------------------------------------------

COMPARE = Purpose(aim=Aim.compare, key="a..b")


def test_an_experiment_has_processes_of_its_own(here: World) -> None:
    builds = _all_built(here)
    here.ingest(
        here.measurement(0, builds[0], CELL, 0, value=1.0),
        here.measurement(0, builds[0], CELL, 0, value=2.0, purpose=COMPARE, flags=()),
        here.measurement(0, builds[0], CELL, 1, value=3.0, purpose=COMPARE, flags=("noisy",)),
        here.measurement(1, builds[1], CELL, 0, value=4.0, purpose=COMPARE, commit="", flags=()),
    )
    (history,) = here.store.histories(here.project_id, here.commits)
    assert _shape(history) == [(0, (1.0,), "measured")]
    of_history = here.store.known(here.project_id, here.shas, [CELL])
    assert of_history.measured == {(builds[0].key, CELL.key): frozenset({0})}
    known = here.store.known(here.project_id, here.shas, [CELL], COMPARE)
    assert known.measured == {
        (builds[0].key, CELL.key): frozenset({0, 1}),
        (builds[1].key, CELL.key): frozenset({0}),
    }
    assert known.noisy == {(builds[0].key, CELL.key): 1}
    assert {
        target: [(p.round, p.readings[0].value, p.readings[0].samples) for p in of_target]
        for target, of_target in here.store.known_pairs(
            here.project_id, here.shas, [CELL], COMPARE
        ).processes.items()
    } == {
        (builds[0].key, CELL.key): [(0, 2.0, (2.0, 3.0)), (1, 3.0, (3.0, 4.5))],
        (builds[1].key, CELL.key): [(0, 4.0, (4.0, 6.0))],
    }
    assert all(check.problems == () for check in verify(here.store))


def test_processes_of_one_batch_share_its_number(here: World) -> None:
    builds = _all_built(here)
    here.ingest(
        here.measurement(0, builds[0], CELL, 0, batch="x"),
        here.measurement(0, builds[0], CELL, 1, batch="y"),
        here.measurement(1, builds[1], CELL, 0, batch="x"),
    )
    (history,) = here.store.histories(here.project_id, here.commits)
    (x, y), (also_x,) = (point.batches for point in history.points)
    assert x == also_x != y


def test_sessions_of_the_reference_commit(here: World) -> None:
    builds = _all_built(here)
    runs = [here.run, here.begin_run(), here.begin_run()]
    for number, run in enumerate(runs):
        purpose = Purpose(aim=Aim.reference, key=run)
        here.ingest(
            *(
                here.measurement(
                    0, builds[0], CELL, r, run=run, purpose=purpose, value=1.0 + number
                )
                for r in (0, 1)
            )
        )
    class_ = here.machine.machine_class
    found = here.store.reference_sessions(here.project_id, class_, runs[1], 9)
    assert [(run, list(values.values())) for run, values in found] == [
        (runs[0], [(1.0, 1.0)]),
        (runs[1], [(2.0, 2.0)]),
    ]
    assert here.store.reference_sessions(here.project_id, class_, runs[2], 1)[0][0] == runs[2]
    assert here.store.reference_sessions(here.project_id, class_, here.begin_run(), 9) == ()
    assert here.store.last_reference(here.project_id, class_) == here.shas[0]


# histories ---------------------------------------------------------------------------------


def test_a_history_follows_the_order_it_is_asked_for(here: World) -> None:
    builds = _all_built(here)
    here.ingest(*(here.measurement(n, builds[n], CELL, r, value=n + r / 10)
                  for n in (2, 0, 3) for r in (1, 0)))  # fmt: skip
    (history,) = here.store.histories(here.project_id, here.commits[::-1])
    assert [p.commit.position for p in history.points] == [3, 2, 0]
    assert history.points[0].values == (3.0, 3.1)
    assert history.points[0].rounds == (0, 1)
    assert history.coordinate == here.coordinate(builds[0], CELL)
    assert history.series == history.coordinate.series


def test_commits_that_install_the_same_share_the_values(here: World) -> None:
    for number in (0, 1):
        here.built(number, _build(0))
    here.ingest(here.measurement(0, _build(0), CELL, value=5.0))
    (history,) = here.store.histories(here.project_id, here.commits)
    assert _shape(history) == [(0, (5.0,), "measured"), (1, (5.0,), "measured")]


def test_failures_are_points(here: World) -> None:
    builds = [_build(number) for number in range(4)]
    for number in (0, 1, 3):
        here.built(number, builds[number])
    here.built(2, FAILURE)
    here.ingest(
        here.measurement(0, builds[0], CELL),
        here.measurement(1, builds[1], CELL, state=State.benchmark_failed, reason="boom"),
        here.measurement(3, builds[3], CELL, state=State.early_stopped, reason="60 s"),
    )
    (history,) = here.store.histories(here.project_id, here.commits)
    assert [(p.state, p.reason) for p in history.points] == [
        (State.measured, ""),
        (State.benchmark_failed, "boom"),
        (State.build_failed, FAILURE.reason),
        (State.early_stopped, "60 s"),
    ]


def test_across_a_border_of_environments_a_failure_is_told_once(here: World) -> None:
    old, new = "left==1\n", "left==2\n"
    here.built(0, _build(0, old))
    here.built(1, _build(1, old))
    here.built(1, _build(11, new))
    here.built(2, _build(2, new))
    here.built(3, FAILURE, environment_class=_build(0, new).environment.environment_class)
    here.ingest(
        here.measurement(0, _build(0, old), CELL, value=1.0),
        here.measurement(1, _build(1, old), CELL, value=1.0),
        here.measurement(1, _build(11, new), CELL, value=2.0),
        here.measurement(2, _build(2, new), CELL, state=State.timed_out, reason="slow"),
    )
    shapes = {
        history.coordinate.environment_class: _shape(history)
        for history in here.store.histories(here.project_id, here.commits)
    }
    assert shapes == {
        _build(0, old).environment.environment_class.hash: [
            (0, (1.0,), "measured"),
            (1, (1.0,), "measured"),
        ],
        _build(0, new).environment.environment_class.hash: [
            (1, (2.0,), "measured"),
            (2, (), "timed-out"),
            (3, (), "build-failed"),
        ],
    }


def test_a_failure_in_a_class_without_values_continues_the_series_before(here: World) -> None:
    here.built(0, _build(0, "left==1\n"))
    here.built(1, _build(1, "left==2\n"))
    here.ingest(
        here.measurement(0, _build(0), CELL),
        here.measurement(1, _build(1), CELL, state=State.benchmark_failed, reason="boom"),
    )
    (history,) = here.store.histories(here.project_id, here.commits)
    assert _shape(history) == [(0, (1.0,), "measured"), (1, (), "benchmark-failed")]


def test_two_pythons_are_side_by_side_not_one_after_the_other(here: World) -> None:
    newer = EnvironmentRequest(recipe="pinned", python="3.12")
    base = _build(9)
    in_newer = EnvironmentClass(recipe="pinned", python="3.12", lock="left==1\n")
    environment = replace(
        base.environment, environment_class=in_newer, hash="9" * 64, python="cpython-3.12.1"
    )
    other = replace(base, environment=environment)
    here.built(0, _build(0))
    here.built(0, other, request=newer)
    here.built(1, FAILURE, request=newer)
    cell = replace(CELL, environment=newer)
    here.ingest(
        here.measurement(0, _build(0), CELL, value=1.0), here.measurement(0, other, cell, value=2.0)
    )
    shapes = {
        history.coordinate.python: _shape(history)
        for history in here.store.histories(here.project_id, here.commits)
    }
    assert shapes == {
        "cpython-3.11.7": [(0, (1.0,), "measured")],
        "cpython-3.12.1": [(0, (2.0,), "measured"), (1, (), "build-failed")],
    }


def test_histories_of_one_suite_or_some_cells(here: World) -> None:
    builds = _all_built(here)
    elsewhere = values.cell("parse", suite_hash="6" * 64)
    here.ingest(*(here.measurement(0, builds[0], cell) for cell in (CELL, OTHER, elsewhere)))

    def benchmarks(**only: object) -> list[tuple[str, str]]:
        found = here.store.histories(here.project_id, here.commits, **only)  # type: ignore[arg-type]
        return sorted((h.coordinate.benchmark, h.coordinate.suite_hash[0]) for h in found)

    assert benchmarks() == [("load", "5"), ("parse", "5"), ("parse", "6")]
    assert benchmarks(suite_hash="5" * 64) == [("load", "5"), ("parse", "5")]
    assert benchmarks(cells=[CELL.key]) == [("parse", "5")]
    assert benchmarks(cells=[]) == []


def test_the_view_for_readers(here: World) -> None:
    for number in (0, 1):
        here.built(number, _build(0))
    here.ingest(*(here.measurement(0, _build(0), CELL, r, value=r + 1.0) for r in range(3)))
    with here.store.transaction() as connection:
        rows = connection.execute(
            sa.text("SELECT position, median, processes FROM series_point ORDER BY position")
        ).all()
    assert rows == [(0, 2.0, 3), (1, 2.0, 3)]


def test_failures_by_name(here: World) -> None:
    builds = _all_built(here)
    here.built(3, FAILURE, environment_class=builds[3].environment.environment_class)
    here.store.remember_cells([CELL, OTHER])
    here.ingest(
        here.measurement(0, builds[0], CELL, state=State.timed_out, reason="slow"),
        here.measurement(1, builds[1], CELL, state=State.timed_out, reason="slow"),
        here.measurement(2, builds[2], CELL, state=State.unsupported, reason="not here"),
        here.measurement(0, builds[0], OTHER, 0, state=State.timed_out, reason="slow"),
        here.measurement(0, builds[0], OTHER, 1),
    )
    found = here.store.failures(here.project_id, here.shas, CELL.suite_hash)
    assert {(f.title, f.state, f.reason, tuple(sorted(f.commits))) for f in found} == {
        ("", State.build_failed, FAILURE.reason, (here.shas[3],)),
        ("parse[größe=8]", State.timed_out, "slow", tuple(sorted(here.shas[:2]))),
    }


def test_a_commit_is_told_process_by_process(here: World) -> None:
    build, *_ = _all_built(here)
    here.built(1, build)  # the second commit installs the same, too
    asked = replace(CELL, threads=4)
    here.store.remember_cells([asked, OTHER])
    reading = Reading(
        coordinate=here.coordinate(build, asked),
        samples=(1.0, 2.0),
        loops=5,
        warmup=(9.0,) * 3,
        value=1.5,
    )
    stopped = replace(reading, samples=(60.0,), warmup=(), value=60.0)
    here.ingest(
        here.measurement(0, build, asked, 1, readings=(stopped,), state=State.early_stopped,
                         reason="slow", flags=("not-converged",)),
        here.measurement(0, build, asked, 0, readings=(reading,), flags=()),
        here.measurement(0, build, OTHER, 0, metrics=("time", "peak_memory")),
        here.measurement(0, build, asked, 2, state=State.timed_out),
        here.measurement(0, build, asked, 3, purpose=Purpose(aim=Aim.compare, key="x")),
    )  # fmt: skip
    told = here.store.standings(here.project_id, here.shas[1], asked.suite_hash)
    assert told == here.store.standings(here.project_id, here.shas[0], asked.suite_hash)
    assert [(one.coordinate.title, one.coordinate.metric) for one in told] == [
        ("parse[größe=8]", "time"),
        ("load", "time"),
        ("load", "peak_memory"),
    ]
    assert (told[0].coordinate, told[0].threads) == (reading.coordinate, 4)
    assert told[0].processes == (
        Given(
            samples=(1.0, 2.0),
            loops=5,
            warmup=3,
            value=1.5,
            state=State.measured,
            reason="",
            flags=(),
        ),
        Given(
            samples=(60.0,),
            loops=5,
            warmup=0,
            value=60.0,
            state=State.early_stopped,
            reason="slow",
            flags=("not-converged",),
        ),
    )
    assert here.store.machine_at(here.project_id, here.shas[1]) == here.machine
    assert here.store.standings(here.project_id, here.shas[0], "0" * 64) == ()
    assert here.store.standings(here.project_id, here.shas[3], asked.suite_hash) == ()


# leases ------------------------------------------------------------------------------------


def test_two_runs_do_not_get_the_same_work(here: World) -> None:
    other = here.begin_run()
    assert here.store.claim(here.run, ["a", "b"], 60)
    assert here.store.claim(here.run, ["a"], 60)
    assert not here.store.claim(other, ["b", "c"], 60)
    here.store.release(here.run)
    assert here.store.claim(other, ["a", "b", "b"], 60)
    here.store.finish_run(other, "finished")
    assert here.store.claim(here.run, ["a", "c"], 60)


def test_two_runs_do_not_wait_for_each_other_with_a_part_of_the_work(here: World) -> None:
    other = here.begin_run()
    assert here.store.claim(here.run, ["d"], 60)
    assert not here.store.claim(other, ["c", "d"], 60)
    assert here.store.claim(here.run, ["a", "c"], 60)


def test_work_of_a_dead_run_is_taken_over(here: World) -> None:
    assert here.store.claim(here.run, ["a"], -1)
    assert here.store.claim(here.begin_run(), ["a"], 60)
    with here.store.transaction() as connection:
        assert connection.scalar(sa.text("SELECT fence FROM lease WHERE unit = 'a'")) == 2


def test_a_lease_lives_as_long_as_it_is_renewed(here: World) -> None:
    here.store.claim(here.run, ["a"], -1)
    here.store.renew(here.run, 60)
    assert not here.store.claim(here.begin_run(), ["a"], 60)


def test_what_is_measured_is_not_granted(here: World) -> None:
    builds = _all_built(here)
    here.ingest(here.measurement(0, builds[0], CELL))
    done = unit_key(builds[0].key, CELL.key, 0)
    assert not here.store.claim(here.run, [done, "other"], 60)
    assert here.store.claim(here.run, ["other"], 60)


# projects, lines, suites, machines, runs ---------------------------------------------------


def test_a_force_push_rewrites_the_line_and_keeps_the_commits(here: World) -> None:
    def line() -> list[str]:
        with here.store.transaction() as connection:
            return list(
                connection.scalars(sa.text("SELECT sha FROM line_position ORDER BY position"))
            )

    new = values.commit(9, position=2, subject="Ändern — 'quoted'")
    for shas in ([*here.shas[:2], new.sha], here.shas[:1], here.shas, here.shas):
        here.store.remember_commits(here.project_id, "", [new], shas)
        assert line() == shas
    assert here.store.counts()["commit"] == 5
    # a commit may move along the line
    here.store.remember_commits(here.project_id, "", [], here.shas[::-1])
    assert line() == here.shas[::-1]


def test_a_suite_is_completed_later(here: World) -> None:
    outline = Suite(
        name="s", harness="python", hash="5" * 64, benchmarks=(Benchmark(name="parse"),)
    )
    here.store.remember_suite(here.project_id, outline)
    complete = replace(
        outline,
        benchmarks=(
            Benchmark(name="parse", axes=(Axis(name="n", values=("1",)),)),
            Benchmark(name="b"),
        ),
    )
    for _ in range(2):
        here.store.remember_suite(here.project_id, complete)
    with here.store.transaction() as connection:
        axes = connection.scalars(sa.text("SELECT axes FROM benchmark ORDER BY name")).all()
    assert axes == [[], [{"name": "n", "values": ["1"], "open": False}]]


def test_a_gold_suite_never_changes_silently(here: World) -> None:
    parse = (Benchmark(name="parse"),)
    first = Suite(
        name="s", harness="python", hash="5" * 64, benchmarks=parse, version="1", gold=True
    )
    changed = replace(first, hash="6" * 64)
    here.store.remember_suite(here.project_id, first)
    with pytest.raises(SuiteError, match="not what was measured under that version") as caught:
        here.store.remember_suite(here.project_id, changed)
    assert caught.value.code == "suite.gold-changed"
    here.store.remember_suite(here.project_id, replace(changed, version="2"))
    here.store.remember_suite(here.project_id, replace(changed, version="1", gold=False))


def test_a_changed_machine_is_an_event(here: World) -> None:
    here.store.remember_machine(here.machine)
    here.store.remember_machine(values.machine(kernel="6.1"))
    here.store.remember_machine(here.machine)
    with here.store.transaction() as connection:
        changes = connection.scalars(sa.text("SELECT changes FROM machine_event ORDER BY id")).all()
    assert changes == [{"kernel": [None, "6.1"]}, {"kernel": ["6.1", None]}]
    assert here.store.machine(here.run) == here.machine


def test_runs_newest_first(here: World) -> None:
    builds = _all_built(here)
    here.ingest(
        here.measurement(0, builds[0], CELL),
        here.measurement(1, builds[1], CELL, state=State.timed_out, reason="slow"),
    )
    later = here.begin_run()
    here.store.finish_run(here.run, "stopped")
    second, first = here.store.runs(here.project_id, 5)
    assert (second.run, second.state, second.finished_at) == (later, "running", None)
    assert (first.run, first.state, first.measured, first.failed) == (here.run, "stopped", 1, 1)
    assert first.as_json()["started_at"].endswith("+00:00")
    assert len(here.store.runs(here.project_id, 1)) == 1


def test_a_finished_run_tells_the_planner_what_it_brought(here: World) -> None:
    builds = _all_built(here)

    def believed() -> float:
        query = sa.text("SELECT reltuples FROM pg_class WHERE oid = 'measurement'::regclass")
        with here.store.transaction() as connection:
            return float(connection.scalar(query) or 0)

    here.store.finish_run(here.begin_run(), "finished")
    assert believed() <= 0  # it brought nothing
    here.ingest(*(here.measurement(0, builds[0], CELL, number) for number in range(20)))
    here.store.finish_run(here.run, "finished")
    assert believed() == 20
    little = here.begin_run()
    here.ingest(here.measurement(1, builds[1], CELL, run=little))
    here.store.finish_run(little, "finished")
    assert believed() == 20


def test_projects_are_known_by_name(here: World) -> None:
    assert here.store.project_id(PROJECT.name) == here.project_id
    assert here.store.remember_project(replace(PROJECT, branch="main")) == here.project_id
    with pytest.raises(UsageError, match="no such"):
        here.store.project_id("no such")


# verification ------------------------------------------------------------------------------


def test_verification_finds_what_was_changed_by_hand(here: World) -> None:
    builds = _all_built(here)
    here.ingest(
        here.measurement(0, builds[0], CELL),
        here.measurement(1, builds[1], CELL, state=State.timed_out, reason="slow"),
    )
    assert [problem for check in verify(here.store) for problem in check.problems] == []
    with here.store.transaction() as connection:
        for damage in (
            "UPDATE series SET threads = 7",
            "UPDATE measurement SET round = 8 WHERE state = 'measured'",
            "UPDATE measurement SET state = 'measured'",
            "UPDATE reading SET samples = '{1,NaN}'",
            "UPDATE line_position SET position = 77 WHERE position = 2",
        ):
            connection.execute(sa.text(damage))
    # a tally and a run had counted the process as failed: these are made anew
    assert sum(len(check.problems) for check in verify(here.store)) == 7
    assert sum(len(check.problems) for check in verify(here.store)) == 5
    assert all("wrong: " in str(check) for check in verify(here.store) if check.problems)
