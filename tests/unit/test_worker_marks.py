import math
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tracker
from tracker.worker.marks import ATTRIBUTE, benchmark, takes
from tracker.worker.parameters import Values


def mark(function: Any) -> dict[str, Any]:
    return dict(getattr(function, ATTRIBUTE))


def test_the_public_name_is_the_decorator() -> None:
    assert tracker.benchmark is benchmark
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        tracker.nothing  # noqa: B018


def test_importing_the_package_loads_nothing_else() -> None:
    code = "import sys, tracker; print([n for n in sys.modules if n.startswith('tracker')])"
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert printed.strip() == "['tracker']"


def test_a_plain_function_is_timed_in_seconds() -> None:
    @benchmark
    def parse() -> None: ...

    assert mark(parse)["name"] == "parse"
    assert (mark(parse)["metric"], mark(parse)["unit"]) == ("time", "s")
    assert parse() is None


@pytest.mark.parametrize(
    ("asked", "metric", "unit"),
    [
        ({"unit": "bytes"}, "value", "bytes"),
        ({"metric": "accuracy"}, "accuracy", "-"),
        ({"metric": "size", "unit": "bytes"}, "size", "bytes"),
        ({"unit": "s"}, "time", "s"),
        ({"metric": "time"}, "time", "s"),
    ],
)
def test_metric_and_unit(asked: dict[str, Any], metric: str, unit: str) -> None:
    @benchmark(**asked)  # type: ignore[untyped-decorator]
    def number() -> int:
        return 1

    assert (mark(number)["metric"], mark(number)["unit"]) == (metric, unit)


@pytest.mark.parametrize(
    ("asked", "error", "says"),
    [
        ({"direction": "down"}, ValueError, "direction is one of lower, higher, none"),
        ({"kind": "speed"}, ValueError, "kind is one of"),
        ({"params": {"size": []}}, ValueError, "parameter 'size' has no values"),
        ({"params": {"width": [1]}}, TypeError, "no function takes the parameter 'width'"),
        ({"metric": "time", "unit": "ms"}, ValueError, "time is measured in s"),
    ],
)
def test_mistakes_are_told(asked: dict[str, Any], error: type[Exception], says: str) -> None:
    def work(size: int = 1) -> None: ...

    with pytest.raises(error, match=says):
        benchmark(**asked)(work)


def test_what_would_not_run_is_refused() -> None:
    async def later() -> None: ...

    def stream() -> Iterator[int]:
        yield 1

    for function in (later, stream):
        with pytest.raises(TypeError, match="does not run it"):
            benchmark(function)


def test_who_takes_what() -> None:
    def exact(data: object, *, size: int) -> None:
        local = size  # noqa: F841 - a variable is not an argument

    def anything(**given: int) -> None: ...

    assert takes(exact, "size")
    assert not takes(exact, "local")
    assert takes(anything, "size")
    assert takes(partial(exact), "size")


@given(st.lists(st.integers() | st.text() | st.floats(allow_nan=False) | st.none(), min_size=1))
def test_every_value_is_found_by_its_text(values: list[object]) -> None:
    axis = Values(values)
    assert len(axis.texts) == len(set(axis.texts)) == len(values)
    for text, value in zip(axis.texts, values, strict=True):
        assert repr(axis.value(text)) == repr(value)


def test_values_that_the_suite_does_not_list() -> None:
    axis = Values([1, 8])
    assert axis.open
    assert axis.value("32") == 32
    assert axis.value("'deep'") == "deep"
    with pytest.raises(LookupError, match="no value deep among 1, 8"):
        axis.value("deep")


def test_objects_have_names_that_hold_in_every_process() -> None:
    axis = Values([math.sqrt, object(), test_who_takes_what, "x" * 1000])
    assert axis.texts[0] == "<built-in function sqrt>"
    assert axis.texts[1] == "object#1"
    assert axis.texts[2] == "test_who_takes_what"
    assert len(axis.texts[3]) < 60
    assert axis.texts[3] == Values([0, 0, 0, "x" * 1000]).texts[3]
    assert not axis.open
    assert axis.value("test_who_takes_what") is test_who_takes_what
    assert axis.value(repr("x" * 1000)) == "x" * 1000


def test_the_batch_does_not_change_a_quality_unless_told() -> None:
    params: dict[str, list[Any]] = {"batch": [1, 8], "model": ["m"], "shots": [0]}

    def made(**asked: Any) -> list[str]:
        @benchmark(params=params, metric="v", **asked)  # type: ignore[untyped-decorator]
        def right(batch: int, model: str, shots: int) -> None: ...

        return list(mark(right)["neutral"])

    assert made(kind="quality") == ["batch"]
    assert made(kind="quality", neutral=("shots",)) == ["shots"]
    assert made(kind="quality", neutral=()) == []
    assert made() == []
    with pytest.raises(ValueError, match="only a quality"):
        made(neutral=("batch",))
    with pytest.raises(ValueError, match="names no parameter: 'beam'"):
        made(kind="quality", neutral=("beam",))


def test_a_time_is_no_quality() -> None:
    with pytest.raises(ValueError, match="name its metric"):

        @benchmark(kind="quality")  # type: ignore[untyped-decorator]
        def right() -> None: ...
