from dataclasses import replace
from typing import Any

from tracker.engine.together import each
from tracker.machine.program import Ended
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
    line("began", 0, at=0.0),
    line("hello", 0, threads=1),
    line("end", 0, state="measured"),
    line("left", 0, at=1.0, exit_code=0, timed_out=False),
    line("began", 1, at=1.0),
    line("end", 1, state="measured"),
    line("left", 1, at=3.0, exit_code=0, timed_out=False),
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
    assert first.telemetry.channels[0].offsets == (0.0, 1.0)
    assert second.telemetry.channels[0].values == (40.0, 50.0, 60.0)
    assert first.guarded.peak_bytes == 40
    assert (first.telemetry.overhead, second.telemetry.overhead) == (0.1, 0.2)


def test_who_was_not_begun_left_nothing() -> None:
    first, second = each(replace(ENDED, lines=LINES[:4]), 2)
    assert first is not None
    assert second is None


def test_a_limit_ends_who_runs_at_the_time() -> None:
    killed = replace(ENDED, how="memory", exit_code=-9, lines=LINES[:5])
    first, second = each(killed, 2)
    assert first is not None
    assert first.how == "exited"
    assert second is not None
    assert (second.how, second.exit_code) == ("memory", -9)


def test_what_was_told_to_stop_is_asked_for_again() -> None:
    first, second = each(replace(ENDED, how="stopped", lines=LINES[:5]), 2)
    assert first is not None
    assert second is None


def test_who_takes_too_long_is_ended_alone() -> None:
    left = line("left", 0, at=1.0, exit_code=-9, timed_out=True)
    first, second = each(replace(ENDED, lines=(*LINES[:2], left, *LINES[4:])), 2)
    assert first is not None
    assert (first.how, first.guarded.limit) == ("timed-out", "wall-time")
    assert second is not None
    assert second.how == "exited"


def test_a_start_that_fails_is_the_end_of_the_first() -> None:
    failed = replace(ENDED, lines=({"event": "end", "state": "benchmark-failed"},))
    assert each(failed, 3) == (failed, None, None)
