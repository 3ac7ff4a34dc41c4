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
    place = tmp_path / "naïve 'tests'"
    (place / "deep").mkdir(parents=True)
    return place


def outline(files: Path, options: dict[str, Any] | None = None) -> Suite:
    settings = SuiteSettings(
        name="sample",
        harness="pytest-benchmark",
        path="tests",
        revision="",
        version="",
        gold=False,
        options=options or {},
    )
    return harness("pytest-benchmark").outline(settings, files)


def write(place: Path, name: str, text: str) -> Path:
    (place / name).write_text(dedent(text), encoding="utf-8")
    return place / name


def test_tests_with_the_fixture_are_benchmarks(place: Path) -> None:
    write(
        place,
        "deep/test_it.py",
        """
        import not_installed
        @pytest.mark.parametrize("size", [1, 8])
        @pytest.mark.parametrize("kind", ("a",), ids=["x"])
        def test_sum(benchmark, size, kind): ...
        def test_other(): ...
        class TestIt:
            def test_method(self, benchmark): ...
        class Helper:
            def test_never(self, benchmark): ...
        """,
    )
    write(place, "bench_more.py", "def test_more(benchmark): ...")
    write(place, "helpers.py", "def test_none(benchmark): ...")
    suite = outline(place)
    assert {one.name: one.axes for one in suite.benchmarks} == {
        "bench_more.py::test_more": (),
        "deep/test_it.py::test_sum": (
            Axis(name="size", values=("1", "8")),
            Axis(name="kind", values=("'a'",)),
        ),
        "deep/test_it.py::TestIt::test_method": (),
    }
    assert suite.complete


def test_of_a_file_the_name_needs_no_file(place: Path) -> None:
    file = write(place, "anything.py", "def test_it(benchmark): ...")
    assert [one.name for one in outline(file).benchmarks] == ["test_it"]


@pytest.mark.parametrize(
    "text",
    [
        "@pytest.mark.parametrize('a,b', [(1, 2)])\ndef test_it(benchmark, a, b): ...",
        "@pytest.mark.parametrize('a', range(3))\ndef test_it(benchmark, a): ...",
        "def test_it(benchmark, some_fixture): ...",
        "pytestmark = X\ndef test_it(benchmark): ...",
        "@parametrized\nclass TestIt:\n    def test_it(self, benchmark): ...",
        "def pytest_generate_tests(metafunc): ...\ndef test_it(benchmark): ...",
    ],
)
def test_parameters_that_the_text_does_not_say_are_left_to_the_worker(
    place: Path, text: str
) -> None:
    write(place, "test_it.py", text)
    suite = outline(place)
    assert not suite.complete
    assert [axis for one in suite.benchmarks for axis in one.axes] == []


def test_no_benchmarks_is_an_error(place: Path) -> None:
    write(place, "test_it.py", "def test_it(): ...")
    with pytest.raises(SuiteError) as raised:
        outline(place)
    assert raised.value.code == "suite.empty"


def test_options_are_checked(place: Path) -> None:
    with pytest.raises(ConfigurationError) as unknown:
        outline(place, {"argument": []})
    assert unknown.value.problems[0].hint == "did you mean 'arguments'?"
    with pytest.raises(ConfigurationError) as wrong:
        outline(place, {"arguments": "-x"})
    assert wrong.value.problems[0].where == "suite.options.arguments"
