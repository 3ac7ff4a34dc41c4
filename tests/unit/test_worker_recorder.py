"""What scripts meet in the place of their recorder."""

import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from typing import Any

import pytest

from tracker.worker.protocol import carry_out
from tracker.worker.recorder.recorder import MetricsRecorder, Record, recorder_of
from tracker.worker.recorder.suite import RecorderSuite, open_suite
from tracker.worker.task import Failed


class Told:
    """What left the process."""

    def __init__(self) -> None:
        self.samples: list[tuple[str, str, str, float]] = []
        self.facts: dict[str, Any] = {}

    def sample(self, metric: str, unit: str, direction: str, value: float) -> None:
        self.samples.append((metric, unit, direction, value))

    def about(self, **facts: Any) -> None:
        self.facts |= facts

    @property
    def values(self) -> dict[str, float]:
        return {metric: value for metric, _, _, value in self.samples}


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def record(told: Told) -> Record:
    record = Record()
    record.teller = told
    return record


@pytest.fixture
def recorder(record: Record) -> MetricsRecorder:
    return recorder_of(record)(None, logging.getLogger("x"), "branch", "id", "message")


def test_a_measurement_leaves_at_once(recorder: MetricsRecorder, told: Told) -> None:
    number = recorder.initialise_benchmark({"gpu_name": "none", "model_id": "tiny"})
    assert told.facts == {"metadata": {"gpu_name": "none", "model_id": "tiny"}}
    recorder.collect_model_measurements(number, {"load_secs": 1.5})
    recorder.collect_model_measurements(number, {"load_secs": 2, "tokens_per_sec": 7.0})
    assert told.samples == [
        ("load_secs", "s", "lower", 1.5),
        ("load_secs", "s", "lower", 2),
        ("tokens_per_sec", "1/s", "higher", 7.0),
    ]


def test_metadata_that_json_does_not_have(recorder: MetricsRecorder, told: Told) -> None:
    with pytest.raises(TypeError, match="a dict, not list"):
        recorder.initialise_benchmark([])  # type: ignore[arg-type]
    given: dict[str, Any] = {"path": Path("a"), "sizes": (1, 2.5), "bad": float("nan")}
    recorder.initialise_benchmark({**given, "text": "a\0\ud800"})
    assert told.facts["metadata"] == {
        "path": "a",
        "sizes": [1, 2.5],
        "bad": "nan",
        "text": "a\ufffd?",
    }


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("bad_secs", float("nan"), "bad_secs: the benchmark returned nan"),
        ("bad_secs", -1.0, "bad_secs: the benchmark returned a negative time"),
        ("bad", None, "bad: the benchmark returned NoneType, which is no number"),
        ("bad", "1.0", "bad: the benchmark returned str, which is no number"),
        ("bad", True, "bad: the benchmark returned bool, which is no number"),
        (7, 1.0, "7: this is no name for a measurement"),
        (" ", 1.0, "this is no name for a measurement"),
        ("a\0", 1.0, "this is no name for a measurement"),
    ],
)
def test_what_is_no_measurement_is_refused_after_the_others(
    recorder: MetricsRecorder, record: Record, told: Told, key: Any, value: Any, says: str
) -> None:
    number = recorder.initialise_benchmark({})
    with pytest.raises(ValueError, match=says):
        recorder.collect_model_measurements(number, {"a": 1.0, key: value, "b": 2.0})
    assert told.values == {"a": 1.0, "b": 2.0}
    assert says in record.failure()


def test_one_script_is_one_benchmark(recorder: MetricsRecorder) -> None:
    assert recorder.initialise_benchmark({"model_id": "a"}) == 1
    assert recorder.initialise_benchmark({"model_id": "a"}) == 1
    with pytest.raises(ValueError, match="script of its own"):
        recorder.initialise_benchmark({"model_id": "b"})
    with pytest.raises(ValueError, match="no benchmark 2"):
        recorder.collect_model_measurements(2, {"a": 1.0})


def test_nothing_is_taken_before_and_after(
    recorder: MetricsRecorder, record: Record, told: Told
) -> None:
    with pytest.raises(ValueError, match="no benchmark 1"):
        recorder.collect_model_measurements(1, {"a": 1.0})
    recorder.initialise_benchmark({})
    record.close()
    with pytest.raises(RuntimeError, match="while run_benchmark runs"):
        recorder.collect_device_measurements(1, 1.0, 1.0, 1.0, 1.0)
    assert told.samples == []


def test_devices_are_summed_up(recorder: MetricsRecorder, record: Record, told: Told) -> None:
    number = recorder.initialise_benchmark({})
    recorder.collect_device_measurements(number, 0.0, 100.0, None, float("nan"))  # type: ignore[arg-type]
    recorder.collect_device_measurements(number, 50.0, 300.0, None, 5)  # type: ignore[arg-type]
    recorder.collect_model_measurements(number, {"a": 1.0})
    record.close()
    assert told.facts["device_measurements"] == {
        "cpu_util": {"count": 2, "mean": 25.0, "max": 50.0},
        "mem_megabytes": {"count": 2, "mean": 200.0, "max": 300.0},
        "gpu_mem_megabytes": {"count": 1, "mean": 5.0, "max": 5},
    }
    assert set(told.values) == {"a", "peak_memory"}
    assert told.values["peak_memory"] > 2**20


@pytest.fixture(autouse=True)
def _imports_as_before() -> Iterator[None]:
    modules, path, finders = set(sys.modules), list(sys.path), list(sys.meta_path)
    logger = logging.getLogger("benchmarks_entrypoint")
    yield
    logger.handlers.clear()
    sys.path[:], sys.meta_path[:] = path, finders
    for name in set(sys.modules) - modules:
        del sys.modules[name]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    place = tmp_path / "naïve 'scripts'"
    (place / "benches").mkdir(parents=True)
    return place


def write(place: Path, name: str, text: str) -> None:
    (place / name).write_text(dedent(text), encoding="utf-8")


def opened(place: Path, benchmark: str) -> RecorderSuite:
    return open_suite({"suite": str(place), "benchmark": benchmark})


def run(suite: RecorderSuite, benchmark: str, **parameters: str) -> Told:
    told = Told()
    task = suite.task(benchmark, parameters)
    task.teller = told  # type: ignore[assignment]
    outcome = carry_out(task, {})
    assert (outcome.state, outcome.readings) == ("measured", [])
    return told


OF_ALL_REVISIONS = [
    """
    from benchmark.benchmarks_entrypoint import MetricsRecorder
    def run_benchmark(logger, metrics_recorder: MetricsRecorder, tokens=100):
        number = metrics_recorder.initialise_benchmark({})
        metrics_recorder.collect_model_measurements(number, {"tokens": tokens})
    """,
    """
    from benchmarks_entrypoint import MetricsRecorder
    import no_such_database_driver as psycopg2
    def run_benchmark(logger, branch, commit_id, commit_msg, tokens=100):
        recorder = MetricsRecorder(
            psycopg2.connect("dbname=metrics"), logger, branch, commit_id, commit_msg
        )
        number = recorder.initialise_benchmark({"gpu_name": "none"})
        recorder.collect_model_measurements(number, {"tokens": tokens})
        recorder.close()
    """,
    """
    import os, sys
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    from benchmarks_entrypoint import MetricsRecorder
    def run_benchmark(
        logger, repository, branch, commit_id, commit_msg, metrics_recorder=None, tokens=100
    ):
        assert isinstance(metrics_recorder, MetricsRecorder)
        assert repository + branch + commit_id + commit_msg == ""
        number = metrics_recorder.initialise_benchmark({})
        metrics_recorder.collect_model_measurements(number, {"tokens": tokens})
    """,
    """
    from benchmarks_entrypoint import MetricsRecorder
    def run_benchmark(logger, tokens=100):
        recorder = MetricsRecorder(None, logger, "here", "main", "abc", "A message", True)
        number = recorder.initialise_benchmark({"gpu_name": "none"})
        recorder.collect_device_measurements(number, 50.0, 100.0, None, None)
        recorder.collect_model_measurements(number, {"tokens": tokens})
        recorder.export_to_csv("benchmark_results")
        recorder.close()
    """,
]


@pytest.mark.parametrize("parameters", [{}, {"tokens": "7"}])
@pytest.mark.parametrize("text", OF_ALL_REVISIONS)
def test_scripts_of_every_revision_run(
    place: Path, text: str, parameters: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # what a project keeps under the name of the recorder is not asked
    write(place, "benchmarks_entrypoint.py", "raise AssertionError")
    # here psycopg2 may be installed: the stand-in is for where it is not
    from tracker.worker import stand_ins
    from tracker.worker.recorder import suite as recorder_suite

    driver = {"no_such_database_driver": stand_ins.PSYCOPG2}
    monkeypatch.setattr(recorder_suite, "PROVIDED", recorder_suite.PROVIDED | driver)
    write(place, "benches/llama.py", text)
    told = run(opened(place, "benches/llama"), "benches/llama", **parameters)
    assert told.values["tokens"] == int(parameters.get("tokens", 100))


@pytest.mark.parametrize(("initialized", "device"), [(True, "cuda"), (False, "cpu")])
def test_what_computed_is_read_back(
    place: Path, initialized: bool, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = SimpleNamespace(cuda=SimpleNamespace(is_initialized=lambda: initialized))
    monkeypatch.setitem(sys.modules, "torch", torch)
    write(place, "llama.py", OF_ALL_REVISIONS[0])
    task = opened(place, "llama").task("llama", {})
    task.teller = Told()  # type: ignore[assignment]
    carry_out(task, {})
    assert (task.backend, task.device) == ("torch", device)


def test_scripts_are_described(place: Path) -> None:
    write(place, "first.py", "def run_benchmark(logger, size=3, name='a'): ...")
    write(place, "helper.py", "")
    write(place, "_shared.py", "raise AssertionError")
    first, second = open_suite({"suite": str(place)}).describe() * 2
    assert first == second
    assert first["name"] == "first"
    assert first["axes"] == [
        {"name": "size", "values": ["3"], "open": True},
        {"name": "name", "values": ["'a'"], "open": True},
    ]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("pass", "the script ended without a measurement"),
        (
            "logger.error('Caught exception: no CUDA\\nmore')",
            "the script ended without a measurement; it logged: Caught exception: no CUDA",
        ),
        (
            """
            number = metrics_recorder.initialise_benchmark({})
            metrics_recorder.collect_model_measurements(number, {"a": 1.0})
            logger.error("Caught exception: %s", "late")
            """,
            "the script logged an error: Caught exception: late",
        ),
        (
            """
            number = metrics_recorder.initialise_benchmark({})
            try:
                metrics_recorder.collect_model_measurements(number, {"a": 1.0, "b": None})
            except ValueError:
                pass
            """,
            "b: the benchmark returned NoneType",
        ),
    ],
)
def test_a_script_that_swallows_its_failure_has_failed(place: Path, body: str, says: str) -> None:
    text = "def run_benchmark(logger, metrics_recorder):\n"
    text += "".join(f"    {line}\n" for line in dedent(body).strip().splitlines())
    write(place, "llama.py", text)
    with pytest.raises(Failed, match=says):
        run(opened(place, "llama"), "llama")


def test_what_the_suite_lacks(place: Path) -> None:
    write(place, "llama.py", "def run_benchmark(logger, size=3): ...")
    suite = opened(place, "llama")
    with pytest.raises(LookupError, match="no script 'gone'"):
        suite.task("gone", {})
    with pytest.raises(LookupError, match=r"takes the parameters \['size'\], not \['deep'\]"):
        suite.task("llama", {"deep": "1"})
