"""Suites for optimum-benchmark, read as text."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tracker.config.secrets import secrets
from tracker.config.settings import SuiteSettings
from tracker.errors import SuiteError, TrackerError
from tracker.harnesses.registry import harness
from tracker.model.suites import Axis, Suite

SUITE = """
benchmarks:
  generate:
    model: models/gpt2
    task: text-generation
    new_tokens: 8
    timeout: 60
    params: {batch_size: [1, 8], dtype: [float32, bfloat16], torch_compile: [false, true]}
    backend_options: {allow_tf32: true}
    scenario_options: {generate_kwargs: {num_beams: 2}}
  train:
    scenario: training
    task: text-classification
    params: {model: [models/bert, models/roberta]}
"""
SECRET = "hf_" + "Ab1" * 11


@pytest.fixture(autouse=True)
def models(tmp_path: Path) -> None:
    """What is named in the suites here, as far as it is looked at without running anything."""
    for name in ("m", "models/gpt2", "models/bert", "models/roberta"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "config.json").write_text("{}")


def settings(path: Path, **options: Any) -> SuiteSettings:
    return SuiteSettings(
        name="models",
        harness="optimum-benchmark",
        path=str(path),
        revision="",
        version="",
        gold=False,
        options=options,
    )


def outline(path: Path, text: str = "", **options: Any) -> Suite:
    if text:
        path.write_text(dedent(text), encoding="utf-8")
    return harness("optimum-benchmark").outline(settings(path, **options), path)


def test_options_that_vary_are_axes(tmp_path: Path) -> None:
    generate, train = outline(tmp_path / "suite.yaml", SUITE).benchmarks
    assert generate.axes == (
        Axis(name="batch_size", values=("1", "8"), open=True, least=1),
        Axis(
            name="dtype",
            values=("'float32'", "'bfloat16'"),
            open=True,
            choices=("'float32'", "'bfloat16'", "'float16'", "'auto'"),
        ),
        Axis(name="torch_compile", values=("False", "True"), open=True, choices=("False", "True")),
    )
    assert (generate.metric, generate.timeout) == ("generate", 60)
    assert generate.where == "suite.yaml: generate"
    assert (train.metric, train.unit, train.timeout) == ("train", "s", None)
    assert [axis.open for axis in train.axes] == [False]


def test_files_of_a_directory(tmp_path: Path) -> None:
    for name in ("b.yml", "a.yaml"):
        (tmp_path / name).write_text("benchmarks: {it: {model: m, task: fill-mask}}")
    suite = outline(tmp_path)
    assert [one.name for one in suite.benchmarks] == ["a.it", "b.it"]
    assert {one.metric for one in suite.benchmarks} == {"forward"}
    assert suite.complete


def test_models_belong_to_the_suite_wherever_they_lie(tmp_path: Path) -> None:
    directory = tmp_path / "suite"
    directory.mkdir()
    text = "benchmarks: {it: {model: ../m, task: fill-mask}}"
    configuration = tmp_path / "m" / "config.json"
    hashes = {outline(directory / "suite.yaml", text).hash}
    configuration.write_text("[]")
    hashes.add(outline(directory / "suite.yaml").hash)
    (tmp_path / "m" / "model.safetensors").write_text("weights")
    hashes.add(outline(directory / "suite.yaml").hash)
    assert len(hashes) == 3


def test_a_model_of_the_hub_is_pinned_and_lies_nowhere(tmp_path: Path) -> None:
    text = f"benchmarks: {{it: {{model: org/model, task: fill-mask, revision: {'a1' * 20}}}}}"
    assert outline(tmp_path / "suite.yaml", text).benchmarks
    assert outline(tmp_path / "suite.yaml").hash == outline(tmp_path / "suite.yaml").hash


@pytest.mark.parametrize(
    ("fields", "field", "message", "hint"),
    [
        ("model: none", "model", "no such directory", "_models.py gpt2-tiny none` makes one"),
        ("model: org/gpt2", "model", "no such directory", "of the hub needs `revision`"),
        ("model: models", "model", "no model in this directory: it has no config.json", ""),
        ("params: {model: [m, none]}", "params.model", "no such directory", "makes one"),
        ("model: m, processor: none", "processor", "no such directory", ""),
    ],
)
def test_a_directory_that_is_not_there_is_told_before_anything_is_built(
    fields: str, field: str, message: str, hint: str, tmp_path: Path
) -> None:
    text = f"benchmarks: {{it: {{task: fill-mask, {fields}}}}}"
    with pytest.raises(SuiteError) as refused:
        outline(tmp_path / "suite.yaml", text)
    (problem,) = refused.value.problems
    assert problem.where == f"suite.yaml: it.{field}"
    assert message in problem.message
    assert hint in problem.hint


def test_the_job_has_every_benchmark_with_all_its_fields(tmp_path: Path) -> None:
    path = tmp_path / "suite.yaml"
    outline(path, SUITE)
    job = harness("optimum-benchmark").job(settings(path), path)
    assert job["suite"] == str(path)
    assert job["options"]["benchmarks"]["train"] == {
        "scenario": "training",
        "task": "text-classification",
        "params": {"model": ["models/bert", "models/roberta"]},
        "backend_options": {},
        "scenario_options": {},
        "timeout": None,
        "metric": "train",
    }


def mistakes(path: Path, fields: str) -> list[tuple[str, str]]:
    """Message and hint of everything wrong in a benchmark with these fields."""
    model = "" if "model:" in fields else "model: m, "
    text = f"benchmarks: {{it: {{{model}task: text-generation, {fields}}}}}"
    with pytest.raises(SuiteError) as refused:
        outline(path / "suite.yaml", text)
    assert all(one.where.startswith("suite.yaml: benchmarks.it") for one in refused.value.problems)
    return [(one.message, one.hint) for one in refused.value.problems]


@pytest.mark.parametrize(
    ("fields", "message", "hint"),
    [
        ("device: cuda:0", "unknown field 'device'", "set matrix.device"),
        ("params: {device: [cpu]}", "'device' cannot vary", "set matrix.device"),
        ("launcher: process", "unknown field 'launcher'", "a process of its own"),
        ("duration: 10", "unknown field 'duration'", "a faster commit has more samples"),
        ("batchsize: 2", "unknown field 'batchsize'", "did you mean 'batch_size'?"),
        ("scenario: energy_star", "no scenario", "inference and training"),
        ("task: text-generatoin", "unknown; did you mean 'text-generation'?", ""),
        ("dtype: floatt16", "unknown; did you mean 'float16'?", ""),
        ("torch_compile: 1", "not true or false", ""),
        ("batch_size: 0", "not a whole number of 1 or more", ""),
        ("new_tokens: 1", "not a whole number of 2 or more", ""),
        ("warmup: 0", "not a whole number of 1 or more", ""),
        ("revision: main", "not the full hash of a commit", ""),
        (f"model: ./m, revision: {'a1' * 20}", "no name of a model of the hub", "leave revision"),
        (
            f"backend_options: {{model_kwargs: {{revision: {'a1' * 20}}}}}",
            "has a name of its own",
            "write revision",
        ),
        ("timeout: soon", "not a number of seconds", ""),
        ("params: {batch_size: 2}", "needs a list of values", ""),
        ("params: {batch_size: [1, two]}", "not a whole number", ""),
        ("params: {iterations: [1, 2]}", "'iterations' cannot vary", ""),
        ("batch_size: 1, params: {batch_size: [2]}", "fixed and varied at once", "leave one out"),
        ("scenario: training, cache: static", "has no effect: nothing is generated", "leave out"),
        ("params: 3", "not a mapping", "params: {batch_size: [1, 8]}"),
        ("backend_options: {inter_op_num_threads: 1}", "not taken", "set matrix.threads"),
        ("backend_options: {intra_op_num_threads: 2}", "not taken", "set matrix.threads"),
        ("backend_options: {no_weights: true}", "not taken", "asks the hub even for a local"),
        ("backend_options: {processor: p}", "has a name of its own", "write processor"),
        ("params: {processor: [p, q]}", "'processor' cannot vary", ""),
        ("processor: 3", "not a text", ""),
        ("backend_options: {device_ids: '0'}", "not taken", "set matrix.device to cuda:N"),
        ("backend_options: {torch_dtype: auto}", "has a name of its own", "write dtype"),
        (
            "backend_options: {torch_compile_config: {mode: default}}",
            "has a name of its own",
            "write compile_mode",
        ),
        ("backend_options: {allow_tf23: true}", "unknown option", "did you mean 'allow_tf32'?"),
        ("scenario_options: {energy: true}", "not taken", "measures the whole machine"),
        ("scenario_options: {duration: 10}", "not taken", "set iterations"),
        ("scenario_options: {max_steps: 9}", "not taken", "write iterations"),
        (
            "scenario_options: {generate_kwargs: {max_new_tokens: 3}}",
            "has a name of its own",
            "write new_tokens",
        ),
    ],
)
def test_mistakes(fields: str, message: str, hint: str, tmp_path: Path) -> None:
    (found,) = mistakes(tmp_path, fields)
    assert message in found[0]
    assert hint in found[1]


def test_all_mistakes_at_once_with_their_places(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="the suite has 4 mistakes") as refused:
        outline(
            tmp_path / "suite.yaml",
            """
            launcher: {name: process}
            benchmarks:
              one: 3
              two: {task: fill-mask, new_tokens: 5}
            """,
        )
    assert [(one.where, one.message) for one in refused.value.problems] == [
        ("suite.yaml", "unknown section 'launcher'"),
        ("suite.yaml: benchmarks.one", "not a mapping"),
        ("suite.yaml: benchmarks.two", "no model"),
        ("suite.yaml: benchmarks.two.new_tokens", "has no effect: nothing is generated"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("benchmarks: [", "suite.yaml:"),
        ("[]", "not a mapping"),
        ("{}", "no mapping of benchmarks"),
        ("benchmarks: {}", "has no benchmarks"),
    ],
)
def test_no_suite(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(SuiteError) as refused:
        outline(tmp_path / "suite.yaml", text)
    shown = [str(refused.value), *map(str, refused.value.problems)]
    assert any(said in one for one in shown)


@pytest.mark.parametrize(
    "fields",
    [
        f"token: {SECRET}",
        f"backend_options: {{model_kwargs: {{token: {SECRET}}}}}",
        f"backend_options: {{model_kwargs: {{use_auth_token: '{SECRET}'}}}}",
        f"backend_options: {{processor_kwargs: {{api_key: '{SECRET}'}}}}",
        f"scenario_options: {{training_arguments: {{hub_token: '{SECRET}'}}}}",
        f"scenario_options: {{forward_kwargs: {{list: ['of {SECRET}']}}}}",
        f"dtype: {SECRET}",
    ],
)
def test_a_secret_is_refused_and_never_shown(fields: str, tmp_path: Path) -> None:
    with pytest.raises(TrackerError) as refused:
        outline(tmp_path / "suite.yaml", f"benchmarks: {{it: {{model: m, {fields}}}}}")
    (problem,) = refused.value.problems
    assert problem.message == "a secret has no place in a suite"
    assert "executor.passthrough" in problem.hint
    assert SECRET not in f"{refused.value}{refused.value.problems}"


def test_a_secret_among_the_options_is_not_shown_either(tmp_path: Path) -> None:
    with pytest.raises(TrackerError) as refused:
        outline(tmp_path / "suite.yaml", SUITE, hf_token=SECRET)
    assert SECRET not in f"{refused.value}{refused.value.problems}"


def test_words_that_only_sound_like_secrets() -> None:
    harmless = {
        "new_tokens": 5,
        "bos_token": "<s>",
        "mask_token": "[MASK]",
        "pad_token_id": 0,
        "token": True,
        "password": "",
        "model": "hf_internal/tiny",
    }
    assert not list(secrets(harmless, "suite"))
    assert [one.where for one in secrets({"a": [{"DB_PASSWORD": "x"}]}, "suite")] == [
        "suite.a.0.DB_PASSWORD"
    ]
