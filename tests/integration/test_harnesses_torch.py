"""What workloads measure: timings, counts, tokens, and what is part of the coordinate."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.support.workloads import LINEAR, Bench, end, flags, samples

pytestmark = pytest.mark.ml


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
