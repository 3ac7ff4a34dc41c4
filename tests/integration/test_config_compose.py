"""Configurations as people write them, composed by the real Hydra."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from tracker import resources
from tracker.config.check import HARNESSES
from tracker.config.compose import load
from tracker.config.reading import glob_flaw
from tracker.config.settings import Settings
from tracker.errors import ConfigurationError, Problem

MINIMAL = """\
project: {name: demo}
suite: {path: benchmarks/suite.py}
"""


class Project:
    """A directory with a configuration."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "benchmarks").mkdir(parents=True)
        (root / "benchmarks" / "suite.py").touch()
        self.config = root / "tracker.yaml"

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def load(self, text: str = MINIMAL, *overrides: str) -> Settings:
        self.write("tracker.yaml", text)
        return load(config=self.config, overrides=overrides, root=self.root)

    def refused(self, text: str = MINIMAL, *overrides: str) -> tuple[Problem, ...]:
        with pytest.raises(ConfigurationError) as caught:
            self.load(text, *overrides)
        assert caught.value.exit_status == 2
        return caught.value.problems


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "pröject's $dir")


def told(problems: tuple[Problem, ...]) -> list[tuple[str, str]]:
    return [(problem.where, problem.message) for problem in problems]


def test_two_lines_suffice(project: Project) -> None:
    settings = project.load()
    assert settings.project.name == settings.suite.name == "demo"
    assert settings.suite.path == str(project.root / "benchmarks/suite.py")
    assert settings.environment.recipes == ("pinned",)
    assert settings.environment.pythons == (f"3.{sys.version_info.minor}",)
    assert settings.policy.processes == 5
    assert settings.policy.timeout == 300.0
    assert settings.policy.memory_bytes == 4 * 2**30
    assert settings.profile == "nightly"
    assert settings.root == project.root
    json.dumps([dict(settings.resolved), dict(settings.sources)])


def test_overrides_suffice_without_a_file(project: Project) -> None:
    settings = load(
        config=None,
        overrides=["project.name=demo", "suite.path=benchmarks/suite.py"],
        root=project.root,
    )
    assert settings.sources["project.name"] == "command line"


def test_no_file_and_no_overrides(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no tracker\.yaml") as caught:
        load(config=None, overrides=[], root=tmp_path)
    assert "`tracker init`" in caught.value.hint
    with pytest.raises(ConfigurationError, match="there is no file"):
        load(config=tmp_path / "other.yaml", overrides=[], root=tmp_path)


def test_where_each_value_came_from(project: Project) -> None:
    settings = project.load(
        MINIMAL + "matrix:\n  size: [1]\n  include:\n    - parse*\n    - {benchmark: load}\n",
        "profile=smoke",
        "policy.samples=3",
        "environment=contemporary",
    )
    sources = settings.sources
    assert sources["project.name"] == "tracker.yaml:1"
    assert sources["matrix.size"] == "tracker.yaml:4"
    assert sources["matrix.include.0"] == "tracker.yaml:6"
    assert sources["matrix.include.1"] == "tracker.yaml:7"
    assert sources["policy.processes"] == "profile smoke"
    assert sources["policy.samples"] == "command line"
    assert sources["policy.retries"] == "default"
    assert sources["environment.recipe"] == "environment contemporary"
    assert sources["environment.python"] == "default"
    assert "" not in sources.values()


def test_own_groups_come_first(project: Project) -> None:
    project.write(
        "conf/profile/quick.yaml",
        "# @package _global_\ndefaults:\n  - smoke\nprofile: quick\npolicy: {processes: 4}\n",
    )
    project.write("conf/store/embedded.yaml", "url: postgresql://db/tracker\n")
    settings = project.load(MINIMAL, "profile=quick")
    assert settings.store.url == "postgresql://db/tracker"
    assert settings.profile == "quick"
    assert (settings.policy.processes, settings.policy.samples) == (4, 5)
    assert settings.sources["policy.processes"] == "conf/profile/quick.yaml:5"
    assert settings.sources["policy.samples"] == "profile smoke"


def test_groups_in_another_directory(project: Project) -> None:
    project.write("öther/store/team.yaml", "url: postgresql://db/tracker\n")
    project.write("tracker.yaml", MINIMAL)
    settings = load(
        config=project.config,
        overrides=["store=team"],
        root=project.root,
        groups=project.root / "öther",
    )
    assert settings.store.url == "postgresql://db/tracker"


def test_choosing_options_in_the_file(project: Project) -> None:
    settings = project.load(
        "defaults:\n  - tracker\n  - override suite: asv\n  - override profile: full\n"
        "  - _self_\nproject: {name: demo}\npolicy: {processes: 9}\n"
    )
    assert settings.suite.harness == "asv"
    assert settings.profile == "full"
    # the project's own word is stronger than the profile's
    assert (settings.policy.processes, settings.policy.samples) == (9, 20)


def test_the_file_is_the_strongest_wherever_its_defaults_list_does_not_say(
    project: Project,
) -> None:
    settings = project.load("defaults: [tracker]\n" + MINIMAL + "policy: {processes: 9}\n")
    assert settings.policy.processes == 9


def test_a_suite_brings_what_its_harness_needs(project: Project) -> None:
    settings = project.load(MINIMAL, "suite=pytest-benchmark")
    assert settings.suite.harness == "pytest-benchmark"
    assert settings.environment.requires == ("pytest", "pytest-benchmark")


def test_a_suite_of_commands_needs_no_files(project: Project) -> None:
    text = "project: {name: demo}\nsuite: {options: {commands: {start: demo}}}\n"
    settings = project.load(text, "suite=command")
    assert settings.suite.path == ""
    assert settings.suite.options == {"commands": {"start": "demo"}}


@pytest.mark.parametrize("profile", ["smoke", "nightly", "full"])
def test_profiles(project: Project, profile: str) -> None:
    assert project.load(MINIMAL, f"profile={profile}").profile == profile


def test_every_option_that_ships_can_be_chosen(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_DATABASE_URL", "postgresql://h/db")
    base = resources.directory("conf")
    needs = {"gpu": ("suite=torch-core",)}  # a harness that computes there
    for file in sorted(base.glob("*/*.yaml")):
        project.load(MINIMAL, f"{file.parent.name}={file.stem}", *needs.get(file.stem, ()))


def test_sweeps_over_parameters_are_one_matrix(project: Project) -> None:
    settings = project.load(
        MINIMAL, "matrix.size=1,8,32", "matrix.depth=range(1,4)", "matrix.kind=choice(a,'b c')"
    )
    (matrix,) = settings.matrices
    assert matrix.axes == {"size": (1, 8, 32), "depth": (1, 2, 3), "kind": ("a", "b c")}


def test_sweeps_over_rules_and_lists_are_several_matrices(project: Project) -> None:
    settings = project.load(MINIMAL, "matrix.exclude=[a*],[b*]", "matrix.size=[1,2],[3]")
    told = [(matrix.exclude[0]["benchmark"], matrix.axes["size"]) for matrix in settings.matrices]
    assert told == [("a*", (1, 2)), ("a*", (3,)), ("b*", (1, 2)), ("b*", (3,))]
    assert settings.sources["matrix.exclude"] == "command line"


def test_sweeps_over_environments(project: Project) -> None:
    settings = project.load(
        MINIMAL, "environment=pinned,contemporary", "environment.python=3.9,3.10,3.11.4"
    )
    assert settings.environment.recipes == ("pinned", "contemporary")
    assert settings.environment.pythons == ("3.9", "3.10", "3.11.4")
    assert settings.sources["environment.recipe"] == "command line"
    assert settings.sources["environment.identity"] == "default"


def test_several_values_in_the_file(project: Project) -> None:
    settings = project.load(
        MINIMAL
        + "environment: {python: ['3.11', '3.12'], recipe: [pinned, contemporary]}\n"
        + "matrix: {size: [1, 8], kind: deep, device: [cpu], threads: [1, 4]}\n"
    )
    (matrix,) = settings.matrices
    assert settings.environment.pythons == ("3.11", "3.12")
    assert settings.environment.recipes == ("pinned", "contemporary")
    assert matrix.axes == {"size": (1, 8), "kind": ("deep",)}
    assert (matrix.devices, matrix.threads) == (("cpu",), (1, 4))


def test_environments_that_are_different_runs(project: Project) -> None:
    project.write("conf/environment/other.yaml", "defaults: [pinned, _self_]\nlfs: true\n")
    (problem,) = project.refused(MINIMAL, "environment=pinned,other")
    assert problem.message == "the environments also differ in lfs"
    project.write("conf/environment/old.yaml", "defaults: [contemporary, _self_]\npython: '3.9'\n")
    (problem,) = project.refused(MINIMAL, "environment=pinned,old")
    assert problem.message == "not every recipe is asked for with every Python"


def test_deleting_and_adding(project: Project) -> None:
    text = MINIMAL + "matrix: {size: [1, 8]}\n"
    assert project.load(text, "~matrix.size").matrices[0].axes == {}
    assert project.load(text, "+matrix.kind=a").matrices[0].axes == {"size": (1, 8), "kind": ("a",)}


def test_all_wrong_overrides_at_once(project: Project) -> None:
    problems = project.refused(
        MINIMAL,
        "a==[",
        "policy.processes=5,10",
        "profile=smok",
        "matrix.size=interval(1,9)",
        "hydra.verbose=true",
    )
    assert [problem.value for problem in problems] == [
        "a==[",
        "policy.processes=5,10",
        "profile=smok",
        "matrix.size=interval(1,9)",
        "hydra.verbose=true",
    ]
    assert {problem.where for problem in problems} == {"command line"}
    assert problems[1].message == "policy.processes has one value in a run, so it cannot be swept"
    assert problems[2].hint == "did you mean 'smoke'?"


def test_command_lines_are_read_before_anything_is_built(project: Project) -> None:
    lines = ["A=1 make {bild_dir}", "make 'it", 3]
    (*problems, last) = project.refused(MINIMAL + f"environment: {{build_command: {lines}}}\n")
    assert told(tuple(problems)) == [
        ("tracker.yaml:3", "environment.build_command.0: has {bild_dir}, which nothing fills in"),
        (
            "tracker.yaml:3",
            "environment.build_command.1: cannot be split into words: No closing quotation",
        ),
    ]
    assert problems[0].hint == "did you mean 'build_dir'?"
    assert last.message == "environment.build_command.2: must be text"


def test_command_lines_that_do_the_usual_are_left_to_the_usual_way(project: Project) -> None:
    install = "in-dir={env_dir} python -m pip install {wheel_file}"
    usual = project.load(MINIMAL + f"environment: {{install_command: '{install}'}}\n")
    assert usual.environment.commands == ()
    other = f"{install} numpy"
    unusual = project.load(MINIMAL + f"environment: {{install_command: '{other}'}}\n")
    assert unusual.environment.commands == ((), (other,))


def test_all_wrong_values_at_once(project: Project) -> None:
    problems = project.refused(
        MINIMAL
        + "polcy: {samples: 1}\n"
        + "policy:\n  samples: many\n  timeout: 5 parsecs\n  memory_bytes: 4 GiBs\n"
        + "  process_value: mean\n  alpha: 2\n"
        + "environment:\n  python: 3.10\n  identity: perhaps\n"
        + "  inert_paths:\n    - docs/**\n    - /etc\n    - 'a[b'\n  requires: ['a b']\n"
        + "history: {every: 0}\n"
        + "store: {url: mysql://me:secret@host/db}\n"
        + "executor: {kind: locl}\n"
        + "matrix: {threads: [-1], include: [[x]], size: []}\n",
        "suite.path=benchmarks/siute.py",
        "suite.harness=asvv",
        "project.commit_url=https://host/",
        "~policy.seed",
    )
    # what is told about a requirement is packaging's own sentence
    found = {(where, message.partition(" requirement: ")[0]) for where, message in told(problems)}
    assert found == {
        ("tracker.yaml:3", "polcy: there is no such key"),
        ("tracker.yaml:5", "policy.samples: must be a whole number from 1 to 1000000"),
        ("tracker.yaml:6", "policy.timeout: must be a duration such as 90, 90s, 20ms, 10m or 1h"),
        ("tracker.yaml:7", "policy.memory_bytes: must be a size such as 1000, 4GiB or 500MB"),
        ("tracker.yaml:8", "policy.process_value: must be one of median, minimum"),
        ("tracker.yaml:9", "policy.alpha: must be a number from 1e-09 to below 0.5"),
        ("tracker.yaml:11", "environment.python: is not a version of Python"),
        ("tracker.yaml:12", "environment.identity: must be true or false"),
        ("tracker.yaml:15", f"environment.inert_paths.1: {glob_flaw('/etc')}"),
        ("tracker.yaml:16", "environment.inert_paths.2: a '[' in this pattern is never closed"),
        ("tracker.yaml:17", "environment.requires.0: is not a"),
        ("tracker.yaml:18", "history.every: must be a whole number of at least 1"),
        ("tracker.yaml:19", "store.url: must be the URL of a PostgreSQL server"),
        ("tracker.yaml:20", "executor.kind: must be one of local"),
        ("tracker.yaml:21", "matrix.threads.0: must be a whole number from 0 to 4096"),
        ("tracker.yaml:21", "matrix.threads: names no value"),
        ("tracker.yaml:21", "matrix.include.0: a rule is a glob or a mapping of globs"),
        ("tracker.yaml:21", "matrix.size: names no value"),
        ("command line", "suite.path: does not exist"),
        (
            "command line",
            f"suite.harness: must be one of {', '.join(HARNESSES)}",
        ),
        ("command line", "project.commit_url: must contain {sha} or {label}"),
        ("", "policy.seed: needs a value"),
    }
    hints = {problem.message.partition(":")[0]: problem.hint for problem in problems}
    assert hints["polcy"] == "did you mean 'policy'?"
    assert hints["suite.path"] == "did you mean benchmarks/suite.py?"
    assert hints["executor.kind"] == "did you mean 'local'?"
    assert '"3.10"' in hints["environment.python"]
    assert "secret" not in str(problems)


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("project: {name: demo\n", "tracker.yaml:2:1", "not YAML"),
        (MINIMAL + "\tmatrix: 1\n", "tracker.yaml:3:1", "not YAML"),
        (MINIMAL + "suite: {path: b}\n", "tracker.yaml:3:1", "duplicate key suite"),
        ("- 1\n", "tracker.yaml", "a mapping of keys to values"),
        ("defaults: [_self_]\n" + MINIMAL, "tracker.yaml", "the tracker's own defaults"),
        ("defaults: [tracker, suite: asv]\n" + MINIMAL, "tracker.yaml", "Multiple values"),
        ("defaults: [tracker, override suite: asvv]\n", "tracker.yaml", "no option 'asvv'"),
        (MINIMAL + "hydra: {verbose: true}\n", "tracker.yaml", "Hydra itself"),
        (MINIMAL + "store: {url: '${oc.env:NOPE_X}'}\n", "tracker.yaml:3", "NOPE_X"),
        (MINIMAL + "history: {since: '${nowhere.at}'}\n", "tracker.yaml:3", "nowhere.at"),
        (MINIMAL + "history: {since: '${nowhere'}\n", "tracker.yaml", "${nowhere"),
        (MINIMAL + "policy: 5\n", "tracker.yaml:3", "policy: keys and values are expected"),
        ("profile: smoke\n" + MINIMAL, "tracker.yaml:1", "the profile 'nightly' is chosen"),
        ("project: {name: 1.10}\nsuite: {name: x, path: .}\n", "tracker.yaml:1", "must be text"),
    ],
)  # fmt: skip
def test_one_wrong_file(project: Project, text: str, where: str, message: str) -> None:
    (problem,) = project.refused(text)
    assert problem.where == where
    assert message in problem.message


def test_a_file_that_is_no_text(project: Project) -> None:
    project.config.write_bytes(b"\xff\xfe\x00 x")
    with pytest.raises(ConfigurationError):
        load(config=project.config, overrides=[], root=project.root)


def test_a_broken_file_of_an_own_group_is_named(project: Project) -> None:
    project.write("conf/profile/mine.yaml", "# @package _global_\nprofile: mine\npolicy: [\n")
    (problem,) = project.refused(MINIMAL, "profile=mine")
    assert problem.where == "conf/profile/mine.yaml:4:1"


def test_missing_values_are_named_once_each(project: Project) -> None:
    assert told(project.refused("")) == [
        ("", "project.name: needs a value"),
        ("", "suite.path: needs a value"),
    ]


def test_a_password_is_not_stored(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_DATABASE_URL", "postgresql://me:s3cret@host/db")
    settings = project.load(MINIMAL, "store=server")
    assert settings.store.url == "postgresql://me:s3cret@host/db"
    assert settings.resolved["store"] == {"url": "postgresql://me:***@host/db"}


def test_whom_to_notify_is_not_stored_or_told(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_URL", "slack://s3cret/token")
    text = MINIMAL + "notify: {to: {chat: '${oc.env:CHAT_URL}', mail: ''}, level: quiet}\n"
    settings = project.load(text)
    assert settings.notify.to == {"chat": "slack://s3cret/token"}
    assert settings.notify.level == "quiet"
    assert settings.resolved["notify"] == {"to": {"chat": "***", "mail": "***"}, "level": "quiet"}
    assert "s3cret" not in repr(settings)
    problems = project.refused(
        MINIMAL + "notify: {to: {chat: [slack://s3cret], 'a b': 's3cret'}, level: loud}\n"
    )
    assert {message for _, message in told(problems)} == {
        "notify.to.chat: must be the URL of a service, as text",
        "notify.to: 'a b' must be one word: it is how messages call it",
        "notify.level: must be one of quiet, normal, all",
    }
    assert "s3cret" not in str(problems)


def test_hydra_leaves_nothing_behind(project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    from hydra.core.config_store import ConfigStore
    from hydra.core.global_hydra import GlobalHydra

    before = sorted(ConfigStore.instance().repo)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        project.load()
        project.refused("- 1")
    assert not GlobalHydra.instance().is_initialized()
    assert sorted(ConfigStore.instance().repo) == before
    assert capfd.readouterr() == ("", "")
    assert not list(project.root.glob("outputs*"))


def test_importing_the_package_is_cheap() -> None:
    code = (
        "import sys, tracker.config.compose, tracker.config.matrix, tracker.config.places\n"
        "print([name for name in ('hydra', 'omegaconf', 'yaml', 'antlr4') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_device_that_the_harness_does_not_use_is_refused(project: Project) -> None:
    ((_, problem),) = told(project.refused(MINIMAL, "matrix.device=cuda"))
    assert "computes on the cpu only" in problem
    settings = project.load(
        MINIMAL, "suite=torch", "suite.path=benchmarks", "matrix.device=cuda:1,cpu"
    )
    assert [device for each in settings.matrices for device in each.devices] == ["cuda:1", "cpu"]


def test_what_is_no_device_is_refused(project: Project) -> None:
    ((_, problem),) = told(project.refused(MINIMAL, "matrix.device=gpu"))
    assert "must be a device" in problem


def test_tolerances_of_qualities(project: Project) -> None:
    text = MINIMAL + "policy: {quality_tolerance: {accuracy: 0.003, 'bleu*': 0.5%}}\n"
    rules = project.load(text, "policy.quality_disagreement=fail").policy.quality
    assert {one.metric: one.text for one in rules.tolerances} == {
        "*": "1 %",
        "accuracy": "0.003",
        "bleu*": "0.5 %",
    }
    assert (rules.device, rules.machine, rules.disagreeing) == ("cpu", "*", "fail")
    wrong = MINIMAL + "policy: {quality_tolerance: {a: much, b: -1, c: true, d: .inf}}\n"
    problems = told(project.refused(wrong, "policy.quality_disagreement=warm"))
    assert [message for _, message in problems] == [
        *(f"policy.quality_tolerance.{name}: must be a tolerance" for name in "abcd"),
        "policy.quality_disagreement: must be one of warn, fail",
    ]
