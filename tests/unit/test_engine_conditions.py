"""Conditions that spoil numbers, and what is done again for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest

from tests.support.series import POLICY
from tests.unit.test_engine_results import ended
from tracker.engine.conditions import Fault, fault, flags
from tracker.engine.retries import Undisturbed, undisturbed
from tracker.errors import InfrastructureError
from tracker.machine.program import Ended
from tracker.model.telemetry import Channel, Telemetry

POLICY = replace(POLICY, loaded_share=0.25, throttled_share=0.01, suspended_seconds=1.0, retries=2)


def telemetry(**channels: tuple[float, ...]) -> Telemetry:
    """Channels that were read once in two seconds."""
    return Telemetry(
        channels=tuple(
            Channel(
                name=name,
                unit="s",
                offsets=tuple(2.0 * number for number in range(len(values))),
                values=values,
            )
            for name, values in channels.items()
        ),
        overhead=0.0,
    )


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (telemetry(), ()),  # a machine that tells nothing says nothing bad
        (telemetry(other_cpu_time=(0.0,)), ()),  # nor does one look
        (telemetry(cpu_time=(0.0, 8.0), other_cpu_time=(0.0, 1.9)), ()),  # 0.95 of 4 cores
        (telemetry(other_cpu_time=(0.0, 0.0, 4.4)), ("loaded",)),  # 1.1 of 4 cores
        (telemetry(other_cpu_time=(0.0, 1.5), stolen_time=(0.0, 1.0)), ("loaded",)),
        (telemetry(throttled_time=(7.0, 7.0)), ()),  # before this process
        (telemetry(throttled_time=(7.0, 7.1)), ("throttled",)),
        (telemetry(quota_time=(7.0, 7.1)), ("throttled",)),
        (telemetry(gpu0_throttled=(0.0, 0.0), gpu1_throttled=(0.0, 1.0)), ("throttled",)),
        (telemetry(gpu0_throttled=(0.0, 0.0), gpu0_power=(9.0, 9.0)), ()),
        (telemetry(other_cpu_time=(0.0, 9.0), quota_time=(0.0, 1.0)), ("loaded", "throttled")),
    ],
)
def test_flags_of_conditions(seen: Telemetry, expected: tuple[str, ...]) -> None:
    assert flags(seen, 4, POLICY) == expected


SLEPT = ended(suspended_seconds=60.0)
KILLED = ended(exit_code=-9)
GOOD = ended()


@pytest.mark.parametrize(
    ("process", "expected"),
    [
        (GOOD, None),
        (ended(suspended_seconds=0.2), None),
        (SLEPT, "suspended"),
        (KILLED, "killed"),
        (ended(how="memory", exit_code=-9), None),  # its own doing: a result
        (ended(how="timed-out", exit_code=-9), None),
        (ended(how="timed-out", exit_code=-9, suspended_seconds=60.0), "suspended"),
        (ended(how="stopped", exit_code=-9, suspended_seconds=60.0), None),
        (ended(exit_code=-11), None),
    ],
)
def test_only_the_machine_has_faults(process: Ended, expected: str | None) -> None:
    assert fault(process, POLICY) == expected


Run = Callable[[Sequence[int]], Sequence[Ended | None]]


def attempts(*outcomes: Ended | Exception) -> Run:
    left = iter(outcomes)

    def run(_: Sequence[int]) -> Sequence[Ended]:
        outcome = next(left)
        if isinstance(outcome, Exception):
            raise outcome
        return [outcome]

    return run


def quiet(run: Run, number: int = 1, *, apart: bool = False) -> dict[int, Undisturbed]:
    return dict(undisturbed(run, number, apart=apart, policy=POLICY, note=print))


def left(ended: Ended, *befell: Fault) -> Undisturbed:
    return Undisturbed(ended=ended, befell=frozenset(befell))


def test_what_the_machine_spoiled_is_repeated_and_that_is_known() -> None:
    notes: list[str] = []
    run = attempts(SLEPT, KILLED, GOOD)
    found = dict(undisturbed(run, policy=POLICY, note=notes.append))
    assert found == {0: left(GOOD, "suspended", "killed")}
    assert len(notes) == 2
    assert "slept" in notes[0]


def test_what_the_benchmark_did_is_not_repeated() -> None:
    eaten = ended(how="memory", exit_code=-9)
    assert quiet(attempts(eaten, GOOD)) == {0: left(eaten)}


def test_a_machine_that_keeps_sleeping_ends_the_run() -> None:
    with pytest.raises(InfrastructureError, match="slept"):
        quiet(attempts(SLEPT, SLEPT, SLEPT, GOOD))


def test_a_machine_that_keeps_failing_ends_the_run() -> None:
    broken = InfrastructureError("no processes left")
    with pytest.raises(InfrastructureError, match="no processes left"):
        quiet(attempts(broken, broken, broken, GOOD))
    assert quiet(attempts(broken, broken, GOOD)) == {0: left(GOOD)}


def test_what_is_killed_each_time_is_a_result() -> None:
    assert quiet(attempts(KILLED, KILLED, KILLED, GOOD)) == {0: left(KILLED, "killed")}


def test_a_pair_is_spoiled_by_either() -> None:
    outcomes = iter([(GOOD, SLEPT), (GOOD, None)])
    found = quiet(lambda _: next(outcomes), 2)
    assert found == {0: left(GOOD, "suspended")}


def test_of_a_shared_start_only_who_was_spoiled_is_repeated() -> None:
    asked = []
    outcomes: list[list[Ended | None]] = [[GOOD, KILLED, SLEPT, None], [KILLED, GOOD], [KILLED]]
    left_over = iter(outcomes)

    def run(places: Sequence[int]) -> Sequence[Ended | None]:
        asked.append(places)
        return next(left_over)

    found = quiet(run, 4, apart=True)
    assert asked == [[0, 1, 2, 3], [1, 2], [1]]
    assert found == {0: left(GOOD), 1: left(KILLED, "killed"), 2: left(GOOD, "suspended")}


def test_what_was_let_be_is_given_before_the_machine_fails() -> None:
    left_over: Iterator[list[Ended | None]] = iter([[GOOD, SLEPT]])

    def run(_: Sequence[int]) -> Sequence[Ended | None]:
        for outcome in left_over:
            return outcome
        raise InfrastructureError("no processes left")

    found = undisturbed(run, 2, apart=True, policy=replace(POLICY, retries=1), note=print)
    assert next(found) == (0, left(GOOD))
    with pytest.raises(InfrastructureError, match="no processes left"):
        next(found)
