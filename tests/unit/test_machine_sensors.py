"""Sensors, in trees of files that look like the kernel's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.test_machine_cgroup import write
from tracker.machine import nvidia
from tracker.machine.sensed import Sensed
from tracker.machine.sensors import Sensors, busy

CPU = "sys/devices/system/cpu"


@pytest.fixture(autouse=True)
def without_accelerators(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nvidia, "library", lambda: None)


def test_a_machine_that_tells_everything(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            f"{CPU}/cpu0/cpufreq/scaling_cur_freq": "1200000\n",
            f"{CPU}/cpu3/cpufreq/scaling_cur_freq": "3400000\n",
            f"{CPU}/cpu0/topology/physical_package_id": "0",
            f"{CPU}/cpu0/thermal_throttle/package_throttle_total_time_ms": "1500",
            f"{CPU}/cpu3/topology/physical_package_id": "1",
            f"{CPU}/cpu3/thermal_throttle/package_throttle_total_time_ms": "500",
            "sys/class/hwmon/hwmon0/name": "nvme\n",
            "sys/class/hwmon/hwmon0/temp1_input": "90000",
            "sys/class/hwmon/hwmon1/name": "coretemp\n",
            "sys/class/hwmon/hwmon1/temp1_input": "61000",
            "sys/class/hwmon/hwmon2/name": "coretemp\n",
            "sys/class/hwmon/hwmon2/temp1_input": "67000",
            "sys/fs/cgroup/cpu.stat": "usage_usec 99\nnr_throttled 3\nthrottled_usec 250000\n",
        },
    )
    assert list(Sensors(root).read(3)) == [
        Sensed("frequency", "Hz", 3.4e9),  # of the core that was asked for
        Sensed("temperature", "°C", 67.0),  # of the hotter processor, not of a disk
        Sensed("throttled_time", "s", 1.5),  # of the one that suffers more
        Sensed("quota_time", "s", 0.25),
    ]


def test_what_a_machine_lacks_is_absent_and_no_zero(tmp_path: Path) -> None:
    assert list(Sensors(tmp_path).read(0)) == []
    assert list(Sensors(tmp_path).read(None)) == []


def test_a_thermal_zone_stands_in_for_a_chip(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "sys/class/thermal/thermal_zone0/type": "acpitz\n",
            "sys/class/thermal/thermal_zone0/temp": "20000",
            "sys/class/thermal/thermal_zone1/type": "x86_pkg_temp\n",
            "sys/class/thermal/thermal_zone1/temp": "55000",
        },
    )
    assert list(Sensors(root).read(None)) == [Sensed("temperature", "°C", 55.0)]


def test_the_quota_of_version_1(tmp_path: Path) -> None:
    text = "nr_periods 5\nnr_throttled 2\nthrottled_time 1500000000\n"
    root = write(tmp_path, {"sys/fs/cgroup/cpu/cpu.stat": text})
    assert list(Sensors(root).read(None)) == [Sensed("quota_time", "s", 1.5)]


def test_a_sensor_that_falls_silent_is_left_out(tmp_path: Path) -> None:
    chip = "sys/class/hwmon/hwmon0"
    root = write(tmp_path, {f"{chip}/name": "k10temp", f"{chip}/temp1_input": "50000"})
    sensors = Sensors(root)
    (root / chip / "temp1_input").write_text("")
    assert list(sensors.read(None)) == []


def test_a_machine_gets_busier() -> None:
    before = busy()
    sum(range(3_000_000))
    assert busy().seconds >= before.seconds > 0
