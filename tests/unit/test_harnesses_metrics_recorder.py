from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tracker.config.settings import SuiteSettings
from tracker.errors import ConfigurationError, SuiteError
from tracker.harnesses.registry import harness
from tracker.model.suites import Axis, Suite


@pytest.fixture
def place(tmp_path: Path) -> Path:
    place = tmp_path / "naïve 'scripts'"
    (place / "benches").mkdir(parents=True)
    return place


def outline(files: Path, **options: Any) -> Suite:
    settings = SuiteSettings(
        name="sample",
        harness="metrics-recorder",
        path="scripts",
        revision="",
        version="",
        gold=False,
        options=options,
    )
    return harness("metrics-recorder").outline(settings, files)


def test_scripts_are_found_without_running_them(place: Path) -> None:
    for name, text in {
        "benchmarks_entrypoint.py": "raise SystemExit('never run')",
        "llama.py": """
            import not_installed
            def run_benchmark(logger, branch, commit_id, commit_msg, tokens=100, *, seed=None): ...
            """,
        "benches/llama.py": """
            TOKENS = 8
            if True:
                def run_benchmark(logger, metrics_recorder=None, tokens=TOKENS, at=print()): ...
            """,
        "benches/_shared.py": "def run_benchmark(logger): ...",
        "benches/notes.txt": "def run_benchmark(logger): ...",
    }.items():
        (place / name).write_text(dedent(text), encoding="utf-8")
    suite = outline(place)
    assert suite.complete
    first, second = suite.benchmarks
    assert (first.name, first.where) == ("llama", "llama.py:3")
    assert first.axes == (
        Axis(name="tokens", values=("100",), open=True),
        Axis(name="seed", values=("None",), open=True),
    )
    assert (second.name, second.axes) == (
        "benches/llama",
        (Axis(name="tokens", values=("8",), open=True),),
    )
    assert [one.name for one in outline(place / "llama.py").benchmarks] == ["llama"]


def test_no_scripts(place: Path) -> None:
    (place / "helper.py").write_text("async def run_benchmark(logger): ...")
    with pytest.raises(SuiteError) as raised:
        outline(place)
    assert raised.value.code == "suite.empty"
    assert "a function `run_benchmark`" in raised.value.hint


def test_an_argument_that_nobody_gives(place: Path) -> None:
    (place / "llama.py").write_text("\ndef run_benchmark(logger, model, *, size): ...")
    with pytest.raises(SuiteError) as raised:
        outline(place)
    assert [(one.message, one.where) for one in raised.value.problems] == [
        ("run_benchmark takes 'model' without a default", "llama.py:2"),
        ("run_benchmark takes 'size' without a default", "llama.py:2"),
    ]


def test_there_are_no_options(place: Path) -> None:
    with pytest.raises(ConfigurationError):
        outline(place, csv=True)
