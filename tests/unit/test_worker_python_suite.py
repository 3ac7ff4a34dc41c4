import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tracker.worker.protocol import carry_out
from tracker.worker.python_suite import open_suite
from tracker.worker.task import SuiteOfTasks


@pytest.fixture(autouse=True)
def _imports_as_before() -> Iterator[None]:
    modules, path, finders = set(sys.modules), list(sys.path), list(sys.meta_path)
    yield
    sys.path[:], sys.meta_path[:] = path, finders
    for name in set(sys.modules) - modules:
        del sys.modules[name]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    place = tmp_path / "naïve 'suites'"
    place.mkdir()
    return place


def write(file: Path, text: str) -> None:
    file.write_text("from tracker import benchmark\n" + dedent(text), encoding="utf-8")


def opened(file: Path, text: str) -> SuiteOfTasks:
    write(file, text)
    return open_suite({"suite": str(file)})


def value(suite: SuiteOfTasks, benchmark: str, **parameters: str) -> Any:
    (reading,) = suite.task(benchmark, parameters).readings()
    return reading["samples"]


def test_functions_are_described(place: Path) -> None:
    suite = opened(
        place / "my suite.py",
        """
        def make(size): return [0] * size
        @benchmark(params={"size": [1, 8], "kind": ["a"]}, setup=make, timeout=3)
        def walk(data, kind): ...
        @benchmark(name="bytes of it", unit="bytes", kind="quality", direction="none")
        def weigh(): return 1
        def helper(): ...
        """,
    )
    walk, weigh = suite.describe()
    assert walk == {
        "name": "walk",
        "axes": [
            {"name": "size", "values": ["1", "8"], "open": True},
            {"name": "kind", "values": ["'a'"], "open": True},
        ],
        "kind": "performance",
        "metric": "time",
        "unit": "s",
        "direction": "lower",
        "timeout": 3,
        "where": f"{place / 'my suite.py'}:4",
    }
    assert weigh["name"] == "bytes of it"
    assert (weigh["metric"], weigh["unit"], weigh["kind"]) == ("value", "bytes", "quality")


def test_arguments_follow_one_rule(place: Path) -> None:
    suite = opened(
        place / "s.py",
        """
        seen = []
        def make(size): return ["made", size]
        def drop(data, size): seen.append((data, size))
        @benchmark(params={"size": [1], "deep": [True]}, setup=make, teardown=drop)
        def work(data, deep): seen.append((data, deep))
        def quiet(): pass
        @benchmark(params={"size": [1]}, setup=quiet)
        def alone(size): seen.append(size)
        """,
    )
    task = suite.task("work", {"size": "32", "deep": "False"})
    carry_out(task, {"loops": 1, "samples": 1, "warmup_iterations": 0})
    seen = sys.modules["suite"].seen
    assert seen == [*[(["made", 32], False)] * 2, (["made", 32], 32)]
    seen.clear()
    alone = suite.task("alone", {"size": "1"})
    alone.setup()
    assert alone.call is not None
    alone.call()
    assert seen == [1]


def test_numbers_are_taken_from_what_is_returned(place: Path) -> None:
    suite = opened(
        place / "s.py",
        """
        from fractions import Fraction
        @benchmark(metric="v")
        def one(): return 3
        @benchmark(metric="v")
        def several(): return [1, 2.5, Fraction(1, 4)]
        @benchmark(metric="v")
        def text(): return "3"
        """,
    )
    assert value(suite, "one") == [3]
    assert value(suite, "several") == [1, 2.5, 0.25]
    assert value(suite, "text") == ["3"]


@pytest.mark.parametrize(
    ("benchmark", "parameters", "says"),
    [
        ("wrok", {}, "no benchmark 'wrok'"),
        ("work", {}, r"takes the parameters \['size'\], not none"),
        ("work", {"size": "nothing known"}, "no value nothing known among 1"),
    ],
)
def test_what_the_suite_lacks(
    place: Path, benchmark: str, parameters: dict[str, str], says: str
) -> None:
    suite = opened(place / "s.py", "@benchmark(params={'size': [1]})\ndef work(size): ...")
    with pytest.raises(LookupError, match=says):
        suite.task(benchmark, parameters)


def test_two_of_one_name_are_refused(place: Path) -> None:
    text = "@benchmark\ndef a(): ...\n@benchmark(name='a')\ndef b(): ..."
    with pytest.raises(ValueError, match="two benchmarks are called 'a'"):
        opened(place / "s.py", text)


def test_nothing_is_written_beside_a_suite(place: Path) -> None:
    opened(place / "s.py", "@benchmark\ndef a(): ...")
    assert [path.name for path in place.iterdir()] == ["s.py"]


@pytest.fixture
def directory(place: Path) -> Path:
    (place / "_shared.py").write_text("NUMBER = 7\n")
    write(
        place / "first.py",
        "from ._shared import NUMBER\n@benchmark(metric='v')\ndef a(): return NUMBER",
    )
    write(place / "json.py", "import _shared\n@benchmark(metric='v')\ndef a(): return 8")
    return place


def test_a_directory_holds_several_files(directory: Path) -> None:
    suite = open_suite({"suite": str(directory)})
    assert [described["name"] for described in suite.describe()] == ["first.a", "json.a"]
    assert value(suite, "first.a") == [7]
    assert value(suite, "json.a") == [8]


def test_a_file_that_fails_leaves_the_others_alone(directory: Path) -> None:
    (directory / "broken.py").write_text("import nowhere_to_be_found\n")
    suite = open_suite({"suite": str(directory), "benchmark": "first.a"})
    assert value(suite, "first.a") == [7]
    with pytest.raises(ModuleNotFoundError):
        open_suite({"suite": str(directory), "benchmark": "broken.a"})
