from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.machine import telemetry
from tracker.machine.family import Usage
from tracker.machine.sensed import Sensed
from tracker.machine.sensors import Busy
from tracker.machine.telemetry import MOST_READINGS, Clocks, Recording, Sampler


@given(st.integers(1, 3000))
def test_a_recording_of_any_length_is_bounded_and_keeps_its_ends(ticks: int) -> None:
    recording = Recording()
    for tick in range(ticks):
        recording.add(float(tick), [Sensed("heat", "°C", tick * 2.0)], last=tick == ticks - 1)
    (channel,) = recording.channels()
    assert len(channel.values) == len(channel.offsets) <= MOST_READINGS
    assert (channel.offsets[0], channel.offsets[-1]) == (0.0, ticks - 1.0)
    assert channel.offsets == tuple(sorted(set(channel.offsets)))
    # readings as they were, none made up
    assert channel.values == tuple(offset * 2 for offset in channel.offsets)
    # nowhere a hole that is large against the others
    gaps = [b - a for a, b in zip(channel.offsets, channel.offsets[1:], strict=False)]
    assert max(gaps, default=0) <= max(1, 4 * ticks / MOST_READINGS)


def test_a_sensor_that_comes_late_has_a_channel_of_its_own_length() -> None:
    recording = Recording()
    recording.add(0.0, [Sensed("a", "s", 1.0)])
    recording.add(0.5, [Sensed("a", "s", 2.0), Sensed("b", "W", 3.0)])
    first, second = recording.channels()
    assert (first.offsets, first.growth, first.span) == ((0.0, 0.5), 1.0, 0.5)
    assert (second.name, second.unit, second.offsets) == ("b", "W", (0.5,))


@pytest.mark.parametrize(
    ("clocks", "apart"),
    [
        ((8.0, 8.0, 8.0), 0.0),
        ((8.0, 8.0001, 8.0), 0.0001),  # a clock that is corrected in small steps
        ((8.0, 3608.0, 3608.0), 3600.0),  # slept
        ((8.0, 3608.0, 8.0), 3600.0),  # was set
        ((8.0, -52.0, 8.0), 60.0),  # was set back
    ],
)
def test_clocks_that_come_apart_tell_of_sleep(clocks: tuple[float, ...], apart: float) -> None:
    readings = iter(
        [(100.0, 1.7e9, 200.0), (100.0 + clocks[0], 1.7e9 + clocks[1], 200 + clocks[2])]
    )
    assert Clocks(lambda: next(readings)).apart() == pytest.approx(apart, abs=1e-6)


def test_the_clocks_of_this_machine_go_together() -> None:
    assert Clocks().apart() < 0.5


def test_the_load_of_others_is_what_neither_we_nor_our_partner_took(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    readings = iter([Busy(100.0, 1.0)] * 2 + [Busy(101.5, 1.25), Busy(101.4, 1.25)])
    monkeypatch.setattr(telemetry, "busy", lambda: next(readings))
    partner = SimpleNamespace(cpu_seconds=7.0)
    family = SimpleNamespace(
        cpu_seconds=0.0, look=lambda: Usage(cpu_seconds=0.4, memory_bytes=10, core=None)
    )
    families = [partner, family]
    sampler = Sampler(families)  # type: ignore[arg-type]
    partner.cpu_seconds, family.cpu_seconds = 7.5, 0.4
    families.append(SimpleNamespace(cpu_seconds=0.1))  # one that started later
    assert sampler.tick().memory_bytes == 10
    sampler.tick(last=True)
    recorded = sampler.telemetry()
    channels = {channel.name: channel.values for channel in recorded.channels}
    assert channels["cpu_time"] == (0.0, 0.4, 0.4)
    assert channels["other_cpu_time"] == pytest.approx((0.0, 0.5, 0.5))
    assert channels["stolen_time"] == (0.0, 0.25, 0.25)
    assert channels["memory"] == (10.0, 10.0)
    assert recorded.overhead > 0
    assert recorded.channel("gpu7_power") is None
