import json
from pathlib import Path

import pytest

from tracker.config.commands import command_line
from tracker.errors import ConfigurationError
from tracker.harnesses.asv_configuration import (
    AsvConfiguration,
    left_out,
    read_asv_conf,
    settings_from,
)

FULL = r"""{
    // The version of the config file format.
    "version": 1,
    "project": "sample",  /* not "this" // one */
    "repo": "..",
    "repo_subdir": "python",
    "branches": ["main", "next"],
    "dvcs": "git",
    "benchmark_dir": "bench /* marks",
    "pythons": ["3.8", "3.12", "pypy3.9"],
    "show_commit_url": "https://example.org/commit/",
    "build_command": ["python -m build",
                      "python -c \"print('//')\"",],
    "install_command": "in-dir={env_dir} python -mpip install {wheel_file}",
    "matrix": {
        "req": {"numpy": ["1.26", "2.0"], "six": [""], "gone": [null], "pip+attrs": [">=23"]},
        "env": {"MODE": ["fast"]},
        "env_nobuild": {"LEVEL": ["1", null]},
    },
    "hash_length": 8,
}
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    place = tmp_path / "größe 'x'" / "asv"
    place.mkdir(parents=True)
    return place


def read(place: Path, text: str) -> AsvConfiguration:
    path = place / "asv.conf.json"
    path.write_text(text, encoding="utf-8")
    return read_asv_conf(path)


def test_all_that_matters_is_read(place: Path) -> None:
    conf = read(place, FULL)
    assert conf == AsvConfiguration(
        path=place / "asv.conf.json",
        project="sample",
        repo="..",
        repo_subdir="python",
        branches=("main", "next"),
        benchmark_dir="bench /* marks",
        pythons=("3.8", "3.12", "pypy3.9"),
        requirements={
            "numpy": ("1.26", "2.0"),
            "six": ("",),
            "gone": (None,),
            "pip+attrs": (">=23",),
        },
        environment={"MODE": ("fast",)},
        environment_nobuild={"LEVEL": ("1", None)},
        build_command=("python -m build", "python -c \"print('//')\""),
        install_command=("in-dir={env_dir} python -mpip install {wheel_file}",),
        show_commit_url="https://example.org/commit/",
    )


def test_it_becomes_a_configuration_of_the_tracker(place: Path) -> None:
    conf = read(place, FULL)
    assert settings_from(conf, root=place.parent) == {
        "project": {
            "name": "sample",
            "repository": ".",
            "subdirectory": "python",
            "branch": "main",
            "commit_url": "https://example.org/commit/{sha}",
        },
        "suite": {"name": "sample", "harness": "asv", "path": "asv/bench /* marks"},
        "environment": {
            "build_command": ["python -m build", "python -c \"print('//')\""],
            "pythons": ["3.8", "3.12"],
            "requires": ["numpy==2.0", "six", "attrs>=23"],
        },
    }
    assert settings_from(conf)["project"]["repository"] == ".."
    assert [sentence.split()[0] for sentence in left_out(conf)] == [
        "only",
        "the",
        "of",
    ]


@pytest.mark.parametrize(
    "build",
    [
        [
            "python setup.py build",
            "python -mpip wheel --no-deps --no-index -w {build_cache_dir} {build_dir}",
        ],
        [
            "PIP_NO_BUILD_ISOLATION=false python -m build",
            "python -mpip wheel -w {build_cache_dir} {build_dir}",
        ],
    ],
)
def test_what_asv_would_do_anyway_is_not_configured(place: Path, build: list[str]) -> None:
    conf = {"project": "x", "repo": ".", "build_command": build}
    conf["install_command"] = "in-dir={env_dir} python -mpip install {wheel_file} --force-reinstall"
    assert settings_from(read(place, json.dumps(conf)))["environment"] == {}


def test_commands_that_know_their_place_know_it_from_elsewhere(place: Path) -> None:
    conf = {"project": "x", "repo": ".", "install_command": "{conf_dir}/install {build_dir}"}
    told = settings_from(read(place, json.dumps(conf)), root=place.parent.parent)
    (text,) = told["environment"]["install_command"]
    words = command_line(text).words
    assert words == ("{conf_dir}/größe 'x'/asv/install", "{build_dir}")


def test_a_command_that_cannot_be_run_is_told_with_its_place(place: Path) -> None:
    conf = '{"project": "x", "repo": ".", "build_command": "make {build_dri}"}'
    with pytest.raises(ConfigurationError) as raised:
        read(place, conf)
    (problem,) = raised.value.problems
    assert problem.where.endswith("asv.conf.json: build_command")
    assert problem.message == "has {build_dri}, which nothing fills in"
    assert problem.hint == "did you mean 'build_dir'?"


def test_what_asv_provides_is_required(place: Path) -> None:
    (place / "benchmarks").mkdir()
    (place / "benchmarks" / "one.py").write_text(
        "from asv_runner.benchmarks.mark import skip_for_params\ndef mem_it(): ...\n"
    )
    conf = read(place, '{"project": "x", "repo": "."}')
    assert settings_from(conf)["environment"] == {"requires": ["asv_runner", "pympler"]}


@pytest.mark.parametrize("repo", ["https://example.org/x.git", "git@example.org:x.git"])
def test_little_is_enough(place: Path, repo: str) -> None:
    conf = read(place, f'{{"project": "x", "repo": "{repo}", "matrix": {{"numpy": []}}}}')
    assert settings_from(conf) == {
        "project": {"name": "x", "repository": repo},
        "suite": {"name": "x", "harness": "asv", "path": "benchmarks"},
        "environment": {"requires": ["numpy"]},
    }
    assert left_out(conf) == ()


def test_a_mistake_is_shown_at_its_line(place: Path) -> None:
    with pytest.raises(ConfigurationError) as raised:
        read(place, '{\n  /* two\n lines */\n  "project": oops,\n}')
    (problem,) = raised.value.problems
    assert problem.where.endswith("asv.conf.json:4")
    assert problem.value == '"project": oops,'


def test_all_wrong_values_are_told_at_once(place: Path) -> None:
    text = (
        '{"projet": "x", "repo": 3, "dvcs": "hg", "pythons": [["3"]], "matrix": {"req": {"a": {}}}}'
    )
    with pytest.raises(ConfigurationError) as raised:
        read(place, text)
    found = [problem.where.split(": ")[-1] for problem in raised.value.problems]
    assert found == ["project", "repo", "pythons", "dvcs", "matrix.req.a"]
    assert "projet" in raised.value.problems[0].hint


@pytest.mark.parametrize("text", ["[]", "1", ""])
def test_what_is_no_configuration(place: Path, text: str) -> None:
    with pytest.raises(ConfigurationError):
        read(place, text)


def test_a_file_that_is_not_there(place: Path) -> None:
    with pytest.raises(ConfigurationError) as raised:
        read_asv_conf(place / "nothing.json")
    assert raised.value.code == "asv.unreadable"
