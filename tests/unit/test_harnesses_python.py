from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tracker.config.settings import SuiteSettings
from tracker.errors import ConfigurationError, SuiteError
from tracker.harnesses.discovery import discovered
from tracker.harnesses.registry import harness
from tracker.model.suites import Axis, Direction, Kind, Suite

SETTINGS = SuiteSettings(
    name="sample", harness="python", path="suite.py", revision="", version="3", gold=True
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    place = tmp_path / "naïve 'suites'"
    place.mkdir()
    return place


def outline(place: Path, text: str, **settings: Any) -> Suite:
    file = place / "suite.py"
    file.write_text(dedent(text), encoding="utf-8")
    return read(file, **settings)


def read(files: Path, **settings: Any) -> Suite:
    values = {name: getattr(SETTINGS, name) for name in SETTINGS.__slots__}
    return harness("python").outline(SuiteSettings(**(values | settings)), files)


def test_decorators_are_read_without_running_the_suite(place: Path) -> None:
    suite = outline(
        place,
        """
        from tracker import benchmark as bench
        import tracker
        raise SystemExit("never run")

        SIZES = [1, 8]

        @bench
        def plain(): ...

        @bench(name="weight", params={"size": SIZES, "kind": ("a", None)}, unit="bytes",
               direction="higher", kind="quality", timeout=2.5, setup=print)
        def weigh(size, kind): ...

        @tracker.benchmark(metric="loss")
        def train(): ...

        def helper(): ...
        """,
    )
    plain, weigh, train = suite.benchmarks
    assert (plain.name, plain.metric, plain.unit, plain.axes) == ("plain", "time", "s", ())
    assert plain.where == "suite.py:9"
    assert weigh.name == "weight"
    assert weigh.axes == (
        Axis(name="size", values=("1", "8"), open=True),
        Axis(name="kind", values=("'a'", "None"), open=True),
    )
    assert (weigh.metric, weigh.unit, weigh.kind) == ("value", "bytes", Kind.quality)
    assert (weigh.direction, weigh.timeout) == (Direction.more, 2.5)
    assert (train.metric, train.unit) == ("loss", "-")
    assert (suite.complete, suite.version, suite.gold) == (True, "3", True)


@pytest.mark.parametrize(
    "text",
    [
        "for n in (1, 2): benchmark(name=str(n))(print)",
        "@benchmark(**OPTIONS)\ndef f(): ...",
        "@benchmark(params=dict(size=[1]))\ndef f(size): ...",
        "@benchmark(unit=str())\ndef f(): ...",
    ],
)
def test_what_the_text_does_not_say_leaves_the_suite_open(place: Path, text: str) -> None:
    assert not outline(place, f"from tracker import benchmark\n{text}").complete


@pytest.mark.parametrize(
    "values",
    ["range(3)", "SIZES", "[make()]"],
)
def test_computed_values_leave_their_axis_empty(place: Path, values: str) -> None:
    text = f"""
        from tracker import benchmark
        SIZES = [1]
        SIZES.append(2)
        @benchmark(params={{"size": {values}, "kind": [1]}})
        def f(size, kind): ...
        """
    suite = outline(place, text)
    assert suite.benchmarks[0].axes == (
        Axis(name="size", values=(), open=True),
        Axis(name="kind", values=("1",), open=True),
    )
    assert suite.complete


def test_benchmarks_in_conditions_are_seen(place: Path) -> None:
    suite = outline(
        place,
        """
        try:
            from tracker import benchmark
        except ImportError:
            from mine import benchmark
        if True:
            @benchmark
            def a(): ...
        """,
    )
    assert [one.name for one in suite.benchmarks] == ["a"]


def test_files_of_a_directory_prefix_their_benchmarks(place: Path) -> None:
    (place / "_shared.py").write_text("from tracker import benchmark\n")
    for name in ("second", "first"):
        text = "from tracker import benchmark\n@benchmark\ndef run(): ...\n"
        (place / f"{name}.py").write_text(text)
    assert [one.name for one in read(place).benchmarks] == ["first.run", "second.run"]


def test_the_hash_is_of_content_and_options_wherever_they_lie(place: Path) -> None:
    text = "from tracker import benchmark\n@benchmark\ndef run(): ...\n"
    here, there = place / "a", place / "b c"
    for directory in (here, there):
        directory.mkdir()
        (directory / "suite.py").write_text(text)
        (directory / "data.json").write_text("{}")
    first = read(here).hash
    assert read(there, name="other", version="9", path="elsewhere").hash == first
    assert read(here / "suite.py").hash != first
    (there / "__pycache__").mkdir()
    (there / "__pycache__" / "x.pyc").write_bytes(b"x")
    (there / ".cache").write_text("x")
    assert read(there).hash == first
    (there / "data.json").write_text("[]")
    assert read(there).hash != first


def test_a_syntax_error_is_shown_with_its_line(place: Path) -> None:
    with pytest.raises(SuiteError) as raised:
        outline(place, "x = 1\ndef broken(:\n    pass\n")
    assert raised.value.code == "suite.syntax"
    (problem,) = raised.value.problems
    assert (problem.where, problem.value) == ("suite.py:2", "def broken(:")


def test_a_null_byte_is_a_syntax_error(place: Path) -> None:
    (place / "suite.py").write_bytes(b"x = 1\0")
    with pytest.raises(SuiteError) as raised:
        read(place / "suite.py")
    assert raised.value.code == "suite.syntax"


def test_a_wrong_mark_is_told_as_the_decorator_would(place: Path) -> None:
    with pytest.raises(SuiteError) as raised:
        outline(place, "from tracker import benchmark\n@benchmark(direction='up')\ndef f(): ...\n")
    (problem,) = raised.value.problems
    assert problem.where == "suite.py:3"
    assert "direction is one of lower, higher, none" in problem.message


def test_no_suite_and_no_benchmarks(place: Path) -> None:
    with pytest.raises(SuiteError) as missing:
        read(place / "nothing.py")
    assert (missing.value.code, bool(missing.value.hint)) == ("suite.missing", True)
    with pytest.raises(SuiteError) as unset:
        read(place, path="")
    assert unset.value.code == "suite.missing"
    with pytest.raises(SuiteError) as empty:
        outline(place, "def f(): ...")
    assert (empty.value.code, bool(empty.value.hint)) == ("suite.empty", True)


def test_two_benchmarks_of_one_name(place: Path) -> None:
    text = "from tracker import benchmark\n" + "@benchmark(name='x')\ndef f(): ...\n" * 2
    with pytest.raises(SuiteError) as raised:
        outline(place, text)
    assert raised.value.code == "suite.duplicate"


def test_unknown_options_are_refused(place: Path) -> None:
    with pytest.raises(ConfigurationError) as raised:
        outline(place, "", options={"threds": 1})
    (problem,) = raised.value.problems
    assert (problem.where, problem.value) == ("suite.options.threds", "1")


def test_an_option_says_yes_or_no(place: Path) -> None:
    (place / "suite.py").write_text("from tracker import benchmark\n@benchmark\ndef f(): ...\n")

    def shares_start(value: object) -> bool:
        settings = replace(SETTINGS, harness="torch", options={"share_start": value})
        return harness("torch").outline(settings, place / "suite.py").shares_start

    assert (shares_start(True), shares_start(False)) == (True, False)
    with pytest.raises(ConfigurationError) as raised:
        shares_start("please")
    (problem,) = raised.value.problems
    assert (problem.where, problem.value) == ("suite.options.share_start", "please")


def test_a_harness_that_is_not_there() -> None:
    with pytest.raises(SuiteError) as raised:
        harness("pytest-bench")
    assert raised.value.problems[0].hint == "did you mean 'pytest-benchmark'?"


def test_the_job_names_the_suite(place: Path) -> None:
    job = harness("python").job(SETTINGS, place)
    assert job == {"harness": "python", "suite": str(place), "options": {}}


def test_what_the_worker_describes_completes_the_outline(place: Path) -> None:
    suite = outline(
        place,
        """
        from tracker import benchmark
        @benchmark(params={"n": range(2)})
        def b(n): ...
        @benchmark
        def a(): ...
        """,
    )
    described = {
        "event": "benchmark",
        "kind": "performance",
        "metric": "time",
        "unit": "s",
        "direction": "lower",
        "timeout": None,
        "where": "/elsewhere/suite.py:1",
    }
    axis = {"name": "n", "values": ["0", "1"], "open": True}
    lines: list[dict[str, Any]] = [
        {"event": "hello"},
        {**described, "name": "made", "axes": []},
        {**described, "name": "a", "axes": []},
        {**described, "name": "b", "axes": [axis]},
        {"event": "end"},
    ]
    whole = discovered(suite, lines)
    assert [one.name for one in whole.benchmarks] == ["b", "a", "made"]
    assert whole.benchmarks[0].axes == (Axis(name="n", values=("0", "1"), open=True),)
    assert [one.where for one in whole.benchmarks] == [
        "suite.py:4",
        "suite.py:6",
        "/elsewhere/suite.py:1",
    ]
    assert (whole.hash, whole.complete) == (suite.hash, True)
    with pytest.raises(SuiteError):
        discovered(suite, lines[:1])
