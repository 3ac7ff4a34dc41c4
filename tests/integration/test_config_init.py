"""``tracker init`` in real repositories, and what its files mean to the rest."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support.histories import git
from tracker.cli.init import init
from tracker.config.compose import load
from tracker.config.settings import Settings
from tracker.errors import ConfigurationError, RepositoryError, UsageError
from tracker.harnesses.registry import harness

PYPROJECT = '[project]\nname = "Demo-Pkg"\nversion = "1"\n'


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    path = tmp_path / "my pröject's"
    path.mkdir()
    git(path, "init", "-q")
    return path


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def called(*arguments: str | Path) -> Result:
    return CliRunner().invoke(init, [str(one) for one in arguments], catch_exceptions=False)


def settings_of(root: Path) -> Settings:
    return load(config=root / "tracker.yaml", overrides=[], root=root)


def test_a_project_without_a_suite_gets_one_that_works(repository: Path) -> None:
    write(repository, {"pyproject.toml": PYPROJECT, "src/demo_pkg/__init__.py": ""})
    result = called(repository)
    assert "found no suite" in result.output
    assert "tracker plan" in result.output
    settings = settings_of(repository)
    assert (settings.project.name, settings.project.package) == ("Demo-Pkg", "demo_pkg")
    suite = harness("python").outline(settings.suite, Path(settings.suite.path))
    assert [benchmark.name for benchmark in suite.benchmarks] == ["sort_numbers", "first_import"]
    assert suite.complete
    # the file is Python that runs
    subprocess.run([sys.executable, settings.suite.path], check=True, cwd=Path(__file__).parents[2])


def test_a_suite_of_asv_is_followed(repository: Path) -> None:
    write(
        repository,
        {
            "setup.py": "",
            "demo/__init__.py": "",
            "asv.conf.json": '{"project": "demo", "repo": "https://host/demo", // upstream\n'
            '"branches": ["trunk"], "benchmark_dir": "speed", "pythons": ["2.7"],'
            '"matrix": {"req": {"six": []}}}',
            "speed/__init__.py": "",
            "speed/bench_x.py": "def time_it():\n    pass\n",
        },
    )
    result = called(repository)
    assert "found a suite of asv: asv.conf.json is there" in result.output
    assert "asv uses Python 2.7" in result.output
    settings = settings_of(repository)
    assert settings.suite.harness == "asv"
    assert settings.suite.path == str(repository / "speed")
    assert settings.project.branch == "trunk"
    assert settings.project.repository == "."
    assert settings.environment.requires == ("six",)
    assert not (repository / "benchmarks").exists()


def test_how_asv_builds_is_followed(repository: Path) -> None:
    conf = {
        "project": "demo",
        "repo": "..",
        "build_command": ["make 'a ${{HOME}}'", "MODE=x {conf_dir}/build {build_cache_dir}"],
        "install_command": ["in-dir={env_dir} python -mpip install {wheel_file}"],
    }
    files = {"asv/asv.conf.json": json.dumps(conf), "asv/benchmarks/b.py": "def time_it(): ...\n"}
    write(repository, files)
    assert "_command" not in called(repository).output
    environment = settings_of(repository).environment
    assert environment.commands == (
        ("make 'a ${{HOME}}'", "MODE=x {conf_dir}/asv/build {build_cache_dir}"),
        (),
    )


def test_tests_of_pytest_benchmark_are_found(repository: Path) -> None:
    test = "def test_sort(benchmark):\n    benchmark(sorted, [3, 1])\n"
    write(repository, {"pyproject.toml": PYPROJECT, "tests/test_speed.py": test})
    assert "found a suite of pytest-benchmark" in called(repository).output
    settings = settings_of(repository)
    assert settings.suite.harness == "pytest-benchmark"
    assert settings.environment.requires == ("pytest", "pytest-benchmark")


def test_what_is_there_is_not_written_over(repository: Path) -> None:
    write(repository, {"tracker.yaml": "mine", "benchmarks/suite.py": "# mine"})
    with pytest.raises(UsageError, match="already"):
        called(repository)
    assert (repository / "tracker.yaml").read_text() == "mine"
    assert "kept" in called("--force", repository).output
    assert (repository / "tracker.yaml").read_text() != "mine"
    assert (repository / "benchmarks/suite.py").read_text() == "# mine"


def test_a_project_in_a_subdirectory(repository: Path) -> None:
    write(repository, {"pakete/eins/setup.cfg": "[metadata]\nname = eins\n"})
    write(repository, {"pakete/eins/eins.py": "", "pakete/eins/setup.py": ""})
    called(repository / "pakete/eins")
    settings = settings_of(repository / "pakete/eins")
    assert settings.project.subdirectory == "pakete/eins"
    assert settings.project.package == "eins"


def test_a_project_that_says_nothing(repository: Path) -> None:
    assert "no pyproject.toml or setup.py" in called(repository).output
    settings = settings_of(repository)
    assert settings.project.name == repository.name
    assert settings.project.package == ""


def test_not_a_repository(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="is not in a git repository") as caught:
        called(tmp_path)
    assert "tracker init path/to/project" in caught.value.hint
    with pytest.raises(RepositoryError, match="does not exist"):
        called(tmp_path / "nowhere")


def test_metadata_that_cannot_be_read(repository: Path) -> None:
    write(repository, {"pyproject.toml": "[project\n"})
    with pytest.raises(ConfigurationError, match="metadata"):
        called(repository)
    assert not (repository / "tracker.yaml").exists()


def test_help_has_examples() -> None:
    assert "tracker init path/to/project" in called("--help").output
