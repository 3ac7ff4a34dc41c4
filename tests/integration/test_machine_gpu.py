"""A real NVIDIA device, asked through its driver alone."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import pytest

from tracker.machine import nvidia
from tracker.machine.launch import launch
from tracker.machine.program import Ended, Limits, Program

GiB = 1 << 30

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(
        nvidia.library() is None, reason="no NVIDIA device, or nvidia-ml-py is not installed"
    ),
]

#: takes memory of the first device and keeps it
TAKES = """
import ctypes, time
cuda = ctypes.CDLL("libcuda.so.1")
def call(name, *arguments):
    if code := getattr(cuda, name)(*arguments): raise SystemExit(f"{name}: {code}")
device, context = ctypes.c_int(), ctypes.c_void_p()
call("cuInit", 0)
call("cuDeviceGet", ctypes.byref(device), 0)
call("cuDevicePrimaryCtxRetain", ctypes.byref(context), device)
call("cuCtxSetCurrent", context)
for _ in range(%d):
    call("cuMemAlloc_v2", ctypes.byref(ctypes.c_uint64()), ctypes.c_size_t(1 << 28))
time.sleep(%f)
"""


def run(home: Path, code: str, limits: Limits) -> Ended:
    argv = [sys.executable, "-c", textwrap.dedent(code)]
    return launch(Program(argv=argv, limits=limits, home=home, interval=0.1))


def test_a_device_is_read_while_a_process_runs(tmp_path: Path) -> None:
    ended = run(tmp_path, TAKES % (8, 2.0), Limits(timeout=120))
    assert (ended.how, ended.exit_code) == ("exited", 0), ended.output
    channels = {channel.name: channel for channel in ended.telemetry.channels}
    assert {"gpu0_memory", "gpu0_power", "gpu0_temperature", "gpu0_utilization"} <= channels.keys()
    assert max(channels["gpu0_memory"].values) - channels["gpu0_memory"].values[0] > 2 * GiB
    assert 10 < channels["gpu0_temperature"].values[0] < 110
    assert ended.guarded.peak_device_bytes > 2 * GiB


def test_taking_too_much_of_a_device_ends_it(tmp_path: Path) -> None:
    ended = run(tmp_path, TAKES % (16, 100.0), Limits(timeout=120, device_memory_bytes=2 * GiB))
    assert (ended.how, ended.guarded.limit) == ("device-memory", "device-memory")
    assert ended.guarded.peak_device_bytes > 2 * GiB
