"""asv suites in this process: what is found, and what a task does."""

import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tracker.config.settings import SuiteSettings
from tracker.harnesses.discovery import discovered
from tracker.harnesses.registry import harness
from tracker.worker.asv.suite import AsvSuite, open_suite
from tracker.worker.protocol import Outcome, carry_out
from tracker.worker.task import Incompatible, Task, Unsupported

PROTOCOL = {"samples": 2, "warmup_iterations": 0, "sample_seconds": 1e-6}


SKIP = "class SkipNotImplemented(NotImplementedError): ..."


@pytest.fixture(autouse=True)
def _imports_as_before() -> Iterator[None]:
    modules, path, finders = set(sys.modules), list(sys.path), list(sys.meta_path)
    yield
    sys.path[:], sys.meta_path[:] = path, finders
    for name in set(sys.modules) - modules:
        del sys.modules[name]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The private directory that a worker runs in."""
    home = tmp_path / "hôme"
    home.mkdir()
    monkeypatch.chdir(home)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return home


@pytest.fixture
def place(tmp_path: Path) -> Path:
    place = tmp_path / "naïve 'suites'" / "bench"
    place.mkdir(parents=True)
    return place


def opened(place: Path, *, shared: str = "", **modules: str) -> AsvSuite:
    for name, text in modules.items():
        path = place.joinpath(*name.split("__")).with_suffix(".py")
        path.parent.mkdir(exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.write_text(dedent(text), encoding="utf-8")
    job = {"suite": str(place), "options": {"root": "bench"}, "protocol": PROTOCOL}
    return open_suite({**job, "shared": shared})


def measured(task: Task) -> Outcome:
    return carry_out(task, PROTOCOL)


def value(suite: AsvSuite, benchmark: str, **parameters: str) -> Any:
    (reading,) = measured(suite.task(benchmark, parameters)).readings
    return reading["samples"]


def test_what_the_text_says_and_what_running_says_agree(place: Path) -> None:
    suite = opened(
        place,
        base="class Base:\n    timeout = 3\n    def time_base(self, *given): ...\n",
        deep__one="""
        from ..base import Base
        SIZES = [1, 2.5]
        class Suite(Base):
            params = (SIZES, ["a", None])
            param_names = ["n"]
            def peakmem_it(self, n, kind): ...
            peakmem_it.timeout = 9
            def TimeCamel(self, n, kind): ...
        def mem_it(): ...
        def track_it(): ...
        track_it.unit = "items"
        def timeraw_it(): ...
        """,
    )
    settings = SuiteSettings(
        name="s", harness="asv", path="bench", revision="", version="", gold=False
    )
    outline = harness("asv").outline(settings, place)
    lines = [{"event": "benchmark", **one} for one in suite.describe()]
    assert outline.complete
    assert discovered(outline, lines) == outline


def test_parameters_are_passed_in_the_order_of_the_suite(place: Path) -> None:
    suite = opened(
        place,
        one="""
        params = ([1, 2], ["a"])
        param_names = ["z", "a"]
        def track_it(z, a): return z * 10 + len(a)
        """,
    )
    assert value(suite, "one.track_it", a="'a'", z="2") == [21]
    with pytest.raises(LookupError, match="takes the parameters"):
        suite.task("one.track_it", {"z": "1"})
    with pytest.raises(LookupError):
        suite.task("one.track_gone", {})


def test_only_the_module_of_a_benchmark_is_imported(place: Path) -> None:
    suite = opened(place, broken="import not_installed", one="def track_it(): return 1")
    assert value(suite, "one.track_it") == [1]
    with pytest.raises(ModuleNotFoundError):
        suite.describe()


def test_setup_is_called_from_module_to_function_and_teardown_the_other_way(place: Path) -> None:
    opened_suite = opened(
        place,
        one="""
        calls = []
        def setup(*given): calls.append("module")
        def teardown(*given): calls.append("end module")
        class Suite:
            def setUp(self): calls.append("class")
            def tearDown(self): calls.append("end class")
            def time_it(self): calls.append("call")
            time_it.setup = lambda: calls.append("function")
            number = 2
            repeat = 1
        """,
    )
    task = opened_suite.task("one.Suite.time_it", {})
    measured(task)
    calls = sys.modules["bench.one"].calls
    sample = ["module", "class", "function", "call", "call", "end class", "end module"]
    preflight = [name for name in sample if name != "call"]
    preflight.insert(3, "call")
    assert calls == preflight + sample


@pytest.mark.parametrize(
    ("attributes", "overrides"),
    [
        ("", {"samples": 2}),
        ("number = 7; repeat = 3", {"loops": 7, "samples": 3}),
        ("repeat = (1, 10, 5.0)", {"samples": 2}),
        ("repeat = (5, 10, 5.0)", {"samples": 5}),
        ("warmup_time = 0; sample_time = 0.5", {"warmup_seconds": 0, "sample_seconds": 0.5}),
        ("warmup_time = -1; processes = 4; rounds = 3", {"samples": 2}),
    ],
)
def test_what_the_suite_fixes(place: Path, attributes: str, overrides: dict[str, Any]) -> None:
    task = opened(place, one=f"{attributes}\ndef time_it(): ...\n").task("one.time_it", {})
    assert {"samples": 2, **overrides} == task.overrides
    assert not task.setup_each_sample


@pytest.mark.parametrize(
    "text",
    [
        "def setup(): raise NotImplementedError('no')\ndef time_it(): ...",
        "def setup(): raise NotImplementedError('no')\ndef track_it(): ...",
        f"{SKIP}\ndef time_it(): raise SkipNotImplemented('no')",
        f"{SKIP}\ndef setup(): ...\ndef track_it(): raise SkipNotImplemented('no')",
        "def track_it(): return float('nan')",
    ],
)
def test_benchmarks_that_skip_themselves(place: Path, text: str) -> None:
    suite = opened(place, one=text)
    (name,) = [one["name"] for one in suite.describe()]
    with pytest.raises(Unsupported):
        measured(suite.task(name, {}))


def test_skipped_parameters_and_benchmarks(place: Path) -> None:
    suite = opened(
        place,
        one="""
        params = [1, 2]
        def time_it(n): ...
        time_it.skip_params = [(2,)]
        def time_gone(n): ...
        time_gone.skip_benchmark = True
        """,
    )
    assert [one["name"] for one in suite.describe()] == ["one.time_it"]
    suite.task("one.time_it", {"param1": "1"})
    with pytest.raises(Unsupported):
        suite.task("one.time_it", {"param1": "2"})


def test_setup_cache_is_made_apart_and_comes_first(place: Path, home: Path) -> None:
    suite = opened(
        place,
        one="""
        import os
        here = os.getpid()
        class Suite:
            params = [5]
            def setup_cache(self):
                with open("side.txt", "w") as file: file.write("written")
                return {"process": os.getpid()}
            def setup(self, cache, n): self.cache = cache
            def track_it(self, cache, n):
                with open("side.txt") as file: assert file.read() == "written"
                assert cache == self.cache
                return float(cache["process"] != here) + n
        """,
    )
    assert value(suite, "one.Suite.track_it", param1="5") == [6.0]
    assert (home / "setup_cache.pickle").exists()


COUNTED = """
from pathlib import Path
log = Path({log!r})
class Suite:
    def setup_cache(self):
        log.open("a").write(type(self).__name__ + " ")
        Path("side.txt").write_text("written")
        {end}
    def track_it(self, cache):
        side = Path("side.txt")
        found = side.read_text()
        side.write_text("changed")
        assert found == "written", found
        return cache
    def track_too(self, cache): return cache
class Other(Suite): ...
"""


def test_processes_of_a_build_share_one_cache(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, shared = tmp_path / "log", tmp_path / "shäred"
    suite = opened(place, shared=str(shared), one=COUNTED.format(log=str(log), end="return 7"))
    for number, name in enumerate(("Suite.track_it", "Suite.track_it", "Suite.track_too")):
        (tmp_path / str(number)).mkdir()
        monkeypatch.chdir(tmp_path / str(number))
        assert value(suite, f"one.{name}") == [7]
    assert log.read_text() == "Suite "
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    assert value(suite, "one.Other.track_it") == [7]
    assert log.read_text() == "Suite Other "


def test_a_cache_that_failed_is_not_tried_by_every_process(
    place: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log"
    text = COUNTED.format(log=str(log), end="raise ValueError('broken')")
    suite = opened(place, shared=str(tmp_path / "shared"), one=text)
    for name in ("track_it", "track_it", "track_too"):
        with pytest.raises(RuntimeError, match="setup_cache failed: ValueError: broken"):
            measured(suite.task(f"one.Suite.{name}", {}))
    assert log.read_text() == "Suite "


def test_a_cache_whose_process_was_killed_is_made_by_the_next(place: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    first = "log.read_text() == 'Suite '"
    dies = f"import os\n        if {first}: os.kill(os.getpid(), 9)\n        return 7"
    text = COUNTED.format(log=str(log), end=dies)
    suite = opened(place, shared=str(tmp_path / "shared"), one=text)
    with pytest.raises(RuntimeError, match="setup_cache failed: wait status 9"):
        measured(suite.task("one.Suite.track_it", {}))
    assert value(suite, "one.Suite.track_it") == [7]


def test_a_cache_of_none_is_no_argument(place: Path) -> None:
    suite = opened(place, one="def setup_cache(): ...\ndef track_it(): return 3\n")
    assert value(suite, "one.track_it") == [3]


@pytest.mark.parametrize("end", ["raise ValueError('broken')", "import os; os._exit(3)"])
def test_a_cache_that_cannot_be_made(
    place: Path, end: str, capfd: pytest.CaptureFixture[str]
) -> None:
    suite = opened(place, one=f"def setup_cache(): {end}\ndef track_it(c): return 3\n")
    with pytest.raises(RuntimeError, match=r"setup_cache failed: (ValueError: broken|wait status)"):
        measured(suite.task("one.track_it", {}))


def test_raw_code_runs_in_interpreters_of_its_own(place: Path) -> None:
    suite = opened(
        place,
        one='''
        def timeraw_it(): return """
            import sys
            print("noise")
            assert 'tracker' not in sys.modules and found == "yes"
            """, "import os; found = os.environ['FOUND']"
        timeraw_it.env = {"FOUND": "yes"}
        def timeraw_bad(): return "1 / 0"
        ''',
    )
    (reading,) = measured(suite.task("one.timeraw_it", {})).readings
    assert (len(reading["samples"]), reading["loops"]) == (2, 1)
    assert all(sample > 0 for sample in reading["samples"])
    with pytest.raises(RuntimeError, match="exit code 1: ZeroDivisionError"):
        measured(suite.task("one.timeraw_bad", {}))


def test_a_timer_of_the_suites_own(place: Path) -> None:
    suite = opened(
        place,
        one="""
        ticks = iter(range(10**9))
        def timer(): return float(next(ticks))
        def time_it(): ...
        number = 4
        """,
    )
    (reading,) = measured(suite.task("one.time_it", {})).readings
    assert (reading["samples"], reading["loops"]) == ([0.25, 0.25], 4)


def test_memory(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pympler.asizeof", None)
    monkeypatch.setitem(sys.modules, "pympler", None)
    suite = opened(place, one="def peakmem_it(): ...\ndef mem_it(): return [0] * 100\n")
    ((peak,), task) = value(suite, "one.peakmem_it"), suite.task("one.mem_it", {})
    assert peak > 1_000_000
    with pytest.raises(Incompatible, match=r"pympler.*environment\.requires"):
        measured(task)


def test_a_suite_that_needs_asv_runner_says_so(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "asv_runner", None)
    suite = opened(place, one="import asv_runner.benchmarks.mark\ndef time_it(): ...\n")
    with pytest.raises(Incompatible, match=r"asv_runner: add it to environment\.requires"):
        suite.task("one.time_it", {})


def test_names_given_by_the_suite(place: Path) -> None:
    suite = opened(
        place,
        one="def anything(): return 1\nanything.benchmark_name = 'group.track_named'\n",
    )
    assert value(suite, "group.track_named") == [1]


def test_the_project_beside_the_suite_is_not_imported(place: Path) -> None:
    (place.parent / "beside.py").write_text("")
    suite = opened(place, one="import beside\ndef time_it(): ...\n")
    with pytest.raises(ModuleNotFoundError, match="beside"):
        suite.describe()
