import gc
import math
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.worker import protocol, task
from tracker.worker.protocol import carry_out, flaw
from tracker.worker.task import Task, Unsupported


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    _use(clock, monkeypatch)
    return clock


def _use(clock: Clock, patch: pytest.MonkeyPatch) -> None:
    for module in (protocol, task):
        patch.setattr(module, "perf_counter", clock)


class Timed(Task):
    """Takes what ``seconds`` says, on a clock that only it moves."""

    def __init__(self, clock: Clock, seconds: Callable[[int], float]) -> None:
        self.calls = 0
        self.log: list[str] = []

        def call() -> None:
            clock.now += seconds(self.calls)
            self.calls += 1

        self.call = call

    def setup(self) -> None:
        self.log.append("setup")

    def teardown(self) -> None:
        self.log.append("teardown")


def test_one_sample_lasts_long_enough(clock: Clock) -> None:
    outcome = carry_out(Timed(clock, lambda _: 0.0003), {"sample_seconds": 0.01, "samples": 7})
    (reading,) = outcome.readings
    assert outcome.state == "measured"
    assert outcome.flags == []
    assert reading["samples"] == pytest.approx([0.0003] * 7)
    assert reading["loops"] == 50
    assert reading["loops"] * 0.0003 >= 0.01
    assert (reading["metric"], reading["unit"], reading["direction"]) == ("time", "s", "lower")


@given(st.floats(1e-9, 0.5), st.floats(1e-4, 0.1))
def test_loops_are_round_and_not_many_too_many(call: float, target: float) -> None:
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        _use(clock, patch)
        stopwatch = protocol._Stopwatch(Timed(clock, lambda _: call))
        # a batch of a million calls would take its time, so the batch is the call here
        patch.setattr(stopwatch, "per_call", lambda loops: call)
        loops, _ = protocol._calibrated(stopwatch, call, target)
    assert str(loops)[0] in "125"
    assert set(str(loops)[1:]) <= {"0"}
    assert loops * call >= target
    assert loops == 1 or loops * call <= 5 * target


def test_loops_of_the_suite_win(clock: Clock) -> None:
    task = Timed(clock, lambda _: 0.001)
    task.overrides = {"loops": 3, "samples": 2, "warmup_seconds": 0}
    (reading,) = carry_out(task, {"samples": 9, "loops": 8}).readings
    assert reading["loops"] == 3
    assert len(reading["samples"]) == 2
    assert task.calls == 1 + 2 * 3


def test_warm_up_is_kept_apart(clock: Clock) -> None:
    outcome = carry_out(Timed(clock, lambda i: 0.02 + 0.1 * 0.5**i), {"samples": 5})
    (reading,) = outcome.readings
    assert reading["samples"] == pytest.approx([0.02] * 5, rel=0.01)
    assert reading["warmup"][0] == pytest.approx(0.12)
    assert outcome.flags == []


def test_a_level_that_changes_half_way_is_flagged_with_its_place(clock: Clock) -> None:
    task = Timed(clock, lambda i: 0.02 if i < 18 else 0.03)
    outcome = carry_out(task, {"samples": 14, "warmup_iterations": 10})
    ((name, reason),) = [flag for flag in outcome.flags if flag[0] != "noisy"]
    assert name == "unsteady"
    assert reason == "another level from sample 7 of 14 on"


def test_when_samples_are_noisy_is_the_policys_to_say(clock: Clock) -> None:
    loud = [0.02, 0.03, 0.025, 0.02, 0.031]
    for limit, flags in ((0.15, ["noisy"]), (0.9, [])):
        task = Timed(clock, lambda i: loud[i % len(loud)])
        outcome = carry_out(
            task, {"samples": 5, "sample_seconds": 0, "warmup_seconds": 0, "noisy": limit}
        )
        assert [name for name, _ in outcome.flags] == flags


@pytest.mark.parametrize(
    ("items", "state"), [(0, "measured"), (10, "measured"), (3, "early-stopped")]
)
def test_a_call_that_takes_too_long_for_each_item_stops_early(
    clock: Clock, items: int, state: str
) -> None:
    task = Timed(clock, lambda _: 0.3)
    task.items = items
    outcome = carry_out(task, {"samples": 2, "preflight_item_seconds": 0.05})
    assert outcome.state == state
    if state == "early-stopped":
        assert (
            outcome.reason == "the first call took 0.1 s for each of 3 items, the limit is 0.05 s"
        )
        assert outcome.readings[0]["samples"] == [pytest.approx(0.3)]


def test_samples_are_taken_in_turns(clock: Clock) -> None:
    class Baton:
        given: ClassVar[list[int]] = [7, 7, 7, 0]
        told: ClassVar[list[int]] = []

        def turn(self, loops: int) -> int:
            self.told.append(loops)
            return self.given.pop(0)

    task = Timed(clock, lambda _: 0.001)
    outcome = carry_out(
        task,
        {"loops": 3, "samples": 99, "warmup_seconds": 0},
        Baton(),  # type: ignore[arg-type]
    )
    (reading,) = outcome.readings
    assert (len(reading["samples"]), reading["loops"]) == (3, 7)
    assert Baton.told == [3, 7, 7, 7]
    assert task.calls == 1 + 3 * 7


def test_what_never_settles_is_flagged(clock: Clock) -> None:
    outcome = carry_out(
        Timed(clock, lambda i: 0.02 * 1.05**i), {"samples": 3, "warmup_iterations": 20}
    )
    assert [name for name, _ in outcome.flags] == ["not-converged"]
    assert len(outcome.readings[0]["warmup"]) == 21
    assert outcome.state == "measured"


def test_a_slow_call_is_judged_by_what_time_allows(clock: Clock) -> None:
    outcome = carry_out(Timed(clock, lambda _: 0.4), {"samples": 3, "warmup_seconds": 1})
    assert len(outcome.readings[0]["warmup"]) == 4
    assert outcome.flags == []


def test_loud_samples_are_flagged(clock: Clock) -> None:
    outcome = carry_out(Timed(clock, lambda i: (0.02, 0.03, 0.05)[i % 3]), {"samples": 9})
    assert "noisy" in [name for name, _ in outcome.flags]


def test_a_slow_first_call_stops_early_and_is_kept(clock: Clock) -> None:
    task = Timed(clock, lambda _: 2.0)
    outcome = carry_out(task, {"preflight_seconds": 1.5})
    assert outcome.state == "early-stopped"
    assert outcome.reason == "the first call took 2 s, the limit is 1.5 s"
    assert outcome.readings[0]["samples"] == [2.0]
    assert task.calls == 1
    assert task.log == ["setup", "teardown"]


def test_setup_once_a_process_or_around_every_sample(clock: Clock) -> None:
    once = Timed(clock, lambda _: 0.1)
    carry_out(once, {"samples": 4, "warmup_iterations": 0})
    assert once.log == ["setup", "teardown"]
    each = Timed(clock, lambda _: 0.1)
    each.setup_each_sample = True
    carry_out(each, {"samples": 4, "warmup_iterations": 0})
    assert each.log == ["setup", "teardown"] * 5


def test_what_the_benchmark_raises_passes_and_is_torn_down(clock: Clock) -> None:
    def fail(call: int) -> float:
        raise ZeroDivisionError

    task = Timed(clock, fail)
    with pytest.raises(ZeroDivisionError):
        carry_out(task, {})
    assert task.log == ["setup", "teardown"]


def test_unsupported_passes() -> None:
    class Elsewhere(Task):
        def setup(self) -> None:
            raise Unsupported("needs a GPU")

    with pytest.raises(Unsupported):
        carry_out(Elsewhere(), {})


class Counting(Task):
    metric = "accuracy"
    unit = "-"
    direction = "higher"
    given: ClassVar[list[dict[str, Any]]] = []

    def readings(self) -> list[dict[str, Any]]:
        return self.given


def test_a_task_that_measures_itself() -> None:
    task = Counting()
    task.given = [{"samples": [0.5]}, {"metric": "size", "unit": "bytes", "samples": [3, 4]}]  # type: ignore[misc]
    outcome = carry_out(task, {})
    assert [(r["metric"], r["unit"], r["samples"]) for r in outcome.readings] == [
        ("accuracy", "-", [0.5]),
        ("size", "bytes", [3, 4]),
    ]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ([], "the benchmark returned no samples"),
        ([{"samples": []}], "accuracy: the benchmark returned no samples"),
        ([{"samples": [1.0, math.nan]}], "accuracy: the benchmark returned nan"),
        ([{"samples": [math.inf]}], "accuracy: the benchmark returned inf"),
        (
            [{"samples": [-1], "unit": "s", "kind": "performance"}],
            "accuracy: the benchmark returned a negative time, -1",
        ),
        ([{"samples": ["1"]}], "accuracy: the benchmark returned str, which is no number"),
    ],
)
def test_what_is_no_number_fails(given: list[dict[str, Any]], reason: str) -> None:
    task = Counting()
    task.given = given  # type: ignore[misc]
    outcome = carry_out(task, {})
    assert (outcome.state, outcome.reason) == ("benchmark-failed", reason)
    assert outcome.readings == []


def test_a_clock_that_steps_back_gives_no_number(clock: Clock) -> None:
    steps = {16: -0.5}
    outcome = carry_out(Timed(clock, lambda i: steps.get(i, 0.02)), {"samples": 14})
    assert outcome.state == "benchmark-failed"
    assert outcome.reason.startswith("time: the benchmark returned a negative time")
    assert outcome.readings == []


@pytest.mark.parametrize("kind", ["performance", "quality"])
def test_what_is_no_time_may_be_negative(kind: str) -> None:
    task = Counting()
    task.given = [{"samples": [-3.5, 0.0], "unit": "points", "kind": kind}]  # type: ignore[misc]
    outcome = carry_out(task, {})
    assert outcome.state == "measured"
    assert outcome.readings[0]["samples"] == [-3.5, 0.0]
    assert flaw([math.nan], signed=True)


@pytest.fixture(autouse=True)
def collecting() -> Iterator[None]:
    yield
    assert gc.isenabled()


class Staged(Timed):
    """Has first calls of its own, and readings beside."""

    firsts = ("first_call", "second_call")

    def sampling(self) -> None:
        self.log.append(f"sampling after {self.calls} calls")

    def beside(self) -> list[dict[str, Any]]:
        return [{"metric": "held", "unit": "bytes", "samples": [7]}]


def test_first_calls_are_metrics_and_what_is_beside_is_told(clock: Clock) -> None:
    staged = Staged(clock, lambda call: [2.0, 0.5][call] if call < 2 else 0.125)
    outcome = carry_out(staged, {"samples": 3, "loops": 1, "warmup_iterations": 0})
    samples = {reading["metric"]: reading["samples"] for reading in outcome.readings}
    assert samples == {
        "time": [0.125] * 3,
        "first_call": [2.0],
        "second_call": [0.5],
        "held": [7],
    }
    assert outcome.readings[0]["warmup"] == [2.0, 0.5]
    assert "sampling after 2 calls" in staged.log


def test_compiling_does_not_stop_a_benchmark_early(clock: Clock) -> None:
    compiled = Staged(clock, lambda call: 0.1 if call else 100.0)
    assert carry_out(compiled, {"preflight_seconds": 60.0}).state == "measured"


def test_times_of_what_was_computed_wrongly_are_not_kept(clock: Clock) -> None:
    task = Timed(clock, lambda _: 0.1)
    task.wrong = lambda: "the output has NaN"  # type: ignore[method-assign]
    outcome = carry_out(task, {})
    assert (outcome.state, outcome.reason) == ("benchmark-failed", "the output has NaN")
    assert outcome.readings == []
