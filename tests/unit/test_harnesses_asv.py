from pathlib import Path
from textwrap import dedent

import pytest

from tracker.config.settings import SuiteSettings
from tracker.errors import SuiteError
from tracker.harnesses.registry import harness
from tracker.model.suites import Axis, Benchmark, Suite

SETTINGS = SuiteSettings(
    name="sample", harness="asv", path="benchmarks", revision="", version="", gold=False
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    place = tmp_path / "naïve 'suites'" / "benchmarks"
    place.mkdir(parents=True)
    return place


def write(place: Path, **modules: str) -> None:
    """Modules by name; ``__`` in a name is a directory."""
    (place / "__init__.py").touch()
    for name, text in modules.items():
        path = place.joinpath(*name.split("__")).with_suffix(".py")
        path.parent.mkdir(exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.write_text(dedent(text), encoding="utf-8")


def outline(place: Path) -> Suite:
    return harness("asv").outline(SETTINGS, place)


def by_name(suite: Suite) -> dict[str, Benchmark]:
    return {one.name: one for one in suite.benchmarks}


def test_functions_and_methods_of_every_kind(place: Path) -> None:
    write(
        place,
        top="""
        import not_installed
        timeout = 30
        def time_it(): ...
        def timeraw_it(): return "pass"
        def mem_it(): return []
        def peakmem_it(): ...
        def track_it(): return 1
        track_it.unit = "items"
        def timeit(): ...
        def time_(): ...
        def _time_hidden(): ...
        """,
        deep__er="""
        class Any:
            timeout = 5.5
            def time_x(self): ...
            def TimeCamel(self): ...
            def Timeless(self): ...
            def setup(self): ...
        class _Hidden:
            def time_x(self): ...
        """,
    )
    suite = outline(place)
    found = by_name(suite)
    assert list(found) == [
        "deep.er.Any.TimeCamel",
        "deep.er.Any.time_x",
        *(f"top.{kind}_it" for kind in ("time", "timeraw", "mem", "peakmem", "track")),
    ]
    units = [(one.metric, one.unit) for one in found.values()]
    assert units[2:] == [
        ("time", "s"),
        ("time", "s"),
        ("memory", "bytes"),
        ("peak_memory", "bytes"),
        ("value", "items"),
    ]
    assert [found[name].timeout for name in ("deep.er.Any.time_x", "top.time_it")] == [5.5, 30]
    assert found["deep.er.Any.time_x"].where == "deep/er.py:4"
    assert suite.complete


@pytest.mark.parametrize(
    ("text", "axes"),
    [
        ("params = [1, 2]", {"param1": ("1", "2")}),
        ("params = ([1, 2], ['a'])\nparam_names = ['n']", {"n": ("1", "2"), "param2": ("'a'",)}),
        ("params = []", {}),
        ("SIZES = (1, 2)\nparams = [SIZES]\nparam_names = ('n', 'm')", {"n": ("1", "2")}),
    ],
)
def test_parameters_as_asv_reads_them(
    place: Path, text: str, axes: dict[str, tuple[str, ...]]
) -> None:
    write(place, one=f"{text}\ndef time_it(*given): ...\n")
    suite = outline(place)
    assert {axis.name: axis.values for axis in suite.benchmarks[0].axes} == axes
    assert suite.complete


def test_computed_parameters_are_left_to_the_worker(place: Path) -> None:
    write(
        place,
        one="params = list(range(3))\nparam_names = ['n']\ndef time_it(n): ...",
        two="params = make()\ndef time_it(n): ...",
    )
    suite = outline(place)
    assert not suite.complete
    assert suite.benchmarks[0].axes == (Axis(name="n", values=()),)


def test_the_nearest_attribute_wins(place: Path) -> None:
    write(
        place,
        one="""
        params = [0]
        class Base:
            params = [1]
            timeout = 1
            def time_base(self, n): ...
        class Derived(Base):
            params = [2]
            def time_own(self, n): ...
            time_own.params = [3]
        def time_free(n): ...
        """,
    )
    values = {name: one.axes[0].values for name, one in by_name(outline(place)).items()}
    assert values == {
        "one.Base.time_base": ("1",),
        "one.Derived.time_base": ("2",),
        "one.Derived.time_own": ("3",),
        "one.time_free": ("0",),
    }


@pytest.mark.parametrize(
    "statement",
    ["from .base import Base", "from benchmarks.base import Base", "from . import Base"],
)
def test_classes_come_from_other_modules(place: Path, statement: str) -> None:
    write(
        place,
        base="class Base:\n    def time_base(self): ...\n",
        one=f"{statement}\nclass Derived(Base): ...\n",
    )
    (place / "__init__.py").write_text("from .base import Base\n")
    suite = outline(place)
    assert {"one.Derived.time_base", "one.Base.time_base", "base.Base.time_base"} <= set(
        by_name(suite)
    )
    assert suite.complete


def test_modules_that_import_each_other(place: Path) -> None:
    write(place, a="from .b import T\n", b="from .a import T\ndef time_it(): ...\n")
    assert list(by_name(outline(place))) == ["b.time_it"]


@pytest.mark.parametrize(
    "text",
    [
        "from elsewhere import Base\nclass A(Base): ...",
        "from .other import *",
        "for n in (1, 2):\n    exec(f'def time_{n}(): ...')",
        "time_alias = print",
        "class A:\n    def __init__(self): self.params = [1]\n    def time_x(self, n): ...",
        "@decorated\ndef time_x(): ...",
        "setattr(A, 'time_x', print)",
        "class A(metaclass=M): ...",
        "A.params = [1]",
        "from .common import params\ndef time_x(n): ...",
    ],
)
def test_what_cannot_be_followed_leaves_the_suite_open(place: Path, text: str) -> None:
    write(place, one=text)
    assert not outline(place).complete


def test_a_single_file(place: Path) -> None:
    file = place / "bench_it.py"
    file.write_text("def time_it(): ...\n")
    assert list(by_name(outline(file))) == ["time_it"]


def test_a_base_that_is_its_own_base_ends(place: Path) -> None:
    write(place, one="class A(B): ...\nclass B(A):\n    def time_x(self): ...\n")
    assert not outline(place).complete


def test_no_benchmarks_is_an_error(place: Path) -> None:
    write(place, one="def helper(): ...")
    with pytest.raises(SuiteError) as raised:
        outline(place)
    assert raised.value.code == "suite.empty"


def test_a_syntax_error_names_the_module(place: Path) -> None:
    write(place, deep__er="def time_it(:\n")
    with pytest.raises(SuiteError) as raised:
        outline(place)
    assert raised.value.problems[0].where == "deep/er.py:1"


def test_the_job_keeps_the_name_that_modules_use(place: Path) -> None:
    job = harness("asv").job(SETTINGS, place.parent)
    assert job["options"] == {"root": "benchmarks"}
