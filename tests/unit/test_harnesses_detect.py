from pathlib import Path

import pytest

from tracker.harnesses.detect import detect


@pytest.fixture
def project(tmp_path: Path) -> Path:
    project = tmp_path / "größe 'x'"
    project.mkdir()
    return project


def write(project: Path, **files: str) -> None:
    """Files by path, with ``__`` for a slash and ``_dot_`` for a dot."""
    for name, text in files.items():
        path = project / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def found(project: Path) -> list[tuple[str, str]]:
    return [(one.harness, one.path.relative_to(project).as_posix()) for one in detect(project)]


def test_nothing(project: Path) -> None:
    write(project, tests__test_it_dot_py="def test_it(): ...", broken_dot_py="def (")
    assert detect(project) == ()


def test_a_configuration_of_asv_near_the_top(project: Path) -> None:
    write(project, asv_bench__asv_dot_conf_dot_json="{}", deep__er__asv_dot_conf_dot_json="{}")
    assert found(project) == [("asv", "asv_bench/asv.conf.json")]
    assert detect(project)[0].evidence == "asv_bench/asv.conf.json is there"


def test_a_python_suite(project: Path) -> None:
    text = "from tracker import benchmark\n@benchmark\ndef it(): ...\n"
    write(project, benchmarks__suite_dot_py=text)
    assert found(project) == [("python", "benchmarks/suite.py")]
    write(project, benchmarks__more_dot_py="")
    assert found(project) == [("python", "benchmarks")]


def test_scripts_for_a_metrics_recorder(project: Path) -> None:
    script = "from benchmarks_entrypoint import MetricsRecorder\ndef run_benchmark(logger): ...\n"
    write(project, benchmark__benches__llama_dot_py=script, benchmark__benchmark_dot_py="")
    assert found(project) == [("metrics-recorder", "benchmark")]
    assert detect(project)[0].evidence == (
        "benchmark/benches/llama.py hands measurements to a metrics recorder"
    )


def test_tests_that_measure(project: Path) -> None:
    write(
        project,
        tests__deep__test_it_dot_py="def test_it(benchmark): ...",
        tests__test_broken_dot_py="benchmark (",
        pyproject_dot_toml='[x]\ndev = ["pytest-benchmark>=4"]\n',
    )
    assert found(project) == [("pytest-benchmark", "tests")]
    assert detect(project)[0].evidence == (
        "tests/deep/test_it.py uses the fixture `benchmark`, "
        "and pyproject.toml names pytest-benchmark"
    )
