"""Where to look when a number is odd."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.values import cell
from tracker.model.measurements import Observed, State
from tracker.model.telemetry import Channel, Guarded, Telemetry
from tracker.publish.circumstances import circumstances, watching
from tracker.publish.naming import names

PARSE, LOAD = cell("parse"), cell("load")


def channel(name: str, *values: float) -> Channel:
    return Channel(name=name, unit="", offsets=tuple(map(float, range(len(values)))), values=values)


def process(of: Any = PARSE, *channels: Channel, **fields: Any) -> Observed:
    known: dict[str, Any] = {
        "cell": of.key,
        "title": of.title,
        "state": State.measured,
        "seconds": 2.0,
        "flags": (),
        "guarded": Guarded(limit="", watched_by="looks", peak_bytes=10**7, peak_device_bytes=0),
        "telemetry": Telemetry(channels=channels, overhead=0.004),
    }
    return Observed(**(known | fields))


def test_a_cell_is_told_by_the_middle_of_its_processes() -> None:
    ones = [
        process(
            PARSE,
            channel("cpu_time", 0.0, spent),
            channel("other_cpu_time", 0.0, 0.5),
            channel("temperature", 50.0, 60.0 + number),
            channel("frequency", 2e9, 3e9),
            seconds=1.0 + number,
            flags=("loaded", "noisy") if number else ("loaded",),
        )
        for number, spent in enumerate((0.9, 1.0, 1.4))
    ]
    (only,) = circumstances(ones, names([PARSE]))
    assert (only.name, only.processes, only.seconds, only.cpu) == ("parse", 3, 2.0, 1.0)
    assert (only.memory, only.others, only.temperature) == (10**7, 0.5, 62.0)
    assert only.frequency == 2.5e9
    assert only.flags == (("loaded", 3), ("noisy", 2))


def test_what_was_not_watched_is_not_known() -> None:
    (only,) = circumstances([process(guarded=None, telemetry=None)], {})
    assert (only.name, only.cpu, only.memory, only.others) == ("parse", None, None, None)
    assert watching([process(guarded=None, telemetry=None)]) == ""


def test_cells_are_in_the_order_of_the_matrix_and_strangers_last() -> None:
    gone = cell("gone")
    seen = [process(gone), process(PARSE), process(LOAD)]
    assert [one.name for one in circumstances(seen, names([LOAD, PARSE]))] == [
        "load",
        "parse",
        "gone",
    ]


@pytest.mark.parametrize(
    ("watched_by", "said"),
    [("cgroup", "kept by the kernel."), ("looks", "kept by looks at it now and then.")],
)
def test_how_limits_were_kept_and_what_it_cost(watched_by: str, said: str) -> None:
    over = Guarded(limit="memory", watched_by=watched_by, peak_bytes=1, peak_device_bytes=0)
    text = watching([process(guarded=over)])
    assert f"Memory: its limit {said}" in text
    assert "Over the limit of memory: 1 process." in text
    assert text.endswith("Watching took 0.2 % of the time.")
