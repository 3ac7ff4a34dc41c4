"""NVIDIA accelerators, read by NVML (nvidia-ml-py, the extra ``nvidia``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

from tracker.machine.sensed import Sensed

#: bits of nvmlClocksEventReasons: slowed by the hardware, its heat or its power brake, or by the
#: driver for heat. Running at the limit of power is how these devices normally work.
_SLOWED = 0x8 | 0x20 | 0x40 | 0x80
_MEMORY = re.compile(r"gpu\d+_memory")

Probe = Callable[[], Iterator[Sensed]]


def present(root: Path = Path("/")) -> bool:
    """Does this machine have such a device?"""
    return any(root.glob("dev/nvidia[0-9]*")) or (root / "dev/dxg").exists()


@cache
def library() -> Any:
    """NVML, ready to be asked; None without a device, without the extra, or without its driver."""
    if not present():
        return None
    try:
        nvml = import_module("pynvml")
    except ImportError:
        return None
    try:
        nvml.nvmlInit()
    except nvml.NVMLError:
        return None
    return nvml


def probes() -> list[Probe]:
    """What each device tells; only what it can tell."""
    nvml = library()
    if nvml is None:
        return []
    return [
        probe
        for number in range(nvml.nvmlDeviceGetCount())
        for probe in _of_device(nvml, number)
        if list(probe())
    ]


def memory_bytes(sensed: Iterable[Sensed]) -> int:
    """Memory in use on all devices together, out of what was read."""
    return int(sum(one.value for one in sensed if _MEMORY.fullmatch(one.channel)))


def _of_device(nvml: Any, number: int) -> list[Probe]:
    try:
        handle = nvml.nvmlDeviceGetHandleByIndex(number)
    except nvml.NVMLError:  # fell off its bus, or is not for this user
        return []
    readers: dict[tuple[str, str], Callable[[], float]] = {
        ("utilization", "share"): lambda: nvml.nvmlDeviceGetUtilizationRates(handle).gpu / 100,
        ("memory", "bytes"): lambda: nvml.nvmlDeviceGetMemoryInfo(handle).used,
        ("power", "W"): lambda: nvml.nvmlDeviceGetPowerUsage(handle) / 1e3,
        ("temperature", "°C"): lambda: nvml.nvmlDeviceGetTemperature(
            handle, nvml.NVML_TEMPERATURE_GPU
        ),
        ("frequency", "Hz"): lambda: nvml.nvmlDeviceGetClockInfo(handle, nvml.NVML_CLOCK_SM) * 1e6,
        ("throttled", "share"): lambda: bool(
            nvml.nvmlDeviceGetCurrentClocksThrottleReasons(handle) & _SLOWED
        ),
    }
    return [
        partial(_read, nvml, f"gpu{number}_{name}", unit, reader)
        for (name, unit), reader in readers.items()
    ]


def _read(nvml: Any, channel: str, unit: str, reader: Callable[[], float]) -> Iterator[Sensed]:
    try:
        yield Sensed(channel, unit, float(reader()))
    except nvml.NVMLError:  # not of this device, or not now
        return
