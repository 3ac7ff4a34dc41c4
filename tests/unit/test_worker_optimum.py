"""Reports of optimum-benchmark 0.6.0: the figures they have, and those that are true.

The reports were recorded with 2 samples of 16 tokens, 3 generations of 6 tokens; and 4 steps of
training with 3 samples each, after 2 of warm-up.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
from itertools import pairwise
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tracker.worker.optimum import library
from tracker.worker.optimum import suite as optimum_suite
from tracker.worker.optimum.files import check_model
from tracker.worker.optimum.model import data_name
from tracker.worker.optimum.options import (
    backend_arguments,
    chosen,
    samples_a_step,
    scenario_arguments,
)
from tracker.worker.optimum.repairs import (
    Volumes,
    inference_readings,
    latencies,
    token_intervals,
    training_readings,
)
from tracker.worker.optimum.suite import open_suite
from tracker.worker.task import Failed, Incompatible

REPORTS = json.loads(
    (Path(__file__).parents[1] / "support" / "optimum_reports.json").read_text("utf-8")
)
GENERATE, FORWARD, TRAIN = REPORTS["generate"], REPORTS["forward"], REPORTS["train"]


def by_metric(readings: list[dict[str, Any]]) -> dict[str, list[float]]:
    return {one["metric"]: one["samples"] for one in readings}


def generated() -> dict[str, list[float]]:
    return by_metric(inference_readings(GENERATE, Volumes(samples=2, tokens=6)))


def as_reported(generations: list[list[float]]) -> list[float]:
    """Intervals as optimum-benchmark adds them up from the moments of tokens."""
    moments: list[float] = []
    values: list[float] = []
    for moments_of_one in generations:
        moments += moments_of_one
        values += [later - earlier for earlier, later in pairwise(moments)]
    return values


def test_intervals_between_tokens_are_told_once() -> None:
    # 4 generations of 8 tokens, 67 ms between two; 500 ms from one generation to the next
    generations = [[start + 0.067 * token for token in range(8)] for start in (0, 1, 2, 3)]
    reported = as_reported(generations)
    assert len(reported) == 76
    assert statistics.mean(reported) == pytest.approx(0.1036, abs=1e-4)  # by 55 % too long
    repaired = token_intervals(reported, [7 * 0.067] * 4, tokens=8)
    assert len(repaired) == 28
    assert statistics.mean(repaired) == pytest.approx(0.067)


def test_intervals_of_a_recorded_report_add_up_to_its_decoding() -> None:
    reported = GENERATE["per_token"]["latency"]["values"]
    decoding = GENERATE["decode"]["latency"]["values"]
    assert len(reported) == 33
    assert sum(reported) > 2 * sum(decoding)
    repaired = generated()["per_token"]
    assert len(repaired) == 3 * 5
    assert sum(repaired) == pytest.approx(sum(decoding), rel=0.02)


def test_intervals_that_cannot_be_told_apart_are_means() -> None:
    # two generations of 4 tokens, of which one ended early
    assert token_intervals([0.1, 0.1, 0.3], [0.3, 0.6], tokens=4) == pytest.approx([0.1, 0.2])
    assert token_intervals([0.1, 0.2, 0.3], [0.6], tokens=4) == [0.1, 0.2, 0.3]


def test_throughput_of_generation_is_that_of_samples() -> None:
    seconds = statistics.mean(GENERATE["generate"]["latency"]["values"])
    assert GENERATE["generate"]["throughput"] == {
        "unit": "samples/s",
        "value": pytest.approx(2 * 5 / seconds, rel=1e-4),  # tokens, called samples
    }
    measured = generated()
    assert measured["generate_throughput"] == [
        2 / one for one in GENERATE["generate"]["latency"]["values"]
    ]
    assert measured["decode_throughput"] == [
        2 * 5 / one for one in GENERATE["decode"]["latency"]["values"]
    ]


def test_the_first_generation_of_a_report_is_the_second() -> None:
    measured = generated()
    assert measured["second_generate"] == GENERATE["first_generate"]["latency"]["values"]
    assert "first_generate" not in measured


def test_memory_of_decoding_is_that_of_all_generation_and_in_bytes() -> None:
    measured = generated()
    assert measured["generate_max_ram"] == [GENERATE["decode"]["memory"]["max_ram"] * 1e6]
    assert measured["prefill_max_ram"] == [GENERATE["prefill"]["memory"]["max_ram"] * 1e6]
    assert "decode_max_ram" not in measured
    assert not any("vram" in metric for metric in measured)  # it does not apply, and is not 0


def test_readings_of_a_model_that_does_not_generate() -> None:
    readings = inference_readings(FORWARD, Volumes(samples=2))
    assert readings[0]["metric"] == "forward"
    measured = by_metric(readings)
    assert measured["first_forward"] == FORWARD["first_forward"]["latency"]["values"]
    assert measured["forward_throughput"] == [
        2 / one for one in FORWARD["forward"]["latency"]["values"]
    ]


def test_throughput_of_training_is_that_of_one_step() -> None:
    seconds = statistics.mean(TRAIN["train"]["latency"]["values"])
    # samples of all steps in the time of one: wrong by the number of steps
    assert TRAIN["train"]["throughput"]["value"] == pytest.approx(4 * 3 / seconds, rel=1e-4)
    measured = by_metric(training_readings(TRAIN, Volumes(samples=3)))
    assert measured["train_throughput"] == [3 / one for one in TRAIN["train"]["latency"]["values"]]
    assert measured["first_train"] == TRAIN["overall"]["latency"]["values"][:1]


def test_numbers_of_numpy_become_plain() -> None:
    import numpy as np

    # a float of numpy that is no float of Python, as those of 64 bits are
    report = {"forward": {"latency": {"unit": "s", "values": [np.float32(0.5)]}}}
    assert [type(one) for one in latencies(report, "forward")] == [float]


@pytest.mark.parametrize(
    ("report", "said"),
    [
        ({}, "the report of optimum-benchmark has no latency of forward"),
        ({"forward": {"latency": None}}, "has no latency of forward"),
        ({"forward": {"latency": {"unit": "s", "values": []}}}, "has no latency of forward"),
        ({"forward": {"latency": {"unit": "ms", "values": [1]}}}, "forward is in ms, not in s"),
    ],
)
def test_a_report_without_numbers_is_none(report: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        latencies(report, "forward")


def test_nothing_is_left_to_be_guessed() -> None:
    entry = {"model": "/m", "task": "text-generation", "model_type": "gpt2", "dtype": "bfloat16"}
    options = chosen(entry, {"attention": "sdpa"}, samples=7)
    assert backend_arguments(options, {"seed": 1}, "cuda:1") == {
        "model": "/m",
        "task": "text-generation",
        "model_type": "gpt2",
        "library": "transformers",
        "torch_dtype": "bfloat16",
        "attn_implementation": "sdpa",
        "torch_compile": False,
        "device": "cuda",  # with its number it would be an IndexError
        "device_ids": "1",
        "seed": 1,
    }


def test_how_often_is_fixed() -> None:
    options = chosen({"model": "/m", "task": "text-generation"}, {"new_tokens": 9}, samples=7)
    assert scenario_arguments(options, {"generate_kwargs": {"num_beams": 2}}, "inference") == {
        "latency": True,
        "energy": False,
        "duration": 0,
        "iterations": 7,
        "warmup_runs": 5,
        "input_shapes": {"batch_size": 1, "sequence_length": 16},
        "generate_kwargs": {"max_new_tokens": 9, "min_new_tokens": 9, "num_beams": 2},
    }


def test_every_step_of_training_has_a_full_batch() -> None:
    entry = {"model": "/m", "task": "text-classification", "iterations": 4, "warmup": 2}
    more = {"training_arguments": {"gradient_accumulation_steps": 2}}
    arguments = scenario_arguments(chosen(entry, {"batch_size": 3}, samples=7), more, "training")
    assert arguments["max_steps"] == 6
    assert arguments["warmup_steps"] == 2
    assert samples_a_step(arguments) == 6
    assert arguments["dataset_shapes"] == {"sequence_length": 16, "dataset_size": 36}
    assert more == {"training_arguments": {"gradient_accumulation_steps": 2}}


def data(batch: int, sequence: int, *, positions: bool = False, words: int = 1000) -> str:
    """The name of inputs of this shape."""
    ids = SimpleNamespace(shape=(batch, sequence), dtype="int64")
    names = ("input_ids", "position_ids") if positions else ("input_ids",)
    options = {"batch_size": batch, "sequence_length": sequence}
    return data_name({"vocab_size": words}, dict.fromkeys(names, ids), options)


def test_other_inputs_have_another_name_unless_the_suite_asks_for_them() -> None:
    assert data(1, 16) == data(8, 16) == data(8, 32) == data(16, 16)
    named = {data(1, 16), data(1, 16, positions=True), data(1, 16, words=999)}
    assert len(named) == 3
    other = SimpleNamespace(shape=(1, 77), dtype="int64")  # of a length of the commit's own
    asked = {"batch_size": 1, "sequence_length": 16}
    assert data_name({"vocab_size": 1000}, {"input_ids": other}, asked) not in named


def job() -> dict[str, Any]:
    return {"mode": "measure", "benchmark": "a", "options": {"benchmarks": {"a": {}}}}


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What is installed, by package, where nothing is."""
    versions: dict[str, str] = {}
    monkeypatch.setattr(library, "_version", lambda package: versions.get(package, ""))
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    return versions


@pytest.mark.parametrize(("version", "said"), [("", "lacks"), ("0.5.1", "has.* 0.5.1")])
def test_an_unknown_optimum_benchmark_is_no_failure(
    installed: dict[str, str], version: str, said: str
) -> None:
    installed["optimum-benchmark"] = version
    with pytest.raises(Incompatible, match=rf"{said}.*optimum-benchmark==0\.6\.0"):
        open_suite(job())


def test_the_process_that_measures_is_offline(installed: dict[str, str]) -> None:
    with pytest.raises(Incompatible):
        open_suite({**job(), "options": {"benchmarks": {"a": {"revision": "a" * 40}}}})
    assert os.environ["HF_HUB_OFFLINE"] == "1"


@pytest.mark.parametrize(
    ("asked", "visible", "shown", "chosen"),
    [
        ("cuda", None, "0", "cuda:0"),
        ("cuda:1", None, "1", "cuda:1"),
        ("cuda:1", "4,6", "6", "cuda:6"),
        ("cuda:2", "4,6", "none", "cuda:none"),
        ("cpu", "4,6", "4,6", "cpu"),
    ],
)
def test_torch_sees_one_device_before_it_looks(
    asked: str, visible: str | None, shown: str, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setenv("CUDA_DEVICE_ORDER", "")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible or "")

    def looked(job: dict[str, Any], seen_as: str) -> str:
        seen.append(os.environ["CUDA_VISIBLE_DEVICES"])
        return seen_as or str(job["device"])

    for name in ("check_version", "import_all"):
        monkeypatch.setattr(optimum_suite, name, lambda: None)
    monkeypatch.setattr(optimum_suite, "made_ready", looked)
    assert open_suite({**job(), "device": asked})._device == chosen
    assert seen == [shown]


def test_transformers_5_is_incompatible(
    installed: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    installed["optimum-benchmark"] = "0.6.0"
    transformers = ModuleType("transformers")
    transformers.__version__ = "5.24.0"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "transformers", transformers)
    with pytest.raises(Incompatible) as refused:
        open_suite(job())
    assert str(refused.value) == (
        "optimum-benchmark 0.6.0 needs transformers.SpecialTokensMixin, which transformers 5.24.0 "
        "does not have: it works up to transformers 4"
    )


def test_a_name_that_is_gone_is_incompatible(
    installed: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    installed.update({"optimum-benchmark": "0.6.0", "transformers": "4.57.6", "torch": "2.13.0"})
    transformers = ModuleType("transformers")
    transformers.SpecialTokensMixin = object  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "transformers", transformers)
    with pytest.raises(Incompatible, match=r"does not work with transformers 4\.57\.6 and torch"):
        open_suite(job())  # it imports what this environment lacks


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (None, "there is no model in .*: it has no config.json"),
        ("{", "config.json is no JSON"),
        ("[]", "config.json is no configuration of a model"),
        ("{}", "config.json says no model_type"),
        ('{"model_type": "bert"}', "is of type bert, not gpt2"),
    ],
)
def test_a_directory_without_the_model(config: str | None, said: str, tmp_path: Path) -> None:
    if config is not None:
        (tmp_path / "config.json").write_text(config)
    with pytest.raises(Failed, match=said):
        check_model(str(tmp_path), "text-generation", "gpt2")


def test_no_directory_of_a_model(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="no such directory, and one of the hub needs a"):
        check_model(str(tmp_path / "gpt2"), "text-generation", None)
