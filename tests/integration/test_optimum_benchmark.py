"""Harness optimum-benchmark with real models. A process takes seconds to import transformers."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from benchmarks.gold.transformers_generation._models import make
from tests.support.optimum import measured, work

pytestmark = pytest.mark.ml

ROOT = Path(__file__).parents[2]

SUITE = {
    "generate": {
        "model": "models/gpt2",
        "task": "text-generation",
        "new_tokens": 5,
        "iterations": 3,
        "warmup": 1,
        "params": {"batch_size": [1, 2], "attention": ["eager", "sdpa"]},
    },
    "train": {
        "scenario": "training",
        "model": "models/bert",
        "task": "text-classification",
        "batch_size": 2,
        "iterations": 3,
        "warmup": 1,
    },
    "absent": {"model": "models/none", "task": "fill-mask"},
    "unfit": {"model": "models/t5", "task": "text-generation"},
    "gone": {"model": "models/gone", "task": "text-generation"},
    "foreign": {"model": "models/foreign", "task": "text-generation", "warmup": 1},
    "autocast": {
        "model": "models/bert",
        "task": "text-classification",
        "warmup": 1,
        "backend_options": {"autocast_enabled": True, "autocast_dtype": "bfloat16"},
    },
    "broken": {"model": "models/broken", "task": "text-generation", "warmup": 1},
}

#: runs benchmarks one after the other in one process, and tells how each ends
SEVERAL = """
import json, sys
from tracker.worker.optimum.suite import open_suite
from tracker.worker.session import _ended_by
endings = {}
for job in json.load(sys.stdin):
    try:
        open_suite(job).task(job["benchmark"], {}).readings()
    except Exception as error:
        endings[job["name"]] = _ended_by(error)
print(json.dumps(endings))
"""


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A suite with models, some of which are not what they should be."""
    directory = tmp_path_factory.mktemp("a suite's ñame")
    models = directory / "models"
    for name in ("bert", "gpt2", "t5"):
        make(f"{name}-tiny", models / name)
    for name in ("gone", "foreign", "broken"):
        make("gpt2-tiny", models / name)
    _rewrite(models / "gone" / "config.json", b'"gpt2"', b'"gpt-of-tomorrow"')
    weights = (models / "bert" / "model.safetensors").read_bytes()
    (models / "foreign" / "model.safetensors").write_bytes(weights)
    content = (models / "broken" / "model.safetensors").read_bytes()
    not_a_number = b"\x00\x00\xc0\x7f"
    (models / "broken" / "model.safetensors").write_bytes(content[:-4] + not_a_number)
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


def test_what_cannot_be_measured_says_why(ml_python: Path, suite: Path) -> None:
    names = ("absent", "unfit", "gone", "foreign", "broken", "autocast")
    jobs = [{"name": name, **work(suite, name)} for name in names]
    on_device = {"name": "device", **work(suite, "foreign"), "device": "cuda:7"}
    done = subprocess.run(
        [str(ml_python), "-c", SEVERAL],
        input=json.dumps([*jobs, on_device]),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    endings = json.loads(done.stdout.splitlines()[-1])
    models = suite.parent / "models"
    said = {name: (one["state"], one["reason"]) for name, one in endings.items()}
    state, reason = said["absent"]
    assert state == "benchmark-failed"
    assert f"there is no model in {models / 'none'}: no such directory" in reason
    assert said["unfit"] == (
        "benchmark-failed",
        f"the model in {models / 't5'}, of type t5, cannot do text-generation",
    )
    state, reason = said["gone"]
    assert state == "unsupported"
    assert reason.startswith("transformers 4.")
    assert reason.endswith("has no models of type gpt-of-tomorrow")
    state, reason = said["foreign"]
    assert state == "benchmark-failed"
    assert f"the weights in {models / 'foreign'} are of another architecture" in reason
    assert said["broken"] == (
        "benchmark-failed",
        "the model's logits have numbers that are not finite",
    )
    state, reason = said["autocast"]
    assert state == "benchmark-failed"
    assert "autocast was asked for, and" in reason
    state, reason = said["device"]
    assert state == "benchmark-failed"
    assert reason == "cuda:7 was asked for and is not there"


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
