"""Models of the hub, pinned by revision, asked for with the hub's real client."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.gold.transformers_generation._models import make
from tests.support.hub import LocalHub, Served, local_hub
from tests.support.optimum import measured, work

pytestmark = pytest.mark.ml

ROOT = Path(__file__).parents[2]
PINNED, NEWEST, ABSENT = "a" * 40, "b" * 40, "c" * 40
SECRET = "hf_" + "Ab1" * 11

#: asks the hub as a cell does, and prints the directory or why there is none
ASK = """
import os, sys
from tracker.worker.optimum.hub import Hub
from tracker.worker.task import Failed
try:
    print(Hub(dict(os.environ)).directory(*sys.argv[1:]))
except Failed as error:
    print(error)
"""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Served]:
    """A model whose newest revision is quite another than the pinned one, and a gated one."""
    pinned, newest = (tmp_path_factory.mktemp(name) for name in ("pinned", "newest"))
    make("gpt2-tiny", pinned)
    make("llama-tiny", newest)
    (pinned / "tf_model.h5").write_bytes(b"weights for another library")
    (pinned / "pytorch_model.bin").write_bytes(b"the same once more")
    return {
        "org/tiny": Served(revisions={PINNED: pinned, NEWEST: newest}, branches={"main": NEWEST}),
        "org/gated": Served(revisions={PINNED: pinned}, token=SECRET),
    }


@pytest.fixture
def hub(models: dict[str, Served]) -> Iterator[LocalHub]:
    """The hub, running."""
    with local_hub(models) as running:
        yield running


def asked(python: Path, environment: Mapping[str, str], model: str, revision: str) -> str:
    """What a cell is told of a model."""
    done = subprocess.run(
        [str(python), "-c", ASK, model, revision],
        env={"PATH": "/usr/bin:/bin", **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def model_of(
    python: Path, home: Path, environment: Mapping[str, str], suite: Path
) -> tuple[str, list[float]]:
    """Class of the model that a process of the suite measured, and how many numbers it has."""
    home.mkdir()
    readings, end = measured(python, home, work(suite, "of_the_hub"), environment=environment)
    assert (end["state"], end["reason"]) == ("measured", "")
    return end["facts"]["model"], readings["parameters"]["samples"]


def test_the_pinned_revision_is_measured_and_kept(
    ml_python: Path, hub: LocalHub, tmp_path: Path
) -> None:
    benchmark = {
        "model": "org/tiny",
        "revision": PINNED,
        "task": "text-generation",
        "new_tokens": 3,
        "warmup": 1,
    }
    suite = tmp_path / "suite.yaml"
    suite.write_text(yaml.safe_dump({"benchmarks": {"of_the_hub": benchmark}}))
    environment = {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "hub")}
    pinned = ("GPT2LMHeadModel", [196864.0])
    assert model_of(ml_python, tmp_path / "first", environment, suite) == pinned
    assert f"GET /org/tiny/resolve/{PINNED}/model.safetensors" in hub.asked
    assert all(PINNED in one for one in hub.asked)  # main was not so much as looked at
    assert not any(one.endswith((".h5", ".bin")) for one in hub.asked)
    # the next process finds it there, whatever becomes of the hub
    offline = {**environment, "HF_ENDPOINT": "http://127.0.0.1:9"}
    assert model_of(ml_python, tmp_path / "second", offline, suite) == pinned


def test_what_the_hub_does_not_have(ml_python: Path, hub: LocalHub, tmp_path: Path) -> None:
    environment = {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "hub")}
    told = {
        (model, revision): asked(ml_python, environment, model, revision)
        for model, revision in (
            ("org/tiny", ABSENT),
            ("org/none", PINNED),
            ("org/gated", PINNED),
        )
    }
    hidden = "the hub does not have it; if it is there for some only, name HF_TOKEN in"
    assert told == {
        ("org/tiny", ABSENT): f"model org/tiny: the hub has no revision {ABSENT} of it",
        ("org/none", PINNED): f"model org/none: {hidden} executor.passthrough",
        ("org/gated", PINNED): f"model org/gated: {hidden} executor.passthrough",
    }


def test_a_token_opens_what_is_gated_and_is_not_shown(
    ml_python: Path, hub: LocalHub, tmp_path: Path
) -> None:
    environment = {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "hub"), "HF_TOKEN": SECRET}
    directory = Path(asked(ml_python, environment, "org/gated", PINNED))
    assert json.loads((directory / "config.json").read_text())["model_type"] == "gpt2"
    assert SECRET not in asked(ml_python, environment, "org/gated", ABSENT)


@pytest.mark.parametrize("more", [{"HF_ENDPOINT": "http://127.0.0.1:9"}, {"HF_HUB_OFFLINE": "1"}])
def test_no_hub(ml_python: Path, more: dict[str, str], tmp_path: Path) -> None:
    environment: dict[str, Any] = {"HF_HOME": str(tmp_path / "hub"), **more}
    assert asked(ml_python, environment, "org/tiny", PINNED) == (
        "model org/tiny: the hub cannot be reached, "
        f"and revision {PINNED} of it is not in the cache here"
    )
