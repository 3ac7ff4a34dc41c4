"""The worker, run by real interpreters as the tracker runs it."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import tracker.worker
from tracker.engine.members import begun, each
from tracker.machine.launch import launch
from tracker.machine.program import Ended, Limits, Program

WORKER = Path(tracker.worker.__file__).with_name("__main__.py")

#: the oldest, one that traces opcodes, and those with monitoring
VERSIONS = ("3.8", "3.11", "3.12", "3.13", "3.14")


def interpreter(version: str) -> Path | None:
    """A Python of this version: this one, one on the path, or one that pyenv keeps."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return Path(sys.executable)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    kept = sorted(pyenv.glob(f"versions/{version}.*/bin/python"))
    found = str(kept[-1]) if kept else shutil.which(f"python{version}")
    if found is None or subprocess.run([found, "-c", ""], check=False).returncode:
        return None
    return Path(found)


@pytest.fixture(scope="session", params=VERSIONS)
def python(request: pytest.FixtureRequest) -> Path:
    found = interpreter(request.param)
    if found is None:
        pytest.skip(f"there is no Python {request.param} on this machine")
    return found


PROTOCOL = {"samples": 3, "sample_seconds": 0.001, "warmup_iterations": 12}


class Bench:
    """A place with a suite and a package to import, and a way to run the worker there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = root / "hôme 'of' \"one\""
        self.home.mkdir()
        self.suite = root / "a suite's ñame.py"

    def write(self, text: str) -> None:
        self.suite.write_text("from tracker import benchmark\n" + dedent(text), encoding="utf-8")

    def job(self, benchmark: str) -> dict[str, Any]:
        return {
            "mode": "measure",
            "harness": "python",
            "suite": str(self.suite),
            "options": {},
            "benchmark": benchmark,
            "parameters": {},
            "protocol": PROTOCOL,
            "package": "",
        }

    def run(
        self,
        benchmark: str = "work",
        *,
        python: Path = Path(sys.executable),
        limits: Limits = Limits(timeout=60),  # noqa: B008 - frozen
        environment: dict[str, str] | None = None,
        **job: Any,
    ) -> Ended:
        program = Program(
            argv=[str(python), "-s", str(WORKER)],
            job={**self.job(benchmark), **job},
            limits=limits,
            # the tracker itself must not be found where the environment has none
            environment={"PYTHONPATH": str(self.root), **(environment or {})},
            home=self.home,
        )
        return launch(program)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def events(ended: Ended, name: str) -> list[dict[str, Any]]:
    return [line for line in ended.lines if line["event"] == name]


def end(ended: Ended) -> dict[str, Any]:
    assert ended.how == "exited", ended
    assert ended.exit_code == 0, ended
    assert ended.lines[-1]["event"] == "end", ended
    return ended.lines[-1]


def readings(ended: Ended) -> dict[str, dict[str, Any]]:
    return {line["metric"]: line for line in events(ended, "reading")}


def test_a_benchmark_is_measured(bench: Bench, python: Path) -> None:
    bench.write(
        """
        import project
        def make(size): return list(range(size))
        @benchmark(params={"size": [10, 1000]}, setup=make)
        def work(numbers): return sorted(numbers, key=lambda n: -n)
        """
    )
    (bench.root / "project.py").write_text("")
    ended = bench.run(
        python=python, parameters={"size": "200"}, package="project", counts=["instructions"]
    )
    assert end(ended)["state"] == "measured"
    (hello,) = events(ended, "hello")
    assert hello["python"].startswith("cpython-3.")
    assert hello["imported_from"] == str(bench.root / "project.py")
    assert hello["threads"] >= 1
    measured = readings(ended)
    assert len(measured["time"]["samples"]) == 3
    assert measured["time"]["loops"] >= 1
    assert measured["time"]["warmup"]
    assert measured["peak_memory"]["samples"][0] > 1 << 20
    assert measured["instructions"]["exact"]
    assert measured["instructions"]["samples"][0] > 200
    assert not events(ended, "garbage")


def test_a_suite_is_described(bench: Bench, python: Path) -> None:
    bench.write("@benchmark(params={'text': ['ä', 'b']})\ndef work(text): ...")
    ended = bench.run(python=python, mode="discover")
    assert end(ended)["state"] == "measured"
    (described,) = events(ended, "benchmark")
    assert described["name"] == "work"
    assert described["axes"] == [{"name": "text", "values": ["'ä'", "'b'"], "open": True}]


def test_the_count_is_the_same_in_every_process(bench: Bench, python: Path) -> None:
    bench.write(
        """
        @benchmark
        def work():
            words = {"word%d" % i for i in range(50)}
            return [word for word in words if word < "word3"]
        """
    )
    counts = {
        readings(
            bench.run(
                python=python, counts=["instructions"], environment={"PYTHONHASHSEED": str(seed)}
            )
        )["instructions"]["samples"][0]
        for seed in (1, 2, 3)
    }
    assert len(counts) == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise ValueError('text\\nmore')", "ValueError: text"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("import project; project.gone()", "AttributeError: module 'project' has no attribute"),
        ("import nowhere_to_be_found", "ModuleNotFoundError: No module named"),
        ("def deep(): deep()\n    deep()", "RecursionError: maximum recursion depth"),
    ],
)
def test_what_a_benchmark_raises_is_the_reason(bench: Bench, body: str, reason: str) -> None:
    (bench.root / "project.py").write_text("")
    bench.write(f"@benchmark\ndef work():\n    {body}\n")
    ended = bench.run()
    assert end(ended)["state"] == "benchmark-failed"
    assert end(ended)["reason"].startswith(reason)
    assert "Traceback" in ended.output
    assert events(ended, "hello")
    assert not readings(ended)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import nowhere_to_be_found", "ModuleNotFoundError: No module named 'nowhere"),
        ("from json import nothing_like_it", "ImportError: cannot import name 'nothing_like_it'"),
        ("def work(:", "SyntaxError: "),
        ("raise SystemExit", "SystemExit"),
        ("", "LookupError: the suite has no benchmark 'work' here"),
    ],
)
def test_a_suite_that_cannot_be_opened(bench: Bench, text: str, reason: str) -> None:
    bench.write(text)
    ended = bench.run()
    assert end(ended)["state"] == "benchmark-failed"
    assert end(ended)["reason"].startswith(reason)


def test_a_package_that_is_not_there(bench: Bench) -> None:
    bench.write("@benchmark\ndef work(): ...")
    ended = bench.run(package="renamed_since")
    assert end(ended)["reason"] == "ModuleNotFoundError: No module named 'renamed_since'"


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("float('nan')", "lateness: the benchmark returned nan"),
        ("-1", "lateness: the benchmark returned a negative time, -1"),
        ("[]", "lateness: the benchmark returned no samples"),
        ("None", "lateness: the benchmark returned NoneType, which is no number"),
    ],
)
def test_what_is_no_number(bench: Bench, number: str, reason: str) -> None:
    bench.write(f"@benchmark(metric='lateness', unit='s')\ndef work(): return {number}")
    assert end(bench.run())["state"] == "benchmark-failed"
    assert end(bench.run())["reason"] == reason


@pytest.mark.parametrize(
    ("body", "exit_code"),
    [
        ("import os; os._exit(5)", 5),
        ("import ctypes; ctypes.string_at(0)", -11),
        ("import os; os.kill(os.getpid(), 9)", -9),
    ],
)
def test_a_process_that_leaves_has_no_last_line(bench: Bench, body: str, exit_code: int) -> None:
    bench.write(f"@benchmark\ndef work():\n    {body}\n")
    ended = bench.run()
    assert (ended.how, ended.exit_code) == ("exited", exit_code)
    assert not events(ended, "end")


def test_a_benchmark_that_never_ends(bench: Bench) -> None:
    bench.write("import time\n@benchmark\ndef work(): time.sleep(1000)")
    ended = bench.run(limits=Limits(timeout=1))
    assert ended.how == "timed-out"
    assert not events(ended, "end")


@pytest.mark.parametrize(
    "body",
    [
        'print(\'{"event": "end", "state": "garbage"}\' * 100)',
        "import os; os.write(1, bytes(range(256)))",
        "import os; os.close(1); os.close(2)",
        "import sys; sys.stdout.close(); sys.stderr.close()",
        "import os; os.closerange(3, 512)",
        "import threading; threading.Thread(target=threading.Event().wait).start()",
        "import atexit; atexit.register(lambda: 1 / 0)",
        "import sys; sys.stdout = None",
        "import os; os.environ.clear()",
        "import os; os.chdir('/')",
    ],
)
def test_a_rude_benchmark_is_measured_all_the_same(bench: Bench, body: str) -> None:
    bench.write(
        f"done = []\n@benchmark\ndef work():\n    if done: return\n    done.append(1)\n    {body}\n"
    )
    ended = bench.run(counts=["instructions"])
    assert end(ended)["state"] == "measured", ended
    assert {"time", "instructions"} <= set(readings(ended)), ended


def test_a_forked_child_that_comes_back_says_nothing(bench: Bench) -> None:
    bench.write(
        """
        import os
        first = []
        @benchmark
        def work():
            if not first:
                first.append(os.fork())
        """
    )
    ended = bench.run()
    assert end(ended)["state"] == "measured"
    assert len(events(ended, "end")) == len(events(ended, "hello")) == 1


def test_the_suite_sees_nothing_of_the_worker(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "hunter2")
    bench.write(
        """
        import os, sys
        assert "hunter2" not in os.environ.values()
        assert "TRACKER_RESULTS_FD" not in os.environ
        assert not any(path.endswith("worker") for path in sys.path), sys.path
        assert len(sys.argv) == 1
        for name in ("json", "re", "typing", "subprocess", "inspect", "traceback"):
            assert name not in sys.modules or name in before, name
        try:
            import task, channel
        except ImportError:
            pass
        else:
            raise AssertionError("the worker's modules shadow")
        @benchmark
        def work(): ...
        """
    )
    text = self_before() + bench.suite.read_text(encoding="utf-8")
    bench.suite.write_text(text, encoding="utf-8")
    ended = bench.run()
    assert end(ended)["state"] == "measured", ended.output


def self_before() -> str:
    """What an interpreter has loaded before it runs anything."""
    loaded = subprocess.run(
        [sys.executable, "-s", "-c", "import sys; print(sorted(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return f"before = {loaded}\n"


def test_threads_are_read_back(bench: Bench) -> None:
    bench.write("@benchmark\ndef work(): ...")
    ended = bench.run(environment={"OMP_NUM_THREADS": "3", "MKL_NUM_THREADS": "2"})
    assert end(ended)["threads"] == 3
    assert events(ended, "hello")[0]["thread_settings"] == {
        "OMP_NUM_THREADS": "3",
        "MKL_NUM_THREADS": "2",
    }


def test_a_count_that_fails_is_a_flag(bench: Bench) -> None:
    bench.write(
        """
        import os, sys
        @benchmark
        def work():
            if os.environ.get("PYTHONHASHSEED") == "0":
                os._exit(4)
        """
    )
    ended = bench.run(counts=["instructions"])
    assert end(ended)["state"] == "measured"
    assert {
        "event": "flag",
        "name": "not-counted",
        "reason": "ended with exit code 4",
    } in ended.lines
    assert "instructions" not in readings(ended)


def test_an_early_stop_keeps_its_sample(bench: Bench) -> None:
    bench.write("import time\n@benchmark\ndef work(): time.sleep(0.05)")
    ended = bench.run(protocol={"preflight_seconds": 0.01}, counts=["instructions"])
    assert end(ended)["state"] == "early-stopped"
    assert len(readings(ended)["time"]["samples"]) == 1
    assert "instructions" not in readings(ended)


def test_an_unknown_harness_or_mode_ends_with_a_reason(bench: Bench) -> None:
    bench.write("")
    assert end(bench.run(harness="abacus"))["state"] == "benchmark-failed"
    assert end(bench.run(mode="guess"))["state"] == "benchmark-failed"


# counts, and the package itself -------------------------------------------------------------


def test_machine_instructions_by_cachegrind_are_the_same_again(bench: Bench) -> None:
    if shutil.which("valgrind") is None:
        pytest.skip("valgrind is not installed")
    bench.write(
        """
        @benchmark(params={"n": [100, 200]})
        def work(n):
            return sum(i * i for i in range(n))
        """
    )

    def counted(n: int) -> int:
        ended = bench.run(parameters={"n": str(n)}, counts=["cachegrind"])
        return int(readings(ended)["cachegrind_instructions"]["samples"][0])

    once, again, twice = counted(100), counted(100), counted(200)
    assert abs(once - again) < 0.02 * once
    assert 1.5 < twice / once < 2.2


def test_allocations_of_a_call_are_counted(bench: Bench) -> None:
    bench.write("@benchmark\ndef work():\n    return [0] * 100_000\n")
    given = readings(bench.run(counts=["allocations"]))["allocated_memory"]
    assert given["exact"]
    assert 800_000 <= given["samples"][0] < 820_000


def test_what_the_machine_cannot_count_is_left_out(bench: Bench) -> None:
    bench.write("@benchmark\ndef work():\n    return 1\n")
    ended = bench.run(counts=["machine_instructions"])
    assert ended.lines[-1]["state"] == "measured"
    given = readings(ended).get("machine_instructions")
    assert given is None or given["samples"][0] > 0


def test_the_import_of_the_package_is_timed_in_a_fresh_process(bench: Bench, python: Path) -> None:
    (bench.root / "project.py").write_text("import time; time.sleep(0.05)")
    ended = bench.run(
        "package", python=python, harness="package", package="project", installed_bytes=1234
    )
    given = readings(ended)
    assert given["import_time"]["samples"][0] >= 0.05
    assert given["installed_bytes"]["samples"] == [1234]
    assert ended.lines[0]["imported_from"].endswith("project.py")
    unknown = bench.run("package", python=python, harness="package")
    assert unknown.lines[-1]["state"] == "unsupported"


def test_threads_are_read_back_from_what_is_loaded(bench: Bench) -> None:
    bench.write(
        """
        import numpy
        @benchmark
        def work():
            return numpy.ones(3)
        """
    )
    for asked, environment in (
        (1, {"OPENBLAS_NUM_THREADS": "1"}),
        (7, {"OPENBLAS_NUM_THREADS": "1"}),
    ):
        ended = bench.run(threads=asked, environment=environment)
        flags = {line["name"] for line in ended.lines if line["event"] == "flag"}
        assert ended.lines[-1]["threads"] == 1
        assert ("threads-not-as-asked" in flags) == (asked != 1)


def test_a_quality_tells_its_data_and_its_answers(bench: Bench, python: Path) -> None:
    bench.suite = bench.root / "a suite's ñame"
    bench.suite.mkdir()
    (bench.suite / "reference.json").write_text("[[1, 2], [3, 4]]")
    (bench.suite / "checks.py").write_text(
        dedent(
            """
            from tracker import benchmark, quality

            @benchmark(kind="quality", metric="error", params={"batch": [1], "rows": [1, 2]},
                       dataset=quality.dataset("rows", ["ä", "b"], of=9))
            def output(batch, rows):
                made = [[1, 2], [3, 4.5]][:rows]
                error = quality.absolute_error(made, quality.stored("reference.json"))
                return {"value": error, "samples": {"ä": True, "b": 4.5}}
            """
        ),
        encoding="utf-8",
    )

    def run(**parameters: str) -> Ended:
        return bench.run("checks.output", python=python, parameters=parameters)

    ended = run(batch="1", rows="2")
    (error,) = events(ended, "reading")
    assert (error["kind"], error["samples"]) == ("quality", [0.5])
    assert error["answers"] == {"ä": "True", "b": "4.5"}
    told = end(ended)
    assert told["neutral"] == ["batch"]
    assert told["dataset"].startswith("rows@2:")
    other = end(run(batch="1", rows="1"))
    assert other["state"] == "benchmark-failed"
    assert other["reason"] == ("ValueError: the output has the shape (1, 2), the reference (2, 2)")
    larger = end(run(batch="3", rows="2"))
    assert larger["state"] == "unsupported"


def test_members_of_one_start_end_alone_and_leave_nothing(bench: Bench, python: Path) -> None:
    bench.write(
        """
        import os, signal, subprocess, sys, time
        print("imported", end=";")
        os.close(2)
        @benchmark
        def leaves(): os._exit(3)
        @benchmark
        def crashes(): os.kill(os.getpid(), signal.SIGABRT)
        @benchmark
        def hangs():
            with open("left", "w") as file:
                file.write(str(subprocess.Popen(["sleep", "60"]).pid))
            time.sleep(60)
        @benchmark
        def raises():
            print("before the end")
            sys.exit(4)
        @benchmark(metric="running", unit="-")
        def after():
            with open("left") as file:
                number = file.read()
            for _ in range(100):
                try:
                    with open("/proc/%s/stat" % number) as stat:
                        if stat.read().rpartition(")")[2].split()[0] == "Z":
                            return 0
                except OSError:
                    return 0
                time.sleep(0.05)
            return 1
        @benchmark
        def works(): print("x" * 9000)
        """
    )
    names = ["leaves", "crashes", "hangs", "raises", "after", "works"]
    timeouts = {"hangs": 0.5}
    members = [
        {**bench.job(name), "timeout": timeouts.get(name, 30), "counts": ["instructions"]}
        for name in names
    ]
    ended = bench.run("", python=python, mode="together", members=members)
    assert end(ended)["state"] == "measured"
    found = dict(zip(names, each(ended, len(names)), strict=True))
    ways = {name: (one.how, one.exit_code) for name, one in found.items() if one}
    assert ways == {
        "leaves": ("exited", 3),
        "crashes": ("exited", -signal.SIGABRT),
        "hangs": ("timed-out", -signal.SIGKILL),
        **dict.fromkeys(("raises", "after", "works"), ("exited", 0)),
    }
    told = {name: one for name, one in found.items() if one and one.lines[-1]["event"] == "end"}
    assert {name: one.lines[-1]["state"] for name, one in told.items()} == {
        "raises": "benchmark-failed",
        "after": "measured",
        "works": "measured",
    }
    assert "before the end\n" in told["raises"].output
    assert "SystemExit: 4" in told["raises"].output
    assert not any("imported" in one.output for one in found.values() if one)
    assert told["works"].output.endswith("xxx\n")
    assert readings(told["after"])["running"]["samples"] == [0]
    assert readings(told["works"])["instructions"]["exact"]


def test_a_start_that_hangs_ends_when_one_of_them_would(bench: Bench) -> None:
    bench.write("import time\ntime.sleep(60)")
    members = [{**bench.job(name), "timeout": 0.3} for name in ("a", "b")]
    ended = bench.run("", mode="together", members=members)
    assert (ended.how, ended.exit_code) == ("exited", 1)
    assert "time.sleep" in ended.output or "suite" in ended.output
    assert not begun(ended)
