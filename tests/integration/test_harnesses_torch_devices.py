"""Workloads on devices: their clocks, memory and kernels, and where they are absent."""

from __future__ import annotations

import subprocess
from pathlib import Path
from textwrap import dedent

import pytest

import tracker
from tests.support.workloads import LINEAR, Bench, end, flags, samples

pytestmark = pytest.mark.ml


@pytest.mark.parametrize(
    ("absent", "state", "reason"),
    [
        ("fail", "benchmark-failed", "cuda:7 was asked for and is not there"),
        ("skip", "unsupported", "cuda:7 was asked for and is not there"),
        ("fallback", "measured", ""),
    ],
)
def test_a_device_that_is_absent(bench: Bench, absent: str, state: str, reason: str) -> None:
    ended = bench.run(
        LINEAR,
        parameters={"batch": "8", "dtype": "'float32'"},
        device="cuda:7",
        device_absent=absent,
    )
    assert (end(ended)["state"], end(ended)["reason"]) == (state, reason)
    if absent == "fallback":
        assert end(ended)["device"] == "cpu"
        assert "device-not-as-asked" in flags(ended)


def test_devices_without_events_are_waited_for_at_both_ends(ml_python: Path) -> None:
    code = """
        import torch
        from tracker.worker.marks import benchmark
        from tracker.worker.torch.tasks import PlainTask
        waited = []
        torch.mps.synchronize = lambda: waited.append("mps")
        torch.xpu.synchronize = waited.append
        for device in ("cpu", "mps", "xpu:1"):
            clock = PlainTask(benchmark(lambda: None, name="nothing"), {}, device).clock
            clock.stop(clock.start())
        assert waited == ["mps", "mps", "xpu:1", "xpu:1"], waited
    """
    root = Path(tracker.__file__).parents[1]
    subprocess.run([ml_python, "-c", dedent(code)], cwd=root, check=True)


@pytest.mark.gpu
def test_a_device_is_timed_by_its_events_and_its_memory_told(bench: Bench, cuda: str) -> None:
    ended = bench.run(
        LINEAR,
        parameters={"batch": "8", "dtype": "'bfloat16'"},
        device=cuda,
        counts=["work"],
    )
    assert end(ended)["state"] == "measured", ended
    found = samples(ended)
    assert end(ended)["device"] == cuda
    assert end(ended)["facts"]["device_name"]
    assert found["device_memory_allocated"][0] >= found["parameter_memory"][0]
    assert found["device_memory_reserved"] >= found["device_memory_allocated"]
    assert found["kernels"][0] >= 1
    assert found["flops"] == [2 * 8 * 64 * 32]


@pytest.mark.gpu
def test_a_device_that_is_full_says_what_fits(bench: Bench, cuda: str) -> None:
    text = """
        torch.cuda.set_per_process_memory_fraction(
            2**30 / torch.cuda.get_device_properties("cuda").total_memory
        )
        @workload(do="call", params={"batch": [64]}, items="batch")
        def work(batch):  # 24 MiB for each, and as much for its result
            return torch.neg, torch.ones(batch, 3 << 21)
    """
    ended = bench.run(text, parameters={"batch": "64"}, device=cuda)
    assert end(ended)["state"] == "out-of-memory", ended
    assert end(ended)["reason"] == "out of memory with batch 64; 16 is the last that fits"


@pytest.mark.gpu
def test_kernels_of_a_step_and_of_a_compiled_call_are_told(bench: Bench, cuda: str) -> None:
    text = """
        @workload(do="train")
        def step():
            return torch.nn.Linear(64, 32), torch.randn(8, 64)
        @workload(do="call", params={"compile": [False, True]})
        def chain():
            return lambda x: torch.sin(x) + torch.cos(x), torch.randn(1 << 16)
    """
    step = samples(bench.run(text, benchmark="step", device=cuda, counts=["work"]))
    assert step["kernels"][0] > 3
    chains = [
        samples(
            bench.run(
                text,
                benchmark="chain",
                parameters={"compile": how},
                device=cuda,
                counts=["work"],
            )
        )
        for how in ("False", "True")
    ]
    assert [one["kernels"] for one in chains] == [[3], [1]]  # fused


@pytest.mark.gpu
@pytest.mark.parametrize(("how", "told"), [("highest", "off"), ("high", "on")])
def test_a_device_has_its_precision_in_the_coordinate(
    bench: Bench, cuda: str, how: str, told: str
) -> None:
    text = f"torch.set_float32_matmul_precision({how!r})\n" + dedent(LINEAR)
    parameters = {"batch": "8", "dtype": "'float32'"}
    ended = bench.run(text, parameters=parameters, device=cuda)
    assert end(ended)["precision"].startswith(f"float32; matmul {how}; tf32 matmul {told}, ")
