from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.settings import SETTINGS, with_matrices
from tracker.config.matrix import expand
from tracker.config.settings import MatrixSettings
from tracker.errors import ConfigurationError
from tracker.harnesses.package import with_package
from tracker.model.suites import Axis, Benchmark, Suite

SIZE = Axis(name="size", values=("1", "8", "32"), open=True)
SHAPE = Axis(name="shape", values=("'deep'", "'wide'"))
SUITE = Suite(
    name="parse",
    harness="python",
    hash="5" * 64,
    version="3",
    benchmarks=(
        Benchmark(name="parse", axes=(SIZE, SHAPE)),
        Benchmark(name="load", axes=(SIZE,), timeout=30.0),
        Benchmark(name="startup"),
    ),
)
COMPUTED = replace(
    SUITE,
    benchmarks=(*SUITE.benchmarks, Benchmark(name="words", axes=(Axis(name="word", values=()),))),
)


def titles(matrix: MatrixSettings, suite: Suite = SUITE, *, complete: bool = True) -> list[str]:
    return [cell.title for cell in expand(with_matrices(matrix), suite, complete=complete).cells]


def refused(
    matrix: MatrixSettings, suite: Suite = SUITE, sources: Mapping[str, str] | None = None
) -> ConfigurationError:
    settings = replace(with_matrices(matrix), sources=sources or {})
    with pytest.raises(ConfigurationError) as caught:
        expand(settings, suite)
    return caught.value


def rules(*patterns: str | dict[str, str]) -> tuple[dict[str, str], ...]:
    return tuple({"benchmark": one} if isinstance(one, str) else one for one in patterns)


def test_everything_by_default() -> None:
    assert len(titles(MatrixSettings())) == 3 * 2 + 3 + 1


def test_parameters_are_sorted_by_name_and_timeouts_kept() -> None:
    cells = expand(SETTINGS, SUITE).cells
    assert cells[0].parameters == (("shape", "'deep'"), ("size", "1"))
    assert {cell.timeout for cell in cells if cell.benchmark == "load"} == {30.0}


def test_what_times_a_start_shares_none() -> None:
    suite = with_package(replace(SUITE, shares_start=True))
    cells = expand(with_matrices(MatrixSettings(threads=(1, 2))), suite).cells
    assert {one.benchmark for one in cells if one.shares_start} == {"parse", "load", "startup"}
    assert {one.threads for one in cells if one.shares_start} == {1}


def test_axes_restrict_and_extend() -> None:
    only = MatrixSettings(axes={"size": (1, 64), "shape": ("wide",)})
    assert titles(only) == [
        "parse[shape=wide,size=1]",
        "parse[shape=wide,size=64]",
        "load[size=1]",
        "load[size=64]",
        "startup",
    ]


def test_an_axis_may_be_open_to_some_values_only() -> None:
    batch = Axis(name="batch", values=("1", "8"), open=True, least=1)
    dtype = Axis(name="dtype", values=("'full'",), open=True, choices=("'full'", "'half'"))
    suite = replace(SUITE, benchmarks=(Benchmark(name="it", axes=(batch, dtype)),))
    assert titles(MatrixSettings(axes={"batch": (2,), "dtype": ("half",)}), suite) == [
        "it[batch=2,dtype=half]"
    ]
    wrong = MatrixSettings(axes={"batch": (0, "two", True, 1.5), "dtype": ("hlaf",)})
    told = [(one.value, one.hint) for one in refused(wrong, suite).problems]
    assert told == [
        *((one, "its values: 1, 8 or any whole number from 1") for one in ("0", "'two'")),
        *((one, "its values: 1, 8 or any whole number from 1") for one in ("True", "1.5")),
        ("'hlaf'", "its values: full, half"),
    ]


def test_every_environment_device_and_number_of_threads() -> None:
    settings = with_matrices(
        MatrixSettings(include=rules("startup"), devices=("cpu", "cuda"), threads=(1, 4)),
        recipes=("pinned", "contemporary"),
        pythons=("3.11", "3.12"),
    )
    cells = expand(settings, SUITE).cells
    asked = {(c.environment.recipe, c.environment.python, c.device, c.threads) for c in cells}
    assert len(cells) == len(asked) == 16


@pytest.mark.parametrize(
    ("include", "expected"),
    [
        (rules("l*"), ["load[size=1]", "load[size=8]", "load[size=32]"]),
        (rules("load[size=8]"), ["load[size=8]"]),
        (rules("p*size=8*"), [f"parse[shape={s},size=8]" for s in ("deep", "wide")]),
        (rules({"shape": "d*", "size": "?"}), [f"parse[shape=deep,size={s}]" for s in (1, 8)]),
        (rules({"threads": "1", "benchmark": "startup"}), ["startup"]),
    ],
)  # fmt: skip
def test_include(include: tuple[dict[str, str], ...], expected: list[str]) -> None:
    assert titles(MatrixSettings(include=include)) == expected


def test_exclude_wins() -> None:
    matrix = MatrixSettings(include=rules("load", "startup"), exclude=rules({"size": "*"}))
    assert titles(matrix) == ["startup"]


def test_matrices_are_united() -> None:
    settings = with_matrices(
        MatrixSettings(include=rules("load")), MatrixSettings(include=rules("l*", "startup"))
    )
    assert [cell.benchmark for cell in expand(settings, SUITE).cells] == ["load"] * 3 + ["startup"]


def test_unknown_benchmark() -> None:
    error = refused(
        MatrixSettings(include=rules("load", "prase*")),
        sources={"matrix.include.1": "tracker.yaml:7"},
    )
    assert error.message == "no benchmark matches 'prase*' in suite parse@3"
    assert error.code == "suite.unknown-benchmark"
    assert error.hint == "`tracker plan` lists all 10 cells"
    (problem,) = error.problems
    assert problem.where == "tracker.yaml:7"
    assert problem.hint == "did you mean 'parse*'?"


def test_a_part_of_a_dotted_name_is_suggested() -> None:
    suite = replace(SUITE, benchmarks=(Benchmark(name="bench_text.TimeWords.time_split"),))
    (problem,) = refused(MatrixSettings(include=rules("time_splitt")), suite).problems
    assert problem.hint == "did you mean '*time_split*'?"


def test_all_problems_at_once() -> None:
    error = refused(
        MatrixSettings(
            axes={"siez": (1, 2), "shape": ("flat", "wide", "tall")},
            include=rules("prase", {"sizee": "1"}),
            exclude=rules({"shape": "r*"}),
        ),
        sources={"matrix.shape": "command line"},
    )
    assert error.message == "the matrix has 6 problems"
    assert error.code == "config.invalid"
    told = [(one.message, one.where, one.value, one.hint) for one in error.problems]
    assert told == [
        ("no benchmark has a parameter 'siez'", "", "", "did you mean 'size'?"),
        ("shape does not take this value", "command line", "'flat'", "its values: deep, wide"),
        ("shape does not take this value", "command line", "'tall'", "its values: deep, wide"),
        ("no benchmark matches 'prase' in suite parse@3", "", "", "did you mean 'parse'?"),
        ("no benchmark has a parameter 'sizee'", "", "{sizee: 1}", "did you mean 'size'?"),
        ("no value of shape matches 'r*'", "", "{shape: r*}", "its values: deep, wide"),
    ]


def test_no_cells() -> None:
    error = refused(
        MatrixSettings(include=rules("startup"), exclude=rules({"python": "3.*"})),
        sources={"matrix.exclude": "tracker.yaml:9"},
    )
    assert error.code == "matrix.empty"
    assert error.exit_status == 2
    assert [problem.message for problem in error.problems] == [
        "this rule keeps 1 of 10 cells",
        "this rule takes out 10 of 10 cells",
    ]


def test_a_rule_for_a_python_that_is_not_asked_for_now_is_no_mistake() -> None:
    assert len(titles(MatrixSettings(exclude=rules({"python": "3.8"})))) == 10


def test_computed_parameters_are_left_open() -> None:
    matrix = expand(SETTINGS, COMPUTED, complete=False)
    assert matrix.open_benchmarks == ("words",)
    assert len(matrix.cells) == 10
    assert len(expand(SETTINGS, COMPUTED).cells) == 10


@pytest.mark.parametrize(
    ("matrix", "is_open"),
    [
        (MatrixSettings(include=rules("load")), False),
        (MatrixSettings(exclude=rules("w*")), False),
        (MatrixSettings(include=rules("words[word=a]")), True),
        (MatrixSettings(include=rules("wo*=a*")), True),
        (MatrixSettings(exclude=rules({"benchmark": "w*", "word": "a"})), True),
        (MatrixSettings(axes={"word": ("a",)}), True),
    ],
)
def test_only_what_may_be_in_is_left_open(matrix: MatrixSettings, is_open: bool) -> None:
    expanded = expand(with_matrices(matrix), COMPUTED, complete=False)
    assert bool(expanded.open_benchmarks) == is_open


def test_a_name_is_checked_before_parameters_are_known() -> None:
    matrix = MatrixSettings(include=rules("nothing*"), axes={"whatever": (1,)})
    with pytest.raises(ConfigurationError, match="no benchmark matches"):
        expand(with_matrices(matrix), COMPUTED, complete=False)


def test_what_an_incomplete_suite_lacks_is_a_mistake_only_in_the_end() -> None:
    suite = replace(SUITE, complete=False)
    settings = with_matrices(MatrixSettings(include=rules("later*")))
    assert expand(settings, suite, complete=False).cells == ()
    with pytest.raises(ConfigurationError):
        expand(settings, replace(suite, complete=True))


def test_values_are_found_as_the_suite_writes_them() -> None:
    axis = Axis(name="size", values=("1", "'8'", "None", "True", "sorted"))
    suite = replace(SUITE, benchmarks=(Benchmark(name="b", axes=(axis,)),))
    given_values = MatrixSettings(axes={"size": ("1", 8, None, True, "sorted")})
    cells = expand(with_matrices(given_values), suite).cells
    assert [cell.parameters[0][1] for cell in cells] == list(axis.values)


globs = st.sampled_from(["*", "p*", "load", "*size=8*", "startup", "l*[size=?]"])
rule = st.one_of(
    globs.map(lambda pattern: {"benchmark": pattern}),
    st.sampled_from([{"size": "8"}, {"shape": "w*"}, {"python": "3.12"}, {"threads": "4"}]),
)
some_rules = st.lists(rule, max_size=3).map(tuple)
sizes = st.lists(st.sampled_from([1, 8, 32, 64]), min_size=1, unique=True)


def keys(matrix: MatrixSettings, **environment: Any) -> set[str]:
    """The keys of the cells; none where the rules leave none."""
    try:
        cells = expand(with_matrices(matrix, **environment), SUITE).cells
    except ConfigurationError as error:
        assert error.code == "matrix.empty"  # noqa: PT017
        return set()
    assert len({cell.key for cell in cells}) == len(cells)
    return {cell.key for cell in cells}


@given(sizes, some_rules, some_rules, st.randoms(use_true_random=False))
def test_order_does_not_matter(
    values: list[int], include: tuple[Any, ...], exclude: tuple[Any, ...], random: Any
) -> None:
    def shuffled(items: Any) -> tuple[Any, ...]:
        return tuple(random.sample(list(items), len(items)))

    one = MatrixSettings(
        axes={"size": tuple(values)}, include=include, exclude=exclude, threads=(1, 4)
    )
    other = MatrixSettings(
        axes={"size": shuffled(values)},
        include=shuffled(include),
        exclude=shuffled(exclude),
        threads=(4, 1),
    )
    pythons = ("3.11", "3.12")
    assert keys(one, pythons=pythons) == keys(other, pythons=pythons[::-1])


@given(st.lists(rule, min_size=1, max_size=3).map(tuple), some_rules)
def test_algebra_of_rules(include: tuple[Any, ...], exclude: tuple[Any, ...]) -> None:
    everything = keys(MatrixSettings())
    included = keys(MatrixSettings(include=include))
    left = keys(MatrixSettings(exclude=include))
    assert included | left == everything
    assert included & left == set()
    assert included == set().union(*(keys(MatrixSettings(include=(one,))) for one in include))
    both = keys(MatrixSettings(include=include, exclude=exclude))
    assert both == included & keys(MatrixSettings(exclude=exclude))


@given(some_rules, some_rules)
def test_several_matrices_are_a_union(first: tuple[Any, ...], second: tuple[Any, ...]) -> None:
    matrices = (MatrixSettings(include=first), MatrixSettings(exclude=second))
    expected = keys(matrices[0]) | keys(matrices[1])
    if expected:
        cells = expand(with_matrices(*matrices), SUITE).cells
        assert [cell.key for cell in cells] == list(dict.fromkeys(cell.key for cell in cells))
        assert {cell.key for cell in cells} == expected


def test_keys_do_not_change_from_version_to_version() -> None:
    # a changed key would orphan everything that was measured
    cell = expand(with_matrices(MatrixSettings(include=rules("startup"))), SUITE).cells[0]
    assert cell.key == "9c83048235be6ddfc627f92071d3fc7d1ae89ff31df54cce95c2a09fb9ae82b1"


def test_every_cell_is_asked_for_by_its_values() -> None:
    cells = expand(SETTINGS, SUITE).cells
    asked = itertools.product(("deep", "wide"), ("1", "8", "32"))
    shown = {cell.title for cell in cells if cell.benchmark == "parse"}
    assert shown == {f"parse[shape={shape},size={size}]" for shape, size in asked}


def test_a_changed_protocol_is_another_series() -> None:
    suite = Suite(name="s", harness="python", hash="h", benchmarks=(Benchmark(name="parse"),))
    plain = SETTINGS
    by_hand = replace(plain, sources={"policy.samples": "command line"})
    (shipped,), (changed,) = (expand(one, suite).cells for one in (plain, by_hand))
    assert shipped.profile == plain.profile
    assert changed.profile.startswith(f"{plain.profile}~")
    other = replace(by_hand, policy=replace(by_hand.policy, samples=by_hand.policy.samples + 1))
    assert expand(other, suite).cells[0].profile != changed.profile
