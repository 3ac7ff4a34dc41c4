"""What suites measure quality with, and how they name their data."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tracker
from tracker.worker import quality
from tracker.worker.datasets import dataset, ids_hash, text_of
from tracker.worker.protocol import MOST_ANSWERS, Outcome, carry_out
from tracker.worker.python_suite import open_suite
from tracker.worker.session import _ended_by
from tracker.worker.task import Task


@pytest.fixture(autouse=True)
def _imports_as_before() -> Iterator[None]:
    modules, path, finders = set(sys.modules), list(sys.path), list(sys.meta_path)
    yield
    sys.path[:], sys.meta_path[:] = path, finders
    for name in set(sys.modules) - modules:
        del sys.modules[name]


# numbers ------------------------------------------------------------------------------


def test_numbers_that_can_be_computed_by_hand() -> None:
    assert quality.accuracy(["cat", "dog", "cat", "bird"], ["cat", "cat", "cat", "bird"]) == 0.75
    assert quality.perplexity([math.log(8), math.log(2)]) == pytest.approx(4)
    assert quality.perplexity([3 * math.log(2), math.log(2)], tokens=4) == pytest.approx(2)
    assert quality.absolute_error([[1, 2], [3, 4]], [[1, 2.5], [3, 3]]) == 1
    assert quality.relative_error([[1, 2], [3, 4]], [[1, 2.5], [3, -5]]) == 9 / 5
    assert quality.absolute_error(2.0, 1.5) == 0.5
    assert quality.absolute_error([], []) == 0


def test_what_other_libraries_hold_is_taken_as_numbers() -> None:
    assert quality.accuracy(np.array([1, 0]), [1, 1]) == 0.5
    assert quality.absolute_error([np.array([1.0, 2.0])], np.array([[1.0, 4.0]])) == 2
    assert quality.perplexity(np.zeros((2, 3))) == 1


@given(st.lists(st.floats(-1e6, 1e6), min_size=1))
def test_an_output_has_no_error_against_itself(values: list[float]) -> None:
    assert quality.absolute_error(values, values) == 0


@pytest.mark.parametrize(
    ("compute", "says"),
    [
        (lambda: quality.accuracy([1], [1, 1]), "1 answers to 2 samples"),
        (lambda: quality.accuracy([], []), "0 answers to 0 samples"),
        (lambda: quality.perplexity([]), "no token"),
        (lambda: quality.perplexity([1.0, math.nan]), "number 1 of the losses is nan"),
        (
            lambda: quality.absolute_error([[1.0, 2.0]], [1.0, 2.0]),
            r"the output has the shape \(1, 2\), the reference \(2,\)",
        ),
        (
            lambda: quality.absolute_error([[1.0], [1.0, 2.0]], [1.0]),
            "the rows of the output have different",
        ),
        (lambda: quality.absolute_error([math.inf], [1.0]), "number 0 of the output is inf"),
        (lambda: quality.absolute_error(["a"], [1.0]), "str in the output is no number"),
        (lambda: quality.relative_error([1.0], [0.0]), "the reference is 0 everywhere"),
    ],
)
def test_what_is_no_quality_is_told_in_one_line(compute: Callable[[], float], says: str) -> None:
    with pytest.raises(ValueError, match=says) as caught:
        compute()
    assert "\n" not in str(caught.value)


# data ---------------------------------------------------------------------------------


def test_a_data_set_is_named_by_what_is_used_of_it() -> None:
    whole = dataset("digits/test", ["b", "a"], of=2)
    part = dataset("digits/test", ["b", "a"], of=3)
    assert whole["sha256"] == ids_hash(["a", "b"])
    assert text_of(whole) == f"digits/test:{ids_hash('ab')[:8]}"
    assert text_of(part) == f"digits/test@2:{ids_hash('ab')[:8]}"
    assert dataset(**part) == part


@given(st.lists(st.integers(), unique=True, min_size=1), st.randoms())
def test_the_order_of_ids_does_not_matter(ids: list[int], random: Any) -> None:
    shuffled = random.sample(ids, len(ids))
    assert dataset("d", ids, of=len(ids)) == dataset("d", shuffled, of=len(ids))


def test_the_hash_is_that_of_lines_which_a_shell_can_hash() -> None:
    # printf 'a\nb\n' | sha256sum
    known = "911169ddaaf146aff539f58c26c489af3b892dff0fe283c1c264c65ae5aa59a2"
    assert ids_hash(["b", "a"]) == known


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": "", "ids": [1], "of": 1}, "a name has no"),
        ({"name": "a@5", "ids": [1], "of": 1}, "a name has no"),
        ({"name": "a", "ids": [], "of": 1}, "it has no samples"),
        ({"name": "a", "ids": [1, "1"], "of": 2}, "its ids are not unique"),
        ({"name": "a", "ids": [1, 2], "of": 1}, "2 ids of 1 samples"),
        ({"name": "a", "of": 1}, "it has no samples"),
        ({"name": "a", "size": 1, "of": 1, "sha256": "12"}, "sha256 has 64"),
    ],
)
def test_a_data_set_that_is_none(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        dataset(**fields)


# in suites ----------------------------------------------------------------------------


def opened(file: Path, text: str, benchmark: str = "right", **parameters: str) -> Task:
    file.write_text("from tracker import benchmark, quality\n" + dedent(text), encoding="utf-8")
    home = file.parent if file.parent.name == "suite" else file
    named = benchmark if home == file else f"{file.stem}.{benchmark}"
    return open_suite({"suite": str(home), "benchmark": named}).task(named, parameters)


def ended(task: Task) -> tuple[str, str]:
    """The state that a process would end in, and why."""
    try:
        outcome = carry_out(task, {})
    except Exception as error:  # noqa: BLE001  as the session does
        ending = _ended_by(error)
        return ending["state"], ending["reason"]
    return outcome.state, outcome.reason


SUITE = """
    DATA = quality.dataset("digits", ["a", "b", "c"], of=100)
    @benchmark(kind="quality", metric="accuracy", unit="-", direction="higher",
               params={"batch": [1, 64], "model": ["m"]}, dataset=DATA)
    def right(batch, model):
        return {"value": 2 / 3, "samples": {"a": 1, "b": True, 3: "x" * 100}}
"""


def test_a_quality_names_its_data_and_what_does_not_change_it(tmp_path: Path) -> None:
    task = opened(tmp_path / "s.py", SUITE, batch="1", model="'m'")
    outcome = carry_out(task, {})
    assert (task.kind, task.dataset) == ("quality", f"digits@3:{ids_hash('abc')[:8]}")
    assert list(task.neutral) == ["batch"]
    (reading,) = outcome.readings
    assert reading["samples"] == [2 / 3]
    assert reading["answers"] | {"3": ""} == {"a": "1", "b": "True", "3": ""}
    assert len(reading["answers"]["3"]) < 60


def test_a_batch_larger_than_the_data_does_not_apply(tmp_path: Path) -> None:
    task = opened(tmp_path / "s.py", SUITE, batch="64", model="'m'")
    assert ended(task) == ("unsupported", "a batch of 64 is larger than the data: 3 samples")


def test_data_may_depend_on_parameters(tmp_path: Path) -> None:
    text = """
    def data(n): return {"name": "numbers", "ids": range(n), "of": 5}
    @benchmark(kind="quality", metric="v", params={"n": [2, 5]}, dataset=data)
    def right(n): return n
    """
    names = []
    for n in ("2", "5"):
        task = opened(tmp_path / "s.py", text, n=n)
        carry_out(task, {})
        names.append(task.dataset.partition(":")[0])
    assert names == ["numbers@2", "numbers"]


@pytest.mark.parametrize(
    ("body", "state", "reason"),
    [
        ("raise RuntimeError('no\\nway')", "benchmark-failed", "RuntimeError: no"),
        (
            "return float('nan')",
            "benchmark-failed",
            "error: the benchmark returned nan",
        ),
        (
            "return quality.absolute_error([float('nan')], [1.0])",
            "benchmark-failed",
            "ValueError: number 0 of the output is nan",
        ),
        (
            "return {'samples': {}}",
            "benchmark-failed",
            "ValueError: a benchmark returns 'value' and 'samples', not ['samples']",
        ),
        ("return {'value': 1}", "measured", ""),
    ],
)
def test_how_a_quality_ends(tmp_path: Path, body: str, state: str, reason: str) -> None:
    text = f"""
    @benchmark(kind="quality", metric="error")
    def right():
        {body}
    """
    assert ended(opened(tmp_path / "s.py", text)) == (state, reason)


@pytest.mark.parametrize("name", ["reference.json", "reference.npy"])
def test_a_reference_lies_in_the_suite(tmp_path: Path, name: str) -> None:
    home = tmp_path / "suite"
    home.mkdir()
    (home / "reference.json").write_text(json.dumps([[1, 2], [3, 4]]))
    np.save(home / "reference.npy", np.array([[1, 2], [3, 4]]))
    text = """
    @benchmark(kind="quality", metric="error", params={"output": [[[1, 2], [3, 6]], [1, 2]]})
    def right(output): return quality.absolute_error(output, quality.stored(%r))
    """
    task = opened(home / "b.py", text % name, output="[[1, 2], [3, 6]]")
    assert carry_out(task, {}).readings[0]["samples"] == [2]
    state, reason = ended(opened(home / "b.py", text % name, output="[1, 2]"))
    assert state == "benchmark-failed"
    assert reason == "ValueError: the output has the shape (2,), the reference (2, 2)"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("../x.json", "below the suite"),
        (".x.json", "hidden"),
        ("/x.json", "below"),
        ("x.pt", "npy"),
    ],
)
def test_a_reference_that_no_hash_covers_is_refused(tmp_path: Path, name: str, says: str) -> None:
    home = tmp_path / "suite"
    home.mkdir()
    text = """
    @benchmark(kind="quality", metric="v")
    def right(): return quality.stored(%r)
    """
    assert says in ended(opened(home / "b.py", text % name))[1]
    assert "make it a directory" in ended(opened(tmp_path / "s.py", text % "x.json"))[1]


def test_too_many_answers_are_not_kept_and_that_is_flagged(tmp_path: Path) -> None:
    text = f"""
    @benchmark(kind="quality", metric="v")
    def right(): return {{"value": 1, "samples": {{n: 0 for n in range({MOST_ANSWERS + 1})}}}}
    """
    outcome: Outcome = carry_out(opened(tmp_path / "s.py", text), {})
    assert outcome.state == "measured"
    assert "answers" not in outcome.readings[0]
    assert outcome.flags == [("answers-not-kept", "10001 answers, and at most 10000 are kept")]


def test_the_same_names_with_and_without_the_tracker() -> None:
    assert tracker.quality is quality
