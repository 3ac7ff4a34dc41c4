from pathlib import Path
from typing import Any

import pytest

from tracker.config.settings import SuiteSettings
from tracker.errors import ConfigurationError, SuiteError
from tracker.harnesses.registry import harness
from tracker.model.suites import Axis, Suite


def settings(commands: Any, path: str = "") -> SuiteSettings:
    return SuiteSettings(
        name="sample",
        harness="command",
        path=path,
        revision="",
        version="",
        gold=False,
        options={"commands": commands},
    )


def outline(commands: Any, files: Path = Path("/nowhere")) -> Suite:
    return harness("command").outline(settings(commands), files)


def test_commands_come_from_the_configuration() -> None:
    suite = outline(
        {
            "startup": "python -c pass",
            "load": {
                "run": ["load", "{size}"],
                "setup": "make {size} {kind}",
                "params": {"size": [1, 8], "kind": ["a b"]},
                "timeout": 3,
            },
        }
    )
    startup, load = suite.benchmarks
    assert (startup.name, startup.axes, startup.metric, startup.unit) == (
        "startup",
        (),
        "time",
        "s",
    )
    assert load.axes == (
        Axis(name="size", values=("1", "8"), open=True),
        Axis(name="kind", values=("'a b'",), open=True),
    )
    assert (load.timeout, load.where) == (3, "suite.options.commands.load")
    assert suite.complete


def test_the_hash_is_of_the_commands_and_of_the_files_that_are_named(tmp_path: Path) -> None:
    commands = {"startup": "python {suite}/it.py"}
    without = outline(commands).hash
    assert outline(commands, tmp_path).hash == without
    assert outline({"startup": "python -V"}).hash != without
    (tmp_path / "it.py").write_text("1")
    first = harness("command").outline(settings(commands, "dir"), tmp_path).hash
    (tmp_path / "it.py").write_text("2")
    assert (
        len({without, first, harness("command").outline(settings(commands, "dir"), tmp_path).hash})
        == 3
    )


def test_the_job_has_every_field_of_every_command() -> None:
    job = harness("command").job(settings({"a": "x"}), Path("/nowhere"))
    assert job["options"]["commands"] == {
        "a": {"run": "x", "setup": "", "params": {}, "shell": False, "timeout": None}
    }


@pytest.mark.parametrize(
    ("command", "where", "hint"),
    [
        ({"rnu": "x"}, "a.rnu", "did you mean 'run'?"),
        ({"run": ""}, "a.run", ""),
        (3, "a.run", ""),
        ({"run": "x", "setup": 1}, "a.setup", ""),
        ({"run": "x", "params": {"n": 1}}, "a.params", "params: {size: [1, 8]}"),
        ({"run": "x", "params": {"n": [1]}}, "a.params.n", "write {n} where the value goes"),
        ({"run": "x", "shell": "yes"}, "a.shell", ""),
        ({"run": "x", "timeout": "1h"}, "a.timeout", ""),
    ],
)
def test_wrong_commands_are_told(command: Any, where: str, hint: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        outline({"a": command})
    problem = raised.value.problems[0]
    assert problem.where == f"suite.options.commands.{where}"
    assert problem.hint == hint


def test_all_of_them_are_told_at_once() -> None:
    with pytest.raises(ConfigurationError) as raised:
        outline({"a": 1, "b": {"run": "x", "shell": 1}})
    assert len(raised.value.problems) == 2


def test_commands_that_are_no_mapping_and_none_at_all(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        outline(["x"])
    with pytest.raises(SuiteError) as empty:
        outline({})
    assert empty.value.code == "suite.empty"
    with pytest.raises(SuiteError) as missing:
        harness("command").outline(settings({"a": "x"}, "gone"), tmp_path / "gone")
    assert missing.value.code == "suite.missing"
