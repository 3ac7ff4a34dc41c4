"""Accelerators, by a module with the functions of NVML."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.unit.test_machine_cgroup import write
from tracker.machine import nvidia
from tracker.machine.sensed import Sensed


class NVMLError(Exception):
    pass


class Fake:
    """Two devices; the second tells little, as one that is divided (MIG) does."""

    NVMLError = NVMLError
    NVML_TEMPERATURE_GPU = 0
    NVML_CLOCK_SM = 1

    def __init__(self) -> None:
        self.used = [3 << 30, 1 << 30]
        self.reasons = 0
        self.is_started = self.is_lost = self.is_without_driver = False
        self.closed: set[int] = set()

    def nvmlInit(self) -> None:  # noqa: N802
        if self.is_without_driver:
            raise NVMLError("Driver Not Loaded")
        self.is_started = True

    def nvmlDeviceGetCount(self) -> int:  # noqa: N802
        return 2

    def nvmlDeviceGetHandleByIndex(self, number: int) -> int:  # noqa: N802
        if number in self.closed:
            raise NVMLError("GPU is lost")
        return number

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> Any:  # noqa: N802
        return SimpleNamespace(used=self.used[handle], total=80 << 30)

    def nvmlDeviceGetUtilizationRates(self, handle: int) -> Any:  # noqa: N802
        self._only_the_first(handle)
        return SimpleNamespace(gpu=40, memory=10)

    def nvmlDeviceGetPowerUsage(self, handle: int) -> int:  # noqa: N802
        self._only_the_first(handle)
        return 250_500

    def nvmlDeviceGetTemperature(self, handle: int, _sensor: int) -> int:  # noqa: N802
        self._only_the_first(handle)
        return 64

    def nvmlDeviceGetClockInfo(self, handle: int, _clock: int) -> int:  # noqa: N802
        self._only_the_first(handle)
        return 1980

    def nvmlDeviceGetCurrentClocksThrottleReasons(self, handle: int) -> int:  # noqa: N802
        self._only_the_first(handle)
        return self.reasons

    def _only_the_first(self, handle: int) -> None:
        if handle or self.is_lost:
            raise NVMLError("Not Supported")


@pytest.fixture
def nvml(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    fake = Fake()
    monkeypatch.setitem(sys.modules, "pynvml", fake)
    monkeypatch.setattr(nvidia, "present", lambda: True)
    nvidia.library.cache_clear()
    yield fake
    nvidia.library.cache_clear()


def read() -> list[Sensed]:
    return [one for probe in nvidia.probes() for one in probe()]


def test_each_device_tells_what_it_can(nvml: Fake) -> None:
    assert read() == [
        Sensed("gpu0_utilization", "share", 0.4),
        Sensed("gpu0_memory", "bytes", 3 << 30),
        Sensed("gpu0_power", "W", 250.5),
        Sensed("gpu0_temperature", "°C", 64.0),
        Sensed("gpu0_frequency", "Hz", 1.98e9),
        Sensed("gpu0_throttled", "share", 0.0),
        Sensed("gpu1_memory", "bytes", 1 << 30),
    ]
    assert nvml.is_started


def test_the_memory_of_all_devices_counts(nvml: Fake) -> None:
    assert nvidia.memory_bytes(read()) == 4 << 30
    assert nvidia.memory_bytes([Sensed("memory", "bytes", 5)]) == 0


@pytest.mark.parametrize(
    ("reasons", "throttled"),
    # idle, limit of power, slowed by the hardware, by the driver for heat, by the power brake
    [(0x1, 0), (0x4, 0), (0x8, 1), (0x20, 1), (0x40, 1), (0x80, 1), (0x4 | 0x20, 1)],
)
def test_only_what_slows_a_healthy_device_is_throttling(
    nvml: Fake, reasons: int, throttled: int
) -> None:
    nvml.reasons = reasons
    assert Sensed("gpu0_throttled", "share", throttled) in read()


def test_a_device_that_falls_silent_is_left_out(nvml: Fake) -> None:
    probes = nvidia.probes()
    nvml.is_lost = True
    channels = [one.channel for probe in probes for one in probe()]
    assert channels == ["gpu0_memory", "gpu1_memory"]


def test_a_device_that_cannot_be_opened_leaves_the_others(nvml: Fake) -> None:
    nvml.closed = {0}
    assert read() == [Sensed("gpu1_memory", "bytes", 1 << 30)]


def test_without_a_driver_there_are_none(nvml: Fake) -> None:
    nvml.is_without_driver = True
    assert read() == []


def test_without_a_device_nothing_is_imported(nvml: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nvidia, "present", lambda: False)
    assert nvidia.library() is None
    assert not nvml.is_started


def test_without_the_extra_there_are_none(nvml: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    absent: Any = None
    monkeypatch.setitem(sys.modules, "pynvml", absent)  # importing it fails
    assert read() == []


def test_devices_are_seen_by_their_files(tmp_path: Path) -> None:
    assert not nvidia.present(tmp_path)
    write(tmp_path, {"dev/nvidiactl": ""})
    assert not nvidia.present(tmp_path)
    write(tmp_path, {"dev/nvidia0": ""})
    assert nvidia.present(tmp_path)
