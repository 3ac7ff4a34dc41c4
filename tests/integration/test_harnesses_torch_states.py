"""How workloads end that cannot be measured, and what they may be made of."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests.support.workloads import LINEAR, PROTOCOL, Bench, end, flags

pytestmark = pytest.mark.ml


def test_a_torch_that_is_too_old_is_not_the_fault_of_the_commit(bench: Bench) -> None:
    text = 'torch.__version__ = "1.13.1+cpu"\n' + dedent(LINEAR)
    ended = bench.run(text, parameters={"batch": "8", "dtype": "'float32'"})
    assert end(ended)["state"] == "harness-incompatible"
    assert end(ended)["reason"] == "workloads need torch 2, this is 1.13.1+cpu"


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
        (
            "@workload()\ndef work():\n    from torch.nn import Gone\n    return Gone(), ()",
            "ImportError: cannot import name 'Gone' from 'torch.nn'",
        ),
        ("import gone_from_here", "ModuleNotFoundError: No module named 'gone_from_here'"),
    ],
)
def test_what_fails_says_why(bench: Bench, text: str, reason: str) -> None:
    ended = bench.run(text)
    assert end(ended)["state"] == "benchmark-failed"
    assert end(ended)["reason"].startswith(reason)


def test_a_python_without_torch_is_not_the_fault_of_the_commit(tmp_path: Path) -> None:

    ended = Bench(tmp_path, Path(sys.executable)).run(LINEAR)
    assert end(ended)["state"] == "harness-incompatible"
    assert "No module named 'torch'" in end(ended)["reason"]
