from dataclasses import replace
from typing import Any

from tracker.engine.executor import LocalExecutor
from tracker.engine.members import each
from tracker.engine.work import Work
from tracker.machine.program import Ended, Limits
from tracker.model.telemetry import Channel, Guarded, Telemetry

MEMORY = Channel(
    name="memory",
    unit="bytes",
    offsets=(0.0, 1.0, 2.0, 3.0, 4.0, 5.0),
    values=(10.0, 20.0, 30.0, 40.0, 50.0, 60.0),
)


def line(event: str, member: int, **fields: Any) -> dict[str, Any]:
    return {"event": event, "member": member, **fields}


#: two seconds of imports, one for the first member, two for the second
LINES = (
    line("began", 0, at=2.0),
    line("hello", 0, threads=1),
    line("end", 0, state="measured"),
    line("left", 0, at=3.0, exit_code=0, timed_out=False, printed="its own"),
    line("began", 1, at=3.0),
    line("end", 1, state="measured"),
    line("left", 1, at=5.0, exit_code=0, timed_out=False, printed="its own"),
    {"event": "end", "state": "measured"},
)
ENDED = Ended(
    how="exited",
    exit_code=0,
    seconds=5.0,
    lines=LINES,
    output="",
    guarded=Guarded(limit="", watched_by="looks", peak_bytes=99, peak_device_bytes=0),
    telemetry=Telemetry(channels=(MEMORY,), overhead=0.5),
    suspended_seconds=0.0,
)


def test_each_has_its_own_lines_time_and_telemetry() -> None:
    first, second = each(ENDED, 2)
    assert first is not None
    assert second is not None
    assert first.lines == ({"event": "hello", "threads": 1}, {"event": "end", "state": "measured"})
    assert (first.seconds, second.seconds) == (1.0, 2.0)
    assert first.output == "its own"
    assert first.telemetry.channels[0].offsets == (0.0, 1.0)
    assert second.telemetry.channels[0].values == (40.0, 50.0, 60.0)
    assert first.guarded.peak_bytes == 40
    assert (first.telemetry.overhead, second.telemetry.overhead) == (0.1, 0.2)


def test_who_left_before_the_first_look_has_that_look() -> None:
    late = Channel(name="memory", unit="bytes", offsets=(4.0, 5.0), values=(40.0, 50.0))
    first, _ = each(replace(ENDED, telemetry=Telemetry(channels=(late,), overhead=0.0)), 2)
    assert first is not None
    assert first.telemetry.channels[0].values == (40.0,)
    assert first.guarded.peak_bytes == 40


def test_what_neighbours_took_is_not_ones_own() -> None:
    looks = Channel(name="memory", unit="bytes", offsets=(1.5, 2.5, 3.5), values=(90.0, 30.0, 99.0))
    first, _ = each(replace(ENDED, telemetry=Telemetry(channels=(looks,), overhead=0.0)), 2)
    assert first is not None
    assert first.guarded.peak_bytes == 30


def test_who_was_not_begun_left_nothing() -> None:
    first, second = each(replace(ENDED, lines=LINES[:4]), 2)
    assert first is not None
    assert second is None


def test_a_limit_ends_who_runs_at_the_time() -> None:
    killed = replace(ENDED, how="memory", exit_code=-9, lines=LINES[:5])
    first, second = each(killed, 2)
    assert first is not None
    assert (first.how, first.seconds) == ("exited", 1.0)
    assert first.telemetry.channels[0].offsets == (0.0, 1.0)
    assert second is not None
    assert (second.how, second.exit_code, second.seconds) == ("memory", -9, 2.0)


def test_whom_the_kernel_ends_is_not_who_runs_a_look_later() -> None:
    left = line("left", 0, at=3.0, exit_code=-9, timed_out=False, printed="its own")
    killed = replace(ENDED, how="memory", exit_code=-9, lines=(*LINES[:2], left, LINES[4]))
    first, second = each(killed, 2)
    assert first is not None
    assert first.how == "memory"
    assert second is None


def test_what_was_told_to_stop_is_asked_for_again() -> None:
    first, second = each(replace(ENDED, how="stopped", lines=LINES[:5]), 2)
    assert first is not None
    assert second is None


def test_who_takes_too_long_is_ended_alone() -> None:
    left = line("left", 0, at=3.0, exit_code=-9, timed_out=True, printed="its own")
    first, second = each(replace(ENDED, lines=(*LINES[:2], left, *LINES[4:])), 2)
    assert first is not None
    assert (first.how, first.guarded.limit) == ("timed-out", "wall-time")
    assert second is not None
    assert second.how == "exited"


class Scripted(LocalExecutor):
    """Runs nothing: a start ends as it is told to."""

    def __init__(self, *endings: Ended) -> None:
        self.asked: list[Work] = []
        self._endings = list(endings)

    def execute(self, work: Work) -> Ended:
        self.asked.append(work)
        return self._endings.pop(0)


FAILED = replace(ENDED, lines=({"event": "end", "state": "benchmark-failed"},))
ONE = replace(ENDED, lines=LINES[:4])


def work(benchmark: str) -> Work:
    return Work(
        argv=("python",),
        job={"benchmark": benchmark},
        variables={},
        limits=Limits(timeout=10.0),
        readable=(),
        interval=0.5,
    )


def test_where_the_start_fails_each_has_its_own() -> None:
    executor = Scripted(FAILED, FAILED, ONE)
    first, second = executor.execute_together([work("a.broken"), work("b.right")])
    assert first == FAILED
    assert second is not None
    assert second.lines[-1]["state"] == "measured"
    assert [one.job["benchmark"] for one in executor.asked] == ["", "a.broken", "b.right"]
    assert [one.limits.timeout for one in executor.asked] == [20.0, 10.0, 10.0]


def test_a_start_that_was_told_to_stop_is_not_begun_again() -> None:
    executor = Scripted(replace(FAILED, how="stopped", lines=()))
    assert executor.execute_together([work("a"), work("b")]) == (None, None)
