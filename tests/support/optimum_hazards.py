"""What optimum-benchmark 0.6.0 itself does, without the harness: a program for its environment.

usage: python optimum_hazards.py MODELS REPOSITORY

Prints one JSON object, hazard -> what was seen. MODELS has directories of models; REPOSITORY is a
work tree of git with a package ``bystander``. HF_ENDPOINT is a hub with a model ``org/tiny`` that
is not the one in ``org/tiny`` here.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import Any
from unittest.mock import Mock

import torch
from optimum_benchmark import (
    Benchmark,
    BenchmarkConfig,
    InferenceConfig,
    InlineConfig,
    PyTorchConfig,
)
from optimum_benchmark.backends.pytorch.backend import PyTorchBackend
from optimum_benchmark.import_utils import get_git_revision_hash
from optimum_benchmark.scenarios.inference.scenario import InferenceScenario
from optimum_benchmark.trackers.latency import Latency

MODELS, REPOSITORY = sys.argv[1:]
TEXT = {"library": "transformers", "task": "text-generation", "model_type": "gpt2"}
LENGTH = {"sequence_length": 16}
CLASSES = {"library": "transformers", "task": "text-classification", "model_type": "bert"}


def backend(model: str, **arguments: Any) -> PyTorchBackend:
    return PyTorchBackend(PyTorchConfig(model=f"{MODELS}/{model}", **arguments))


def error_of(act: Any) -> str:
    try:
        act()
    except Exception as error:  # noqa: BLE001 - whichever it is
        return type(error).__name__
    return "none"


def threads() -> dict[str, int]:
    """Asked for: 1 between operators, 2 within. First of all, as it can be set once."""
    backend("gpt2", device="cpu", inter_op_num_threads=1, intra_op_num_threads=2, **TEXT)
    seen = {"between": torch.get_num_interop_threads(), "within": torch.get_num_threads()}
    torch.set_num_threads(1)
    return seen


def generation() -> dict[str, Any]:
    """Three generations of five tokens for two samples."""
    config = BenchmarkConfig(
        name="generation",
        launcher=InlineConfig(),
        backend=PyTorchConfig(model=f"{MODELS}/gpt2", device="cpu", **TEXT),
        scenario=InferenceConfig(
            iterations=3,
            duration=0,
            warmup_runs=1,
            input_shapes={"batch_size": 2, **LENGTH},
            generate_kwargs={"max_new_tokens": 5, "min_new_tokens": 5},
        ),
    )
    report = Benchmark.launch(config).to_dict()
    kind = type(report["generate"]["latency"]["mean"])
    return {"report": report, "mean": f"{kind.__module__}.{kind.__name__}"}


def calls_before_the_first() -> int:
    """Generations that are over when the one called first begins."""
    model = backend("gpt2", device="cpu", **TEXT)
    model.generate = Mock(wraps=model.generate)
    config = InferenceConfig(
        iterations=1, duration=0, warmup_runs=1, input_shapes={"batch_size": 1, **LENGTH}
    )
    scenario = InferenceScenario(config)
    track, seen = scenario.global_tracking, dict[str, int]()

    def tracked(target: str) -> Any:
        seen[target] = model.generate.call_count
        return track(target)

    scenario.global_tracking = tracked
    scenario.run(model)
    return seen["first_generate"]


def made_up() -> bool:
    """Is a model of another architecture's weights loaded without a word?"""
    model = backend("foreign", device="cpu", **TEXT)
    model.load()
    return model.pretrained_model is not None


def autocast() -> bool:
    """Is it on for the processor after it was asked for?"""
    backend("bert", device="cpu", autocast_enabled=True, autocast_dtype="bfloat16", **CLASSES)
    on = torch.is_autocast_cpu_enabled()
    torch.set_autocast_enabled(False)
    return bool(on)


def secrets() -> dict[str, Any]:
    """What becomes of a token, and of a secret of another name."""
    kwargs = {"token": "hf_a", "use_auth_token": "hf_b"}
    config = PyTorchConfig(model="m", device="cpu", model_kwargs=kwargs, **TEXT)
    return {"environment": os.environ.pop("HF_TOKEN"), "stored": asdict(config)["model_kwargs"]}


def commit() -> str | None:
    """The commit of a package that lies in somebody's work tree and is no part of it."""
    sys.path.insert(0, f"{REPOSITORY}/lib")
    found: str | None = get_git_revision_hash("bystander")
    return found


def hub_or_directory() -> str:
    """Which of two is asked for the type of a model, where both have one of this name."""
    os.chdir(MODELS)
    arguments = {name: TEXT[name] for name in ("library", "task")}
    return str(PyTorchConfig(model="org/tiny", device="cpu", **arguments).model_type)


def no_weights() -> str:
    return error_of(backend("gpt2", device="cpu", no_weights=True, **TEXT).load)


def negative() -> str:
    two, one = (Latency.from_values([value], unit="s") for value in (2.0, 1.0))
    return error_of(lambda: one - two)


def of_a_number() -> str:
    return error_of(lambda: backend("gpt2", device="cuda:0", **TEXT))


def processor() -> str:
    found = backend("gpt2", device="cpu", processor="/nowhere", **TEXT).pretrained_processor
    return type(found).__name__


def duration() -> list[int]:
    config = InferenceConfig()
    return [config.iterations, config.duration]


SEEN = (
    threads,  # before anything computes
    *(generation, calls_before_the_first, made_up, autocast, secrets, commit, hub_or_directory),
    *(no_weights, negative, of_a_number, processor, duration),
)
if __name__ == "__main__":
    print(json.dumps({one.__name__: one() for one in SEEN}, default=float))
