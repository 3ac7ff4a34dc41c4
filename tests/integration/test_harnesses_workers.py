"""Suites of every harness, run by real interpreters as the tracker runs them."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from uv import find_uv_bin

import tracker.worker
from tracker.config.settings import SuiteSettings
from tracker.harnesses.discovery import discovered
from tracker.harnesses.registry import harness
from tracker.machine.launch import launch
from tracker.machine.program import Ended, Limits, Program, allowed_environment
from tracker.model.suites import Suite

WORKER = Path(tracker.worker.__file__).with_name("__main__.py")
PROTOCOL = {"samples": 3, "sample_seconds": 0.001, "warmup_iterations": 12, "warmup_seconds": 0.1}


def interpreter(version: str) -> Path:
    """A Python of this version, or a skipped test."""
    if version == "this":
        return Path(sys.executable)
    kept = sorted((Path.home() / ".pyenv").glob(f"versions/{version}.*/bin/python"))
    found = kept[-1] if kept else shutil.which(f"python{version}")
    # one that a version manager has put there need not run
    if found is None or subprocess.run([found, "-c", ""], check=False).returncode:
        pytest.skip(f"there is no Python {version} on this machine")
    return Path(found)


def environment(python: Path, place: Path, *packages: str) -> Path:
    """The interpreter of a new environment."""
    uv, into = find_uv_bin(), place / "bin" / "python"
    subprocess.run([uv, "venv", "-q", "--python", python, place], check=True)
    if packages:
        subprocess.run([uv, "pip", "install", "-q", "--python", into, *packages], check=True)
    return into


@pytest.fixture(scope="session", params=["3.8", "this"])
def python(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with nothing in it."""
    return environment(interpreter(request.param), tmp_path_factory.mktemp("bare") / "with nöthing")


@pytest.fixture(scope="session")
def python_with_plugins(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with what pytest-benchmark suites and ``mem_`` benchmarks need."""
    packages = ("pytest", "pytest-benchmark", "pympler", "asv-runner")
    return environment(python, tmp_path_factory.mktemp("full") / "with plügins", *packages)


@dataclass
class Bench:
    """A suite, and the way to its results."""

    python: Path
    settings: SuiteSettings
    files: Path
    home: Path

    def outline(self) -> Suite:
        return harness(self.settings.harness).outline(self.settings, self.files)

    def run(self, **job: Any) -> Ended:
        self.home.mkdir()
        try:
            program = Program(
                argv=[str(self.python), "-s", str(WORKER)],
                job={
                    **harness(self.settings.harness).job(self.settings, self.files),
                    "protocol": PROTOCOL,
                    "package": "",
                    "prefix": str(self.python.parent.parent),
                    **job,
                },
                limits=Limits(timeout=120, memory_bytes=0),
                environment={**allowed_environment(), "PYTHONDONTWRITEBYTECODE": "1"},
                home=self.home,
            )
            return launch(program)
        finally:
            shutil.rmtree(self.home)

    def discover(self) -> Suite:
        ended = self.run(mode="discover")
        assert ended.lines[-1]["state"] == "measured", ended
        return discovered(self.outline(), ended.lines)

    def measure(
        self, benchmark: str, parameters: Mapping[str, str] | None = None, **job: Any
    ) -> Ended:
        return self.run(mode="measure", benchmark=benchmark, parameters=parameters or {}, **job)


def bench(
    tmp_path: Path,
    python: Path,
    harness: str,
    files: Mapping[str, str],
    options: Mapping[str, Any] | None = None,
) -> Bench:
    place = tmp_path / "späte 'Läufe'"
    for name, text in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    settings = SuiteSettings(
        name="sample",
        harness=harness,
        path="benchmarks" if files else "",
        revision="",
        version="",
        gold=False,
        options=options or {},
    )
    return Bench(python=python, settings=settings, files=place, home=tmp_path / "hôme 'x'")


def state(ended: Ended) -> tuple[str, str]:
    """How it ended, and why."""
    assert ended.lines[-1]["event"] == "end", ended
    return ended.lines[-1]["state"], ended.lines[-1]["reason"]


def readings(ended: Ended) -> dict[str, Any]:
    assert state(ended) == ("measured", ""), ended
    return {line["metric"]: line for line in ended.lines if line["event"] == "reading"}


ASV = {
    "__init__.py": "",
    "shared.py": """
        class Base:
            timeout = 12
            def time_base(self, *given): pass
        """,
    "deep/__init__.py": "",
    "deep/ünits.py": """
        from benchmarks.shared import Base
        print("printed while it is imported")
        class Suite(Base):
            params = (list(range(1, 3)), ["a b"])
            param_names = ["n"]
            def setup(self, n, kind):
                if n == 2:
                    raise NotImplementedError("no two")
                self.data = list(range(n * 1000))
            def time_sum(self, n, kind): sum(self.data)
            def track_length(self, n, kind): return len(self.data)
        class Cached:
            def setup_cache(self):
                from pathlib import Path
                Path("runs.txt").open("a").write("x")
                return list(range(100))
            def time_it(self, cache): assert sum(cache) == 4950
        def timeraw_it(): return "1 + 1"
        def mem_it(): return [0] * 100
        def peakmem_it(): return bytearray(1000)
        """,
    "marked.py": """
        from asv_runner.benchmarks.mark import SkipNotImplemented, skip_for_params
        @skip_for_params([(2,)])
        def time_some(n): pass
        time_some.params = [1, 2]
        def time_skipped(): raise SkipNotImplemented("not today")
        """,
}


def test_asv(tmp_path: Path, python_with_plugins: Path) -> None:
    suite = bench(tmp_path, python_with_plugins, "asv", ASV)
    assert not suite.outline().complete
    whole = {one.name: one for one in suite.discover().benchmarks}
    assert [axis.values for axis in whole["deep.ünits.Suite.time_sum"].axes] == [
        ("1", "2"),
        ("'a b'",),
    ]
    assert whole["deep.ünits.Suite.time_base"].timeout == 12
    one = {"n": "1", "param2": "'a b'"}
    timed = readings(suite.measure("deep.ünits.Suite.time_sum", one, counts=["instructions"]))
    assert len(timed["time"]["samples"]) == 3
    assert timed["instructions"]["samples"][0] > 0
    assert state(suite.measure("deep.ünits.Suite.time_sum", {**one, "n": "2"})) == (
        "unsupported",
        "setup raised NotImplementedError no two",
    )
    tracked = readings(suite.measure("deep.ünits.Suite.track_length", one))
    assert tracked["value"]["samples"] == [1000]
    assert set(readings(suite.measure("deep.ünits.Cached.time_it", counts=["instructions"]))) == {
        "time",
        "peak_memory",
        "instructions",
    }
    assert readings(suite.measure("deep.ünits.timeraw_it"))["time"]["loops"] == 1
    assert readings(suite.measure("deep.ünits.mem_it"))["memory"]["samples"][0] > 800
    assert readings(suite.measure("deep.ünits.peakmem_it"))["peak_memory"]["unit"] == "bytes"


def test_asv_with_the_marks_of_asv_runner(tmp_path: Path, python_with_plugins: Path) -> None:
    suite = bench(tmp_path, python_with_plugins, "asv", ASV)
    assert readings(suite.measure("marked.time_some", {"param1": "1"}))
    assert state(suite.measure("marked.time_some", {"param1": "2"}))[0] == "unsupported"
    assert state(suite.measure("marked.time_skipped")) == ("unsupported", "not today")


def test_asv_without_what_it_needs(tmp_path: Path, python: Path) -> None:
    suite = bench(tmp_path, python, "asv", ASV)
    for benchmark in ("deep.ünits.mem_it", "marked.time_skipped"):
        ended, reason = state(suite.measure(benchmark))
        assert (ended, "environment.requires" in reason) == ("harness-incompatible", True)


PYTEST = {
    "test_it.py": """
        import pytest
        @pytest.mark.parametrize("size", [1, 8])
        @pytest.mark.parametrize("kind", ["a", "b::c"])
        def test_sum(benchmark, size, kind):
            benchmark(sum, range(size))
        class TestIt:
            @pytest.mark.parametrize("a,b", [(1, 2), (3, 4)])
            def test_pair(self, benchmark, a, b):
                if a == 3:
                    pytest.skip("no three")
                benchmark.pedantic(lambda: a + b, rounds=7, iterations=2)
            def test_bad(self, benchmark):
                benchmark(lambda: 1 / 0)
            def test_idle(self, benchmark): ...
        @pytest.fixture(params=[2, 3])
        def many(request): return request.param
        def test_many(benchmark, many): benchmark(range, many)
        def test_other(): assert False
        """,
    "deep/test_broken.py": "import not_installed\ndef test_it(benchmark): ...\n",
}


def test_pytest_benchmark(tmp_path: Path, python_with_plugins: Path) -> None:
    files = {"test_it.py": PYTEST["test_it.py"]}
    suite = bench(tmp_path, python_with_plugins, "pytest-benchmark", files)
    whole = {one.name: one for one in suite.discover().benchmarks}
    axes = {
        name.partition("::")[2]: {axis.name: axis.values for axis in one.axes}
        for name, one in whole.items()
    }
    assert axes == {
        "test_sum": {"size": ("1", "8"), "kind": ("'a'", "'b::c'")},
        "TestIt::test_pair": {"case": ("'1-2'", "'3-4'")},
        "TestIt::test_bad": {},
        "TestIt::test_idle": {},
        "test_many": {"many": ("2", "3")},
    }
    timed = readings(suite.measure("test_it.py::test_sum", {"size": "8", "kind": "'b::c'"}))
    assert timed["time"]["unit"] == "s"
    assert len(timed["time"]["samples"]) >= 3
    assert all(0 < sample < 0.1 for sample in timed["time"]["samples"])
    pair = readings(suite.measure("test_it.py::TestIt::test_pair", {"case": "'1-2'"}))
    assert (len(pair["time"]["samples"]), pair["time"]["loops"]) == (7, 2)
    assert readings(suite.measure("test_it.py::test_many", {"many": "3"}))


def test_pytest_benchmark_that_fails(tmp_path: Path, python_with_plugins: Path) -> None:
    suite = bench(tmp_path, python_with_plugins, "pytest-benchmark", PYTEST)
    assert state(suite.measure("test_it.py::TestIt::test_pair", {"case": "'3-4'"})) == (
        "unsupported",
        "Skipped: no three",
    )
    assert state(suite.measure("test_it.py::TestIt::test_bad")) == (
        "benchmark-failed",
        "ZeroDivisionError: division by zero",
    )
    for gone in ("test_it.py::test_gone", "gone.py::test_it", "test_it.py::test_sum"):
        ended, reason = state(suite.measure(gone))
        assert (ended, reason.partition(":")[0]) == ("benchmark-failed", "LookupError")
    ended, reason = state(suite.measure("deep/test_broken.py::test_it"))
    assert ended == "benchmark-failed"
    assert "not_installed" in reason
    ended, _ = state(suite.measure("test_it.py::TestIt::test_idle"))
    assert ended == "benchmark-failed"


def test_pytest_benchmark_where_it_is_not_installed(tmp_path: Path, python: Path) -> None:
    suite = bench(tmp_path, python, "pytest-benchmark", PYTEST)
    ended, reason = state(suite.measure("test_it.py::test_sum"))
    assert ended == "harness-incompatible"
    assert "add pytest and pytest-benchmark to environment.requires" in reason


def test_commands(tmp_path: Path, python: Path) -> None:
    commands = {
        "work": {
            "run": ["python", "{suite}/wörk.py", "{size}", "{name}"],
            "setup": "python -c \"open('there', 'w').close()\"",
            "params": {"size": [1, 8], "name": ["a 'b' {c}"]},
        },
        "shell": {
            "run": "test {word} = 'a  b' && true",
            "params": {"word": ["a  b"]},
            "shell": True,
        },
        "fails": 'python -c "raise SystemExit(chr(111) * 3)"',
        "unable": {"run": "exit 125", "shell": True},
        "dies": {"run": "kill -9 $$", "shell": True},
        "gone": "no-such-program",
    }
    text = f"""
        import os, sys
        os.stat("there")
        assert sys.argv[1:] == ["8", "a 'b' {{c}}"]
        assert sys.prefix == {str(python.parent.parent)!r}
        data = bytearray(40 << 20)
        """
    suite = bench(tmp_path, python, "command", {"wörk.py": text}, {"commands": commands})
    assert [one.name for one in suite.discover().benchmarks] == list(commands)
    work = readings(suite.measure("work", {"size": "8", "name": repr("a 'b' {c}")}))
    assert set(work) == {"time", "cpu_time", "peak_memory"}
    assert all(len(reading["samples"]) == 3 for reading in work.values())
    assert min(work["peak_memory"]["samples"]) > 40 << 20
    assert readings(suite.measure("shell", {"word": "'a  b'"}))
    failed, reason = state(suite.measure("fails"))
    assert failed == "benchmark-failed"
    assert reason.endswith("ended with exit code 1: ooo")
    assert state(suite.measure("unable")) == ("unsupported", "the command ended with exit code 125")
    assert "was killed by signal 9" in state(suite.measure("dies"))[1]
    assert state(suite.measure("gone"))[1].startswith("FileNotFoundError")


def test_a_command_too_slow_to_repeat_runs_once(tmp_path: Path, python: Path) -> None:
    suite = bench(tmp_path, python, "command", {}, {"commands": {"a": "python -c pass"}})
    ended = suite.measure("a", protocol={**PROTOCOL, "preflight_seconds": 1e-6})
    assert len(readings(ended)["time"]["samples"]) == 1


#: in the form of the scripts of the Hugging Face transformers benchmark, with a model of its own
RECORDED = """
    import os
    import sys
    from logging import Logger
    from threading import Event, Thread
    from time import perf_counter, sleep

    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    import psycopg2
    from benchmarks_entrypoint import MetricsRecorder

    def watch(benchmark_id, over, metrics_recorder):
        while not over.is_set():
            metrics_recorder.collect_device_measurements(benchmark_id, 50.0, 100.0, 0, 0)
            sleep(0.01)

    def run_benchmark(
        logger: Logger, branch: str, commit_id: str, commit_msg: str, tokens_to_generate=20,
        fail_after=""
    ):
        over, watching = Event(), None
        recorder = MetricsRecorder(
            psycopg2.connect("dbname=metrics"), logger, branch, commit_id, commit_msg
        )
        try:
            benchmark_id = recorder.initialise_benchmark({"gpu_name": "none", "model_id": "tiny"})
            watching = Thread(target=watch, args=[benchmark_id, over, recorder])
            watching.start()
            start = perf_counter()
            weights = list(range(100000))
            recorder.collect_model_measurements(
                benchmark_id, {"model_load_time": perf_counter() - start}
            )
            if fail_after == "load":
                raise RuntimeError("the cache has no max_batch_size")
            if fail_after == "crash":
                os.kill(os.getpid(), 11)
            for _ in range(tokens_to_generate):
                start = perf_counter()
                sum(weights)
                recorder.collect_model_measurements(
                    benchmark_id, {"time_to_next_token_secs": perf_counter() - start}
                )
            if fail_after == "nan":
                nan = {"tokens_per_sec": float("nan"), "tokens": 5}
                recorder.collect_model_measurements(benchmark_id, nan)
        except Exception as e:
            logger.error(f"Caught exception: {e}")
        over.set()
        if watching is not None:
            watching.join()
        recorder.close()
    """


def samples(ended: Ended) -> dict[str, list[float]]:
    """What was handed over, by metric."""
    told: dict[str, list[float]] = {}
    for line in ended.lines:
        if line["event"] == "sample":
            told.setdefault(line["metric"], []).append(line["value"])
    return told


def test_a_script_for_the_metrics_recorder(tmp_path: Path, python: Path) -> None:
    suite = bench(tmp_path, python, "metrics-recorder", {"benches/llama.py": RECORDED})
    assert suite.discover().benchmarks == suite.outline().benchmarks
    ended = suite.measure("benches/llama", {"tokens_to_generate": "7"})
    assert state(ended) == ("measured", "")
    told = samples(ended)
    assert set(told) == {"model_load_time", "time_to_next_token_secs", "peak_memory"}
    assert len(told["time_to_next_token_secs"]) == 7
    facts = [line["facts"] for line in ended.lines if line["event"] in ("used", "end")]
    assert facts[0] == {"metadata": {"gpu_name": "none", "model_id": "tiny"}}
    assert facts[1]["device_measurements"]["mem_megabytes"]["mean"] == 100.0


@pytest.mark.parametrize(
    ("after", "says", "kept"),
    [
        (
            "load",
            "the script logged an error: Caught exception: the cache has no max_batch_size",
            {"model_load_time", "peak_memory"},
        ),
        (
            "nan",
            "tokens_per_sec: the benchmark returned nan",
            {"model_load_time", "time_to_next_token_secs", "tokens", "peak_memory"},
        ),
    ],
)
def test_a_script_that_fails_in_the_middle(
    tmp_path: Path, python: Path, after: str, says: str, kept: set[str]
) -> None:
    suite = bench(tmp_path, python, "metrics-recorder", {"llama.py": RECORDED})
    ended = suite.measure("llama", {"fail_after": repr(after)})
    failed, reason = state(ended)
    assert failed == "benchmark-failed"
    assert says in reason
    assert set(samples(ended)) == kept


def test_a_script_that_crashes_leaves_what_it_measured(tmp_path: Path, python: Path) -> None:
    suite = bench(tmp_path, python, "metrics-recorder", {"llama.py": RECORDED})
    ended = suite.measure("llama", {"fail_after": "'crash'"})
    assert ended.exit_code == -11
    assert set(samples(ended)) == {"model_load_time"}


def test_a_script_whose_environment_lacks_a_reader(tmp_path: Path, python: Path) -> None:
    text = "import gpustat\ndef run_benchmark(logger): ...\n"
    suite = bench(tmp_path, python, "metrics-recorder", {"llama.py": text})
    assert state(suite.measure("llama")) == (
        "harness-incompatible",
        "the environment lacks gpustat: name it in environment.requires",
    )
