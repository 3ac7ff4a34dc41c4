"""What a machine tells about itself: read often, so each reading is one small file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import psutil

from tracker.machine import nvidia
from tracker.machine.sensed import Sensed

#: drivers of the temperature of processors, and how the kernel calls such a thermal zone
_CHIPS = ("coretemp", "k10temp", "zenpower", "cpu_thermal", "cpu-thermal")
_ZONES = ("x86_pkg_temp", "cpu-thermal", "cpu_thermal", "soc_thermal")

_CPU = "sys/devices/system/cpu"

Probe = Callable[[], Iterator[Sensed]]


class Busy(NamedTuple):
    """Processor time that a machine has spent since it was started, over all its cores."""

    seconds: float
    #: what the hypervisor gave to others
    stolen: float | None


def busy() -> Busy:
    """How much the cores of this machine have worked for anybody."""
    times = psutil.cpu_times()._asdict()
    # guests are counted among the users
    names = ("user", "nice", "system", "irq", "softirq")
    return Busy(sum(times.get(name, 0.0) for name in names), times.get("steal"))


@cache
def sensors() -> Sensors:
    """Those of this machine."""
    return Sensors()


class Sensors:
    """The sensors that a machine has, looked for once. What it lacks is never read as zero."""

    def __init__(self, root: Path = Path("/")) -> None:
        """``root`` is where ``proc`` and ``sys`` are."""
        self._frequency = str(root / _CPU / "cpu{}/cpufreq/scaling_cur_freq")
        self._probes: list[Probe] = [
            *_maximum("temperature", "°C", 1e-3, _temperatures(root)),
            *_maximum("throttled_time", "s", 1e-3, _throttled(root)),
            *_quota(root),
            *nvidia.probes(),
        ]

    def read(self, core: int | None) -> Iterator[Sensed]:
        """A reading of each sensor; the frequency is that of a core."""
        if core is not None and (kilohertz := _number(Path(self._frequency.format(core)))):
            yield Sensed("frequency", "Hz", kilohertz * 1e3)
        for probe in self._probes:
            yield from probe()


def _maximum(channel: str, unit: str, factor: float, files: list[Path]) -> Iterator[Probe]:
    """The largest of some files that hold a number each."""

    def read() -> Iterator[Sensed]:
        found = [number for file in files if (number := _number(file)) is not None]
        if found:
            yield Sensed(channel, unit, max(found) * factor)

    if files:
        yield read


def _temperatures(root: Path) -> list[Path]:
    """Files with the temperature of each processor."""
    chips = [
        chip
        for chip in sorted(root.glob("sys/class/hwmon/hwmon*"))
        if _text(chip / "name") in _CHIPS
    ]
    # the first is that of the package, where there is one
    found = [chip / "temp1_input" for chip in chips] or [
        zone / "temp"
        for zone in sorted(root.glob("sys/class/thermal/thermal_zone*"))
        if _text(zone / "type") in _ZONES
    ]
    return [file for file in found if _number(file) is not None]


def _throttled(root: Path) -> list[Path]:
    """Files with the milliseconds that each processor was slowed down for its heat (Intel)."""
    files = {
        _text(core / "topology/physical_package_id"): core
        / "thermal_throttle/package_throttle_total_time_ms"
        for core in sorted(root.glob(f"{_CPU}/cpu[0-9]*"))
    }
    return [file for file in files.values() if _number(file) is not None]


def _quota(root: Path) -> Iterator[Probe]:
    """The time that a container was denied because its share of the processor was used up."""
    for name, key, factor in (
        ("cpu.stat", "throttled_usec", 1e-6),
        ("cpu/cpu.stat", "throttled_time", 1e-9),
    ):
        file = root / "sys/fs/cgroup" / name
        if _field(file, key) is not None:
            yield partial(_read_quota, file, key, factor)
            return


def _read_quota(file: Path, key: str, factor: float) -> Iterator[Sensed]:
    if (number := _field(file, key)) is not None:
        yield Sensed("quota_time", "s", number * factor)


def _field(file: Path, key: str) -> float | None:
    for line in _text(file).splitlines():
        name, _, number = line.partition(" ")
        if name == key:
            return float(number)
    return None


def _number(file: Path) -> float | None:
    try:
        return float(_text(file))
    except ValueError:  # no such file, or no reading at the moment
        return None


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
