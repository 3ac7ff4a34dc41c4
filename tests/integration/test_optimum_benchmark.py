"""Harness optimum-benchmark with real models. A process takes seconds to import transformers."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.gold.transformers_generation._models import make
from tests.support.optimum import measured, work

pytestmark = pytest.mark.ml

ROOT = Path(__file__).parents[2]

TEXT = {"model": "models/gpt2", "task": "text-generation", "new_tokens": 2, "warmup": 1}
CLASSES = {"model": "models/bert", "task": "text-classification", "warmup": 1}
TRAIN = {**CLASSES, "scenario": "training", "batch_size": 2, "iterations": 3}
SUITE: dict[str, dict[str, Any]] = {
    "generate": {
        **TEXT,
        "new_tokens": 5,
        "iterations": 3,
        "params": {"batch_size": [1, 2], "attention": ["eager", "sdpa"]},
    },
    "train": TRAIN,
    "matrix": {
        "warmup": 1,
        "backend_options": {"torch_compile_config": {"backend": "eager"}},
        "params": {
            "model": ["models/gpt2", "models/bert"],
            "task": ["text-generation", "feature-extraction"],
            "batch_size": [1, 3],
            "sequence_length": [4, 9],
            "new_tokens": [2, 4],
            "dtype": ["float32", "bfloat16"],
            "attention": ["eager", "sdpa"],
            "cache": ["dynamic", "static"],
            "torch_compile": [False, True],
        },
    },
    "plain": TEXT,
    "absent": {**CLASSES, "model": "models/none"},
    "unfit": {**TEXT, "model": "models/t5"},
    "gone": {**TEXT, "model": "models/gone"},
    "foreign": {**TEXT, "model": "models/foreign"},
    "autocast": {
        **CLASSES,
        "backend_options": {"autocast_enabled": True, "autocast_dtype": "bfloat16"},
    },
    "broken": {**TEXT, "model": "models/broken"},
    "broken_forward": {**CLASSES, "model": "models/broken_bert"},
    "broken_training": {**TRAIN, "model": "models/broken_bert"},
    "processor": {**TEXT, "processor": "models/none"},
    "flash": {**TEXT, "attention": "flash_attention_2"},
    "unheard": {**TEXT, "attention": "unheard_of"},
    "long": {**TEXT, "sequence_length": 1024},
    "large": {**CLASSES, "batch_size": 3_000_000},
}


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A suite with models, some of which are not what they should be."""
    directory = tmp_path_factory.mktemp("a suite's ñame")
    models = directory / "models"
    for name in ("bert", "gpt2", "t5"):
        make(f"{name}-tiny", models / name)
    for name in ("gone", "foreign", "broken"):
        make("gpt2-tiny", models / name)
    make("bert-tiny", models / "broken_bert")
    _rewrite(models / "gone" / "config.json", b'"gpt2"', b'"gpt-of-tomorrow"')
    weights = (models / "bert" / "model.safetensors").read_bytes()
    (models / "foreign" / "model.safetensors").write_bytes(weights)
    for name in ("broken", "broken_bert"):
        weights = (models / name / "model.safetensors").read_bytes()
        not_a_number = b"\x00\x00\xc0\x7f"
        (models / name / "model.safetensors").write_bytes(weights[:-4] + not_a_number)
    (directory / "suite.yaml").write_text(yaml.safe_dump({"benchmarks": SUITE}))
    return directory / "suite.yaml"


def _rewrite(path: Path, old: bytes, new: bytes) -> None:
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))


def test_a_generation_is_measured(ml_python: Path, suite: Path, tmp_path: Path) -> None:
    parameters = {"batch_size": "2", "attention": "'eager'"}
    readings, end = measured(ml_python, tmp_path, work(suite, "generate", parameters))
    assert (end["state"], end["reason"]) == ("measured", "")
    assert end["backend"].startswith("torch eager; sdpa ")
    assert end["precision"].startswith("float32; matmul highest")
    assert end["device"] == "cpu"
    assert end["facts"]["attention"] == "eager"
    assert end["threads"] == 1
    assert end["dataset"].startswith("random:")
    samples = {metric: one["samples"] for metric, one in readings.items()}
    assert next(iter(readings)) == "generate"
    assert {name: len(values) for name, values in samples.items()} == {
        **dict.fromkeys(("generate", "prefill", "decode"), 3),
        **dict.fromkeys(("generate_throughput", "prefill_throughput", "decode_throughput"), 3),
        "per_token": 3 * 4,
        **dict.fromkeys(("load_model", "first_generate", "second_generate"), 1),
        **dict.fromkeys(("peak_memory", "parameters"), 1),
    }
    assert sum(samples["per_token"]) <= sum(samples["decode"])
    assert samples["generate_throughput"][0] == pytest.approx(2 / samples["generate"][0])
    assert samples["decode_throughput"][0] == pytest.approx(2 * 4 / samples["decode"][0])
    assert samples["parameters"] == [196864]
    assert not list(suite.parent.glob("benchmark*"))


def test_training_is_measured(ml_python: Path, suite: Path, tmp_path: Path) -> None:
    readings, end = measured(ml_python, tmp_path, work(suite, "train"))
    assert (end["state"], end["reason"]) == ("measured", "")
    steps = readings["train"]["samples"]
    assert len(steps) == 3
    assert readings["train_throughput"]["samples"] == pytest.approx([2 / one for one in steps])
    assert end["dataset"].startswith("random:")


def several(python: Path, jobs: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """How jobs end that are done one after the other in one process."""
    done = subprocess.run(
        [str(python), "-m", "tests.support.optimum_cells"],
        input=json.dumps([{"name": name, **one} for name, one in jobs.items()]),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    endings: dict[str, dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return endings


def test_what_varies_reaches_optimum_benchmark_and_the_coordinate(
    ml_python: Path, suite: Path
) -> None:
    one = {
        "model": "'models/gpt2'",
        "task": "'text-generation'",
        "batch_size": "3",
        "sequence_length": "9",
        "new_tokens": "4",
        "dtype": "'bfloat16'",
        "attention": "'eager'",
        "cache": "'static'",
        "torch_compile": "True",
    }
    other = {
        **one,
        "batch_size": "1",
        "sequence_length": "4",
        "new_tokens": "2",
        "dtype": "'float32'",
        "attention": "'sdpa'",
        "cache": "'dynamic'",
        "torch_compile": "False",
    }
    embedding = {**other, "model": "'models/bert'", "task": "'feature-extraction'"}
    cells = {"one": one, "other": other, "embedding": embedding}
    seen = several(ml_python, {name: work(suite, "matrix", cell) for name, cell in cells.items()})
    assert {name: (cell["state"], cell["reason"]) for name, cell in seen.items()} == dict.fromkeys(
        cells, ("measured", "")
    )
    models = suite.parent / "models"
    given = ("model", "task", "model_type", "library", "device", "torch_dtype")
    how = ("attn_implementation", "cache_implementation", "torch_compile")
    asked = {name: [cell["config"][one] for one in given] for name, cell in seen.items()}
    assert asked == {
        "one": [f"{models}/gpt2", "text-generation", "gpt2", "transformers", "cpu", "bfloat16"],
        "other": [f"{models}/gpt2", "text-generation", "gpt2", "transformers", "cpu", "float32"],
        "embedding": [
            *(f"{models}/bert", "feature-extraction", "bert", "transformers", "cpu", "float32")
        ],
    }
    assert [seen["one"]["config"][name] for name in how] == ["eager", "static", True]
    assert [seen["other"]["config"][name] for name in how] == ["sdpa", "dynamic", False]
    computed = {name: (seen[name]["inputs"], seen[name]["new_tokens"]) for name in ("one", "other")}
    assert computed == {"one": ([3, 9], 4), "other": ([1, 4], 2)}
    told = {
        name: (
            cell["backend"].partition(";")[0],
            cell["precision"].partition(";")[0],
            cell["facts"]["attention"],
            cell["facts"]["model"],
        )
        for name, cell in seen.items()
    }
    assert told == {
        "one": ("torch compile default", "bfloat16", "eager", "GPT2LMHeadModel"),
        "other": ("torch eager", "float32", "sdpa", "GPT2LMHeadModel"),
        "embedding": ("torch eager", "float32", "sdpa", "BertModel"),
    }
    assert seen["one"]["dataset"] == seen["other"]["dataset"] != seen["embedding"]["dataset"]


def test_a_name_that_a_commit_removed_is_no_failure_of_it(ml_python: Path, suite: Path) -> None:
    job = {**work(suite, "plain"), "without": ["TrainerCallback"]}
    ending = several(ml_python, {"it": job})["it"]
    assert ending["state"] == "harness-incompatible"
    assert ending["reason"].startswith(
        "optimum-benchmark 0.6.0 does not work with transformers 4.57.6 and torch "
    )
    assert "TrainerCallback" in ending["reason"]


def test_what_cannot_be_measured_says_why(ml_python: Path, suite: Path) -> None:
    names = ("absent", "unfit", "gone", "foreign", "broken", "broken_forward", "broken_training")
    more = ("autocast", "processor", "flash", "unheard", "long")
    absent = {**work(suite, "plain"), "device": "cuda:7"}
    endings = several(
        ml_python,
        {
            "class gone": {**work(suite, "plain"), "without": ["GPT2LMHeadModel"]},
            **{name: work(suite, name) for name in (*names, *more)},
            "device, fail": {**absent, "device_absent": "fail"},
            "device, skip": {**absent, "device_absent": "skip"},
            "device, fallback": {**absent, "device_absent": "fallback"},
            "large": {**work(suite, "large"), "memory_bytes": 4 << 30},  # the last, as it stays
        },
    )
    models = suite.parent / "models"
    version = "4.57.6"
    expected = {
        "class gone": (
            "unsupported",
            "this commit has no such model: Could not find GPT2LMHeadModel neither in ",
        ),
        "gone": ("unsupported", f"transformers {version} has no models of type gpt-of-tomorrow"),
        "absent": (
            "benchmark-failed",
            f"there is no model in {models / 'none'}: no such directory, and one of the hub needs",
        ),
        "unfit": (
            "benchmark-failed",
            f"the model in {models / 't5'}, of type t5, cannot do text-generation",
        ),
        "foreign": (
            "benchmark-failed",
            f"the weights in {models / 'foreign'} are of another architecture: ",
        ),
        "broken": ("benchmark-failed", "the model's logits have numbers that are not finite"),
        "broken_forward": (
            "benchmark-failed",
            "the model's logits have numbers that are not finite",
        ),
        "broken_training": (
            "benchmark-failed",
            "after training the model has weights that are not finite",
        ),
        "autocast": (
            "benchmark-failed",
            "autocast was asked for, and optimum-benchmark does not turn it on for cpu",
        ),
        "processor": (
            "benchmark-failed",
            f"there is no processor in {models / 'none'}: no such directory",
        ),
        "flash": ("unsupported", "there is no attention flash_attention_2 here: "),
        "unheard": ("unsupported", "there is no attention unheard_of here: "),
        "long": ("benchmark-failed", "1026 tokens do not fit the model's 512 positions"),
        "device, fail": ("benchmark-failed", "cuda:7 was asked for and is not there"),
        "device, skip": ("unsupported", "cuda:7 was asked for and is not there"),
        "device, fallback": ("measured", ""),
        "large": ("out-of-memory", "out of memory with batch_size 3000000"),
    }
    said = {
        name: (one["state"], one["reason"][: len(expected[name][1])])
        for name, one in endings.items()
    }
    assert said == expected
    assert not any("\n" in one["reason"] for one in endings.values())
    assert endings["device, fallback"]["device"] == "cpu"  # and so is its series


@pytest.mark.gpu
def test_a_generation_is_measured_on_a_device(
    ml_python: Path, suite: Path, cuda: str, tmp_path: Path
) -> None:
    parameters = {"batch_size": "2", "attention": "'sdpa'"}
    job = {**work(suite, "generate", parameters), "device": cuda}
    readings, end = measured(ml_python, tmp_path, job)
    assert (end["state"], end["reason"], end["device"]) == ("measured", "", cuda)
    assert readings["device_memory_allocated"]["samples"][0] > 4 * 196864  # the model's own bytes
    assert len(readings["per_token"]["samples"]) == 3 * 4
