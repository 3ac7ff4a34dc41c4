"""Workloads of the torch harness, run by a real torch as the tracker runs them."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import tracker.worker
from tracker.engine.members import each
from tracker.machine.launch import launch
from tracker.machine.program import Ended, Limits, Program

pytestmark = pytest.mark.ml

WORKER = Path(tracker.worker.__file__).with_name("__main__.py")
PROTOCOL = {"samples": 3, "sample_seconds": 0.001, "warmup_iterations": 12, "warmup_seconds": 0.2}


class Bench:
    """A suite, and a way to run the worker on it."""

    def __init__(self, root: Path, python: Path) -> None:
        self._home = root / "home"
        self._home.mkdir()
        self._suite = root / "suite.py"
        self._python = python

    def run(self, text: str, **job: Any) -> Ended:
        self._suite.write_text(
            f"import torch\nfrom tracker import benchmark, workload\n{dedent(text)}"
        )
        return launch(
            Program(
                argv=[str(self._python), "-s", str(WORKER)],
                job=self._job(**job),
                limits=Limits(timeout=120),
                environment={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
                home=self._home,
            )
        )

    def run_each(self, text: str, jobs: Sequence[Mapping[str, Any]]) -> tuple[Ended, ...]:
        """As ``run`` for each of these, forked from one start."""
        members = [self._job(**job) for job in jobs]
        ended = each(self.run(text, mode="together", members=members), len(members))
        assert all(ended), ended
        return tuple(one for one in ended if one)

    def _job(self, **fields: Any) -> dict[str, Any]:
        return {
            "mode": "measure",
            "harness": "torch",
            "suite": str(self._suite),
            "options": {},
            "benchmark": "work",
            "parameters": {},
            "protocol": PROTOCOL,
            "package": "",
            "threads": 1,
            **fields,
        }


@pytest.fixture
def bench(tmp_path: Path, ml_python: Path) -> Bench:
    return Bench(tmp_path, ml_python)


def end(ended: Ended) -> Mapping[str, Any]:
    assert ended.lines[-1]["event"] == "end", ended
    return ended.lines[-1]


def samples(ended: Ended) -> dict[str, list[float]]:
    return {line["metric"]: line["samples"] for line in ended.lines if line["event"] == "reading"}


def flags(ended: Ended) -> set[str]:
    return {line["name"] for line in ended.lines if line["event"] == "flag"}


LINEAR = """
    @workload(params={"batch": [8], "dtype": ["bfloat16"]}, items="batch")
    def work(batch):
        return torch.nn.Linear(64, 32), torch.randn(batch, 64)
"""


def test_a_linear_layer_is_timed_and_its_work_is_what_the_hand_computes(bench: Bench) -> None:
    parameters = {"batch": "8", "dtype": "'float32'"}
    ended = bench.run(LINEAR, parameters=parameters, counts=["work"])
    assert end(ended)["state"] == "measured", ended
    found = samples(ended)
    assert len(found["time"]) == 3
    assert found["first_call"][0] > min(found["time"])
    assert found["second_call"]
    assert found["load_time"]
    assert found["parameters"] == [64 * 32 + 32]
    assert found["parameter_memory"] == [4 * (64 * 32 + 32)]
    assert found["flops"] == [2 * 8 * 64 * 32]
    assert found["tensor_memory"] == [4 * 8 * 32]
    assert end(ended)["precision"].startswith("float32; matmul highest; tf32 matmul off")
    assert end(ended)["backend"].startswith("torch eager; sdpa ")
    assert end(ended)["threads"] == 1
    assert "threads-not-as-asked" not in flags(ended)


def test_a_convolution_and_attention_are_what_the_hand_computes(bench: Bench) -> None:
    text = """
        convolution = torch.nn.Conv2d(3, 8, kernel_size=3, bias=False)
        @workload()
        def work():
            return torch.nn.Conv2d(3, 8, kernel_size=3, bias=False), torch.randn(2, 3, 10, 10)
        @workload(do="call", params={"sdpa": ["math", "flash"]})
        def attention():
            query = torch.randn(2, 4, 16, 8)
            return torch.nn.functional.scaled_dot_product_attention, (query, query, query)
    """
    found = samples(bench.run(text, counts=["work"]))
    assert found["flops"] == [2 * 2 * 8 * 8 * 8 * 3 * 9]
    assert found["tensor_memory"] == [4 * 2 * 8 * 8 * 8]
    counted = [
        samples(
            bench.run(
                text,
                benchmark="attention",
                parameters={"sdpa": repr(backend)},
                counts=["work"],
            )
        )
        for backend in ("flash", "math")
    ]
    # two products of 16 queries and 16 keys of 8 numbers each, however they are computed
    assert [each["flops"] for each in counted] == [[2 * 2 * 2 * 4 * 16 * 16 * 8]] * 2
    # fused: the output and a log-sum-exp a query; else the table of all pairs too
    output, queries, pairs = 4 * 2 * 4 * 16 * 8, 4 * 2 * 4 * 16, 4 * 2 * 4 * 16 * 16
    assert counted[0]["tensor_memory"] == [output + queries]
    assert counted[1]["tensor_memory"][0] >= pairs + output


def test_layers_that_torch_computes_in_one_operator_have_their_work(bench: Bench) -> None:
    text = """
        @workload()
        def recurrent():
            return torch.nn.LSTM(8, 4, batch_first=True), torch.randn(2, 5, 8)
        @workload()
        def encoder():
            layer = torch.nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
            return layer, torch.randn(2, 5, 8)
    """
    jobs = [{"benchmark": name, "counts": ["work"]} for name in ("recurrent", "encoder")]
    recurrent, encoder = (samples(one) for one in bench.run_each(text, jobs))
    # four gates of 4 numbers, each from 8 inputs and 4 of the state, for each of 2 * 5 items
    assert recurrent["flops"] == [2 * 10 * (4 * 4) * (8 + 4)]
    # query, key, value and output; two products with 5 other items each; up to 16 and down again
    assert encoder["flops"] == [2 * 10 * (4 * 8 * 8 + 2 * 5 * 8 + 2 * 8 * 16)]


def test_instructions_are_counted_without_another_import(bench: Bench) -> None:
    text = """
        import os
        assert os.environ.get("PYTHONHASHSEED") != "0", "another process"
    """
    counts = ["instructions", "allocations", "work"]
    parameters = {"batch": "8", "dtype": "'float32'"}
    ended = bench.run(dedent(text) + dedent(LINEAR), parameters=parameters, counts=counts)
    assert flags(ended) <= {"noisy", "unsteady", "not-converged"}, ended
    assert samples(ended)["instructions"][0] > 10
    assert "allocated_memory" not in samples(ended)


def test_flags_that_change_numbers_are_told_however_they_were_set(bench: Bench) -> None:
    text = """
        torch.backends.cuda.matmul.fp32_precision = "tf32"
        torch.backends.cudnn.conv.fp32_precision = "ieee"
        torch.backends.cudnn.deterministic = True
        torch.use_deterministic_algorithms(True, warn_only=True)
        @workload()
        def work():
            return torch.nn.Identity(), torch.ones(2)
    """
    told = end(bench.run(text))
    assert told["state"] == "measured", told
    assert told["precision"] == (
        "float32; matmul cuda tf32, mkldnn none; tf32 matmul on, cudnn rnn"
    )
    assert told["backend"].endswith("deterministic warn+cudnn")


def test_a_torch_that_is_too_old_is_not_the_fault_of_the_commit(bench: Bench) -> None:
    text = 'torch.__version__ = "1.13.1+cpu"\n' + dedent(LINEAR)
    ended = bench.run(text, parameters={"batch": "8", "dtype": "'float32'"})
    assert end(ended)["state"] == "harness-incompatible"
    assert end(ended)["reason"] == "workloads need torch 2, this is 1.13.1+cpu"


def test_a_step_of_training_counts_forward_and_backward(bench: Bench) -> None:
    text = """
        @workload(do="train", params={"batch": [4]}, items="batch")
        def work(batch):
            return torch.nn.Linear(64, 32), torch.randn(batch, 64)
    """
    found = samples(bench.run(text, parameters={"batch": "4"}, counts=["work"]))
    # the gradient of the weights is as much work as the output; the input needs none
    assert found["flops"] == [2 * (2 * 4 * 64 * 32)]


def test_what_is_cast_and_compiled_says_so(bench: Bench) -> None:
    text = """
        @workload(params={"dtype": ["bfloat16"], "compile": ["eager"]})
        def work():
            class Broken(torch.nn.Module):
                def forward(self, x):
                    x = x * 2
                    torch._dynamo.graph_break()
                    return x + 1
            return Broken(), torch.randn(4)
    """
    parameters = {"dtype": "'bfloat16'", "compile": "'eager'"}
    ended = bench.run(text, parameters=parameters, counts=["work"])
    found = samples(ended)
    assert (found["graphs"], found["graph_breaks"]) == ([2], [1])
    assert found["first_call"][0] > 10 * max(found["time"])  # it compiles
    assert found["tensor_memory"] == [2 * 2 * 4]
    assert end(ended)["precision"].startswith("bfloat16; ")
    assert end(ended)["backend"].startswith("torch compile eager; ")


def test_tokens_have_times_of_their_own(bench: Bench) -> None:
    text = """
        from transformers import LlamaConfig, LlamaForCausalLM
        @workload(do="generate", params={"batch": [2]}, items="batch")
        def work(batch):
            model = LlamaForCausalLM(
                LlamaConfig(
                    vocab_size=64, hidden_size=32, intermediate_size=64,
                    num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=1,
                )
            )
            prompt = torch.randint(3, 64, (batch, 8))
            return model, {"input_ids": prompt}, {"max_new_tokens": 6}
    """
    ended = bench.run(text, parameters={"batch": "2"})
    assert end(ended)["state"] == "measured", ended
    found = samples(ended)
    for time, first, second, later in zip(
        found["time"],
        found["first_token"],
        found["second_token"],
        found["later_token"],
        strict=True,
    ):
        assert time >= first + second + 4 * later > 0


def test_each_token_that_there_is_has_its_time_and_work_is_counted_uncompiled(
    bench: Bench,
) -> None:
    text = """
        @workload(do="generate", params={"new": [1, 2, 3], "compile": [False, "eager"]})
        def work(new):
            class Model(torch.nn.Module):
                def forward(self, x):
                    return x if torch.compiler.is_compiling() else x + 1
                def generate(self, x, max_new_tokens, streamer=None, **_):
                    for number in range(1 + max_new_tokens):
                        x = self(x) if number else x
                        if streamer:
                            streamer.put(x)
                    return x
            return Model(), torch.zeros(4), {"max_new_tokens": new}
    """
    jobs = [
        {"parameters": {"new": new, "compile": how}, "counts": ["work"]}
        for new, how in (("1", "False"), ("2", "False"), ("3", "'eager'"))
    ]
    found = [samples(one) for one in bench.run_each(text, jobs)]
    tokens = ("first_token", "second_token", "later_token")
    assert [[name for name in tokens if name in one] for one in found] == [
        ["first_token"],
        ["first_token", "second_token"],
        ["first_token", "second_token", "later_token"],
    ]
    assert [one["operators"] for one in found] == [[1], [2], [3]]


def test_inputs_outputs_and_parameters_of_any_kind(bench: Bench) -> None:
    text = """
        import collections, dataclasses
        Pair = collections.namedtuple("Pair", "left right")

        @dataclasses.dataclass
        class Output:
            logits: torch.Tensor

        class Adding(torch.nn.Linear):
            def forward(self, pair):
                return super().forward(pair.left + pair.right)

        @workload(do="call")
        def named_output():
            return torch.topk, (torch.randn(8), 2)

        @workload(do="call")
        def whole_numbers():
            return torch.argsort, torch.randn(8)

        @workload(do="call")
        def spoilt():
            return lambda x: Output(logits=x / 0), torch.zeros(2)

        @workload()
        def named_input():
            return Adding(4, 4), (Pair(torch.ones(4), torch.ones(4)),)

        @workload()
        def mapping():
            return torch.nn.Linear(4, 4), collections.UserDict(input=torch.ones(4))

        @workload(params={"dtype": [None, torch.bfloat16, "float17", "autocast-float17"]})
        def typed():
            return torch.nn.Linear(4, 4), torch.ones(4)

        @workload(params={"size": ["large", 4]}, items="size")
        def sized(size):
            if size > 1:
                raise MemoryError
            raise ValueError("one is too few")

        @benchmark
        def plain():
            raise MemoryError

        @workload()
        def uncountable():
            from torch.utils._python_dispatch import _get_current_dispatch_mode
            def call(x):
                assert _get_current_dispatch_mode() is None
                return x
            return call, torch.ones(4)
    """
    no_dtype = "ValueError: dtype is the name of one of torch, not "
    no_items = "ValueError: items is a number of things, and 'large' is none"
    cases: list[tuple[str, dict[str, str], str, str]] = [
        ("named_output", {}, "measured", ""),
        ("whole_numbers", {}, "measured", ""),
        ("spoilt", {}, "benchmark-failed", "the output has NaN"),
        ("named_input", {}, "measured", ""),
        ("mapping", {}, "measured", ""),
        ("uncountable", {}, "measured", ""),
        ("plain", {}, "out-of-memory", "out of memory"),
        ("typed", {"dtype": "None"}, "measured", ""),
        ("typed", {"dtype": "torch.bfloat16"}, "benchmark-failed", no_dtype + "torch.bfloat16"),
        ("typed", {"dtype": "'float17'"}, "benchmark-failed", no_dtype + "'float17'"),
        (
            "typed",
            {"dtype": "'autocast-float17'"},
            "benchmark-failed",
            no_dtype + "'autocast-float17'",
        ),
        ("sized", {"size": "'large'"}, "benchmark-failed", no_items),
        ("sized", {"size": "4"}, "out-of-memory", "out of memory with size 4"),
    ]
    jobs = [
        {"benchmark": name, "parameters": parameters, "counts": ["work"] * (name == "uncountable")}
        for name, parameters, _, _ in cases
    ]
    ended = bench.run_each(text, jobs)
    for (name, parameters, state, reason), one in zip(cases, ended, strict=True):
        told = end(one)
        assert (name, told["state"], told["reason"]) == (name, state, reason), parameters
        assert ("not-counted" in flags(one)) == (name == "uncountable")


def test_a_workload_is_never_too_slow_for_its_items(bench: Bench) -> None:
    rules = {**PROTOCOL, "preflight_item_seconds": 1e-9}
    parameters = {"batch": "8", "dtype": "'float32'"}
    assert end(bench.run(LINEAR, parameters=parameters, protocol=rules))["state"] == "measured"


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


def test_what_does_not_fit_says_what_does(bench: Bench) -> None:
    text = """
        @workload(do="call", params={"batch": [64]}, items="batch")
        def work(batch):
            return torch.mm, (torch.ones(batch, 1 << 23), torch.ones(1 << 23, 1))
    """
    ended = bench.run(text, parameters={"batch": "64"}, memory_bytes=1_100_000_000)
    assert end(ended)["state"] == "out-of-memory", ended
    assert end(ended)["reason"] == "out of memory with batch 64; 16 is the last that fits"


def test_what_failed_takes_no_memory_from_what_is_tried_next(bench: Bench) -> None:
    text = """
        @workload(do="call", params={"batch": [64]}, items="batch")
        def work(batch):  # 64 MiB for each, and as much for its result
            return torch.neg, torch.zeros(batch, 1 << 24)
    """
    ended = bench.run(text, parameters={"batch": "64"}, memory_bytes=3_000_000_000)
    # of 32 the input fits, and the result does not
    assert end(ended)["reason"] == "out of memory with batch 64; 16 is the last that fits"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "@workload()\ndef work(): return torch.nn.Identity(), torch.full((2,), float('nan'))",
            "the output has NaN",
        ),
        ("@workload()\ndef work(): return torch.nn.Identity()", "TypeError: a workload returns"),
        ("import gone_from_here", "ModuleNotFoundError: No module named 'gone_from_here'"),
    ],
)
def test_what_fails_says_why(bench: Bench, text: str, reason: str) -> None:
    ended = bench.run(text)
    assert end(ended)["state"] == "benchmark-failed"
    assert end(ended)["reason"].startswith(reason)


def test_plain_benchmarks_stand_beside(bench: Bench) -> None:
    text = """
        @benchmark(metric="error", unit="-", kind="quality", params={"batch": [2]})
        def work(batch, device):
            return torch.ones(batch, device=device).sum() - batch
    """
    ended = bench.run(text, parameters={"batch": "2"})
    assert end(ended)["state"] == "measured", ended
    assert samples(ended)["error"] == [0.0]
    assert end(ended)["precision"].startswith("float32; ")


def test_a_python_without_torch_is_not_the_fault_of_the_commit(tmp_path: Path) -> None:
    import sys

    ended = Bench(tmp_path, Path(sys.executable)).run(LINEAR)
    assert end(ended)["state"] == "harness-incompatible"
    assert "No module named 'torch'" in end(ended)["reason"]


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
