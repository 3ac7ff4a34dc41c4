"""What optimum-benchmark 0.6.0 gets wrong, seen in itself; and what the harness makes of it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.gold.transformers_generation._models import make
from tests.support.hub import LocalHub, Served, local_hub
from tests.support.optimum import measured, work
from tracker.worker.optimum.repairs import Volumes, inference_readings

pytestmark = pytest.mark.ml

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "tests" / "support" / "optimum_hazards.py"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models, of which one has the weights of another, and one a name that the hub knows too."""
    directory = tmp_path_factory.mktemp("models")
    for name, kind in (
        ("gpt2", "gpt2"),
        ("foreign", "gpt2"),
        ("bert", "bert"),
        ("org/tiny", "gpt2"),
    ):
        make(f"{kind}-tiny", directory / name)
    weights = (directory / "bert" / "model.safetensors").read_bytes()
    (directory / "foreign" / "model.safetensors").write_bytes(weights)
    return directory


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHub]:
    """A hub whose ``org/tiny`` is another model than that in the directory of this name."""
    other = tmp_path_factory.mktemp("other")
    make("llama-tiny", other)
    served = Served(revisions={"b" * 40: other}, branches={"main": "b" * 40})
    with local_hub({"org/tiny": served}) as running:
        yield running


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A work tree in which a package was installed."""
    directory = tmp_path_factory.mktemp("repository")
    package = directory / "lib" / "bystander"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    for words in (["init", "--quiet"], ["commit", "--quiet", "--allow-empty", "-m", "a project"]):
        _git(directory, *words)
    return directory


def _git(directory: Path, *words: str) -> str:
    somebody = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.org"]
    done = subprocess.run(
        ["git", *somebody, *words], cwd=directory, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture(scope="module")
def theirs(
    ml_python: Path,
    models: Path,
    hub: LocalHub,
    repository: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Any]:
    """What was seen in optimum-benchmark."""
    home = tmp_path_factory.mktemp("home")
    done = subprocess.run(
        [str(ml_python), "-I", str(PROGRAM), str(models), str(repository)],
        env={"PATH": os.environ["PATH"], "HOME": str(home), "HF_ENDPOINT": hub.url},
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return seen


@pytest.fixture(scope="module")
def ours(
    ml_python: Path,
    models: Path,
    hub: LocalHub,
    theirs: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[dict[str, list[float]], dict[str, Any], Path]:
    """Samples by metric and last line of the same through the harness; and where it left files.

    The model's name is one of the hub's too, two threads are asked for, and where the process
    starts there lies a report.
    """
    entry = {
        "model": "org/tiny",
        "task": "text-generation",
        "new_tokens": 5,
        "batch_size": 2,
        "iterations": 3,
        "warmup": 1,
    }
    suite = models / "suite.yaml"
    suite.write_text(yaml.safe_dump({"benchmarks": {"generate": entry}}))
    home = tmp_path_factory.mktemp("ours")
    start = tmp_path_factory.mktemp("start")
    (start / "benchmark_report.json").write_text("{}")
    hub.asked.clear()
    readings, end = measured(
        ml_python,
        home,
        {**work(suite, "generate"), "threads": 2},
        directory=start,
        environment={"HF_ENDPOINT": hub.url, "OMP_NUM_THREADS": "2"},
    )
    assert (end["state"], end["reason"]) == ("measured", "")
    return {name: one["samples"] for name, one in readings.items()}, end, home


Ours = tuple[dict[str, list[float]], dict[str, Any], Path]


def test_intervals_between_tokens(theirs: dict[str, Any], ours: Ours) -> None:
    report = theirs["generation"]["report"]
    decoding = sum(report["decode"]["latency"]["values"])
    reported = report["per_token"]["latency"]["values"]
    assert len(reported) == 4 + 9 + 14
    assert sum(reported) > decoding
    of_the_first = reported[:4]
    assert [reported.count(one) for one in of_the_first] == [3] * 4
    repaired = inference_readings(report, Volumes(samples=2, tokens=5))
    (between,) = (one["samples"] for one in repaired if one["metric"] == "per_token")
    assert len(between) == 3 * 4
    assert [between.count(one) for one in of_the_first] == [1] * 4
    assert sum(between) <= decoding
    samples, _, _ = ours
    assert len(samples["per_token"]) == 3 * 4
    assert sum(samples["per_token"]) <= sum(samples["decode"])


def test_throughput_of_generation(theirs: dict[str, Any], ours: Ours) -> None:
    generate = theirs["generation"]["report"]["generate"]
    mean = sum(generate["latency"]["values"]) / 3
    assert generate["throughput"]["unit"] == "samples/s"
    assert generate["throughput"]["value"] == pytest.approx(2 * 4 / mean)  # these are tokens
    samples, _, _ = ours
    assert samples["generate_throughput"] == pytest.approx([2 / one for one in samples["generate"]])


def test_threads(theirs: dict[str, Any], ours: Ours) -> None:
    assert theirs["threads"] == {"between": 2, "within": 1}  # 1 and 2 were asked for
    _, end, _ = ours
    assert (end["threads"], end["facts"]["interop_threads"]) == (2, 2)


def test_the_first_generation(theirs: dict[str, Any], ours: Ours) -> None:
    assert theirs["calls_before_the_first"] == 1
    samples, _, _ = ours
    assert len(samples["first_generate"]) == len(samples["second_generate"]) == 1
    assert samples["first_generate"] != samples["second_generate"]


def test_how_many_samples(theirs: dict[str, Any], ours: Ours) -> None:
    assert theirs["duration"] == [10, 10]  # iterations, and seconds: the faster, the more samples
    samples, _, _ = ours
    assert len(samples["generate"]) == 3


def test_the_hub_comes_first(theirs: dict[str, Any], ours: Ours, hub: LocalHub) -> None:
    assert theirs["hub_or_directory"] == "llama"
    _, end, _ = ours
    assert end["facts"]["model"] == "GPT2LMHeadModel"
    assert hub.asked == []


def test_a_report_of_an_earlier_run(
    ml_python: Path, models: Path, ours: Ours, tmp_path: Path
) -> None:
    (tmp_path / "conf").mkdir()
    configuration = {
        "defaults": ["benchmark", {"scenario": "inference"}, {"launcher": "inline"}, "_self_"],
        "name": "stale",
        "backend": {"_target_": "never.looked.at"},
    }
    (tmp_path / "conf" / "stale.yaml").write_text(yaml.safe_dump(configuration))
    (tmp_path / "benchmark_report.json").write_text("{}")
    done = subprocess.run(
        [
            *(str(ml_python), "-c", "from optimum_benchmark.cli import main; main()"),
            *("--config-dir", str(tmp_path / "conf"), "--config-name", "stale"),
        ],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LOG_TO_FILE": "0"},
        cwd=tmp_path,
        check=False,
        capture_output=True,
    )
    assert (done.returncode, (tmp_path / "benchmark_report.json").read_text()) == (0, "{}")
    samples, _, _ = ours  # of a process that started beside such a report
    assert all(one > 0 for one in samples["generate"])


def test_what_is_left_behind(ours: Ours) -> None:
    _, _, home = ours
    left = [path.name for path in home.rglob("*") if path.is_file()]
    assert not [name for name in left if name.startswith(("benchmark", "optimum")) or "pkl" in name]


@pytest.mark.parametrize(
    ("hazard", "seen"),
    [
        ("made_up", True),  # weights of another architecture, test_optimum_benchmark: foreign
        ("autocast", False),  # though asked for, test_optimum_benchmark: autocast
        ("no_weights", "HFValidationError"),  # of a local directory; refused in a suite
        ("negative", "AssertionError"),  # where decoding is a difference; only pytorch is taken
        ("of_a_number", "IndexError"),  # cuda:0, see backend_arguments
        ("processor", "NoneType"),  # none, without a word; a failure in a suite
    ],
)
def test_others_that_suites_cannot_meet(hazard: str, seen: Any, theirs: dict[str, Any]) -> None:
    assert theirs[hazard] == seen


def test_secrets_that_would_be_stored(theirs: dict[str, Any]) -> None:
    stored = {"environment": "hf_a", "stored": {"use_auth_token": "hf_b"}}
    assert theirs["secrets"] == stored  # neither gets that far, see test_harnesses_optimum


def test_the_commit_of_a_package(theirs: dict[str, Any], repository: Path) -> None:
    assert theirs["commit"] == _git(repository, "rev-parse", "HEAD")  # of which it is no part


def test_numbers_that_are_no_json(theirs: dict[str, Any], ours: Ours) -> None:
    assert theirs["generation"]["mean"] == "numpy.float64"
    samples, _, _ = ours
    assert {type(one) for values in samples.values() for one in values} <= {int, float}
