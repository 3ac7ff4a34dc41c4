"""What a process left behind becomes the right state, and numbers with a full coordinate."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.values import START, build, cell, commit, machine
from tracker.engine.results import Circumstances, measurement, process_value
from tracker.machine.program import Ended
from tracker.model.measurements import Measurement, State
from tracker.model.requests import Measure
from tracker.model.telemetry import Guarded, Telemetry

PREFIX = Path("/cache/environments/a b")
REQUEST = Measure(commit=commit(), build=build().key, cell=cell(), round=2, position=5)
AROUND = Circumstances(
    run="run-1",
    project="demo",
    build=build(),
    machine=machine(),
    prefix=PREFIX,
    started_at=START,
    load_before=0.5,
    load_after=0.6,
    process_value="median",
)
HELLO = {
    "event": "hello",
    "python": "cpython-3.11.7",
    "threads": 1,
    "imported_from": str(PREFIX / "lib/site-packages/sample/__init__.py"),
}
TIME = {
    "event": "reading",
    "metric": "time",
    "unit": "s",
    "direction": "lower",
    "exact": False,
    "samples": [3.0, 1.0, 2.0],
    "loops": 4,
    "warmup": [9.0],
}
GUARDED = Guarded(limit="", watched_by="looks", peak_bytes=2**20, peak_device_bytes=3 * 2**20)
END = {"event": "end", "state": "measured", "reason": ""}


def ended(*lines: dict[str, Any], **fields: Any) -> Ended:
    values: dict[str, Any] = {
        "how": "exited",
        "exit_code": 0,
        "seconds": 1.5,
        "lines": lines,
        "output": "last words",
        "guarded": GUARDED,
        "telemetry": Telemetry(channels=(), overhead=0.01),
        "suspended_seconds": 0.0,
    }
    return Ended(**(values | fields))


def result(process: Ended) -> Measurement:
    return measurement(REQUEST, process, AROUND)


def test_a_measurement_carries_its_samples_and_its_coordinate() -> None:
    made = result(ended(HELLO, TIME, END))
    assert made.state is State.measured
    (reading,) = made.readings
    assert reading.samples == (3.0, 1.0, 2.0)
    assert reading.value == 2.0
    assert reading.loops == 4
    assert reading.coordinate.python == "cpython-3.11.7"
    assert reading.coordinate.machine_class == "test-2"
    assert made.key == REQUEST.unit


@pytest.mark.parametrize(
    ("process", "state", "words"),
    [
        (ended(HELLO, how="timed-out", exit_code=-9), State.timed_out, "within 2 s"),
        (ended(HELLO, how="memory", exit_code=-9), State.resource_exceeded, "1 MiB"),
        (ended(HELLO, how="device-memory", exit_code=-9), State.resource_exceeded, "3 MiB"),
        (ended(HELLO, exit_code=-11), State.benchmark_failed, "SIGSEGV"),
        (ended(HELLO, exit_code=-9), State.resource_exceeded, "out of memory"),
        (ended(HELLO, exit_code=3), State.benchmark_failed, "exit code 3"),
        (ended(exit_code=0), State.benchmark_failed, "before it gave a result"),
        (ended(HELLO, END), State.benchmark_failed, "no samples"),
        (
            ended(HELLO, {**END, "state": "benchmark-failed", "reason": "ValueError: no"}),
            State.benchmark_failed,
            "ValueError: no",
        ),
        (
            ended({**HELLO, "imported_from": "/usr/lib/sample.py"}, TIME, END),
            State.quarantined,
            "not from the commit's environment",
        ),
        (
            ended({**HELLO, "imported_from": str(PREFIX) + "-other/sample.py"}, TIME, END),
            State.quarantined,
            "not from the commit's environment",
        ),
    ],
)
def test_every_way_to_end_has_its_state_and_reason(
    process: Ended, state: State, words: str
) -> None:
    made = result(process)
    assert (made.state, made.readings) == (state, ())
    assert words in made.reason
    assert made.output == "last words"


def test_what_was_seen_from_outside_stands_beside_what_the_worker_told() -> None:
    told = {"event": "flag", "name": "noisy"}
    process = ended(HELLO, TIME, told, END)
    made = measurement(REQUEST, process, replace(AROUND, flags=("loaded", "noisy")))
    assert made.flags == ("loaded", "noisy")
    assert (made.guarded, made.telemetry) == (GUARDED, process.telemetry)


def test_an_early_stop_keeps_what_was_measured() -> None:
    made = result(ended(HELLO, TIME, {**END, "state": "early-stopped", "reason": "slow"}))
    assert made.state is State.early_stopped
    assert len(made.readings) == 1


USED = {"event": "used", "backend": "torch", "precision": "-", "device": "cuda", "threads": 4}
SAMPLE = {
    "event": "sample",
    "metric": "load_secs",
    "unit": "s",
    "direction": "lower",
    "exact": False,
    "value": 1.0,
}
FAILED = {"event": "end", "state": "benchmark-failed", "reason": "ValueError: no"}


@pytest.mark.parametrize(
    ("process", "state"),
    [
        (ended(HELLO, USED, SAMPLE, {**SAMPLE, "value": 3.0}, END), State.measured),
        (ended(HELLO, USED, SAMPLE, {**SAMPLE, "value": 3.0}, FAILED), State.benchmark_failed),
        (ended(HELLO, USED, SAMPLE, {**SAMPLE, "value": 3.0}), State.benchmark_failed),
        (
            ended(HELLO, USED, SAMPLE, {**SAMPLE, "value": 3.0}, how="timed-out", exit_code=-9),
            State.timed_out,
        ),
    ],
)
def test_samples_are_kept_whatever_came_after_them(process: Ended, state: State) -> None:
    made = result(process)
    assert made.state is state
    (reading,) = made.readings
    assert (reading.samples, reading.value) == ((1.0, 3.0), 2.0)
    coordinate = reading.coordinate
    assert (coordinate.metric, coordinate.unit) == ("load_secs", "s")
    assert (coordinate.backend, coordinate.device, coordinate.threads) == ("torch", "cuda", 4)


def test_a_reading_of_a_failed_benchmark_and_a_sample_from_elsewhere_are_not_kept() -> None:
    assert result(ended(HELLO, TIME, FAILED)).readings == ()
    elsewhere = {**HELLO, "imported_from": "/usr/lib/sample.py"}
    made = result(ended(elsewhere, USED, SAMPLE, END))
    assert (made.state, made.readings) == (State.quarantined, ())


def test_what_a_benchmark_tells_of_itself_is_provenance() -> None:
    hello = {**HELLO, "hash_seed": "1"}
    early = {**USED, "facts": {"metadata": {"model_id": "a"}}}
    late = {**END, "facts": {"metadata": {"model_id": "a"}, "devices": 1}}
    for lines, told in (((early, SAMPLE), early["facts"]), ((early, SAMPLE, late), late["facts"])):
        made = result(ended(hello, *lines))
        assert made.provenance is not None
        assert made.provenance.extra == {"hash_seed": "1", **told}  # type: ignore[dict-item]


@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=9), st.randoms())
def test_the_value_of_a_process_does_not_depend_on_the_order(
    samples: list[float], rng: Any
) -> None:
    shuffled = list(samples)
    rng.shuffle(shuffled)
    for how in ("median", "minimum"):
        assert process_value(samples, how) == process_value(shuffled, how)
        assert min(samples) <= process_value(samples, how) <= max(samples)


def test_a_value_needs_finite_samples() -> None:
    for samples in ([], [float("nan")], [1.0, float("inf")]):
        with pytest.raises(ValueError, match="finite"):
            process_value(samples, "median")


def test_rounds_do_not_share_a_unit() -> None:
    assert replace(REQUEST, round=3).unit != REQUEST.unit
