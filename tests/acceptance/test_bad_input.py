"""Each mistake ends in one clear error, with a hint, the right exit code, and no traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.acceptance.conftest import QUICK, Desk, configure
from tests.support.histories import sample_project


def refused(desk: Desk, *arguments: str, status: int, words: str) -> None:
    result = desk.tracker(*arguments)
    assert result.status == status, result.err
    assert "Traceback" not in result.err
    assert words in result.err
    assert "hint:" in result.err
    assert result.err.count("error:") == 1


@pytest.fixture
def ready(desk: Desk) -> Desk:
    configure(desk, sample_project(desk.directory / "repo", commits=2))
    return desk


def test_no_configuration(desk: Desk) -> None:
    refused(desk, "run", status=2, words="tracker.yaml")


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("project.repository=nowhere", "nowhere"),
        ("project.repository='ext::sh -c touch% hacked'", "ext"),
        ("suite.path=nothing.py", "nothing.py"),
        ("polcy.processes=3", "policy"),
        ("policy.processes=many", "processes"),
        ("policy.processes=-1", "processes"),
        ("matrix.exclude=['*']", "cells"),
        ("matrix.include=['prase*']", "parse"),
        ("matrix.siez=1", "siez"),
        ("suite=avs", "asv"),
        ("suite.harness=pyhton", "python"),
    ],
)
def test_wrong_configuration(ready: Desk, override: str, words: str) -> None:
    refused(ready, "plan", "ALL", override, status=2, words=words)
    assert not (ready.directory / "hacked").exists()


@pytest.mark.parametrize(
    ("range_text", "words"),
    [
        ("nowhere..HEAD", "nowhere"),
        ("HEAD..HEAD", "no commit"),
        ("mian", "main"),
        ("HEAD~99..HEAD", "HEAD~99"),
    ],
)
def test_wrong_range(ready: Desk, range_text: str, words: str) -> None:
    refused(ready, "plan", range_text, status=2, words=words)


def test_a_suite_with_a_syntax_error(ready: Desk) -> None:
    (ready.directory / "suite.py").write_text("from tracker import benchmark\n\ndef broken(:\n")
    refused(ready, "plan", "ALL", status=2, words="suite.py:3")


def test_a_suite_without_benchmarks(ready: Desk) -> None:
    (ready.directory / "suite.py").write_text("x = 1\n")
    refused(ready, "plan", "ALL", status=2, words="no benchmark")


def test_yaml_that_is_none(ready: Desk) -> None:
    (ready.directory / "tracker.yaml").write_text("project: {name: [\n")
    refused(ready, "plan", "ALL", status=2, words="tracker.yaml")


def test_all_problems_at_once(ready: Desk) -> None:
    result = ready.tracker(
        "plan", "ALL", "policy.processes=0", "policy.samples=none", "suite.gold=3"
    )
    assert result.status == 2
    for path in ("policy.processes", "policy.samples", "suite.gold"):
        assert path in result.err


def test_a_database_that_is_not_there(ready: Desk) -> None:
    refused(
        ready,
        "run",
        "ALL",
        "store.url=postgresql://tracker:secret@127.0.0.1:9/tracker",
        status=4,
        words="127.0.0.1",
    )
    result = ready.tracker(
        "run", "ALL", "store.url=postgresql://tracker:secret@127.0.0.1:9/tracker"
    )
    assert "secret" not in result.err + result.out


def test_a_command_that_does_not_exist(desk: Desk) -> None:
    result = desk.tracker("pln")
    assert result.status == 2
    assert "'plan'" in result.err


def test_the_configuration_of_the_repository_is_not_obeyed(ready: Desk) -> None:
    trap = ready.directory / "trapped"
    config = ready.directory / "repo/.git/config"
    with config.open("a") as file:
        file.write(
            f"[core]\n\tfsmonitor = touch {json.dumps(str(trap))}\n"
            f"\tsshCommand = touch {json.dumps(str(trap))}\n"
            f"\thooksPath = {json.dumps(str(ready.directory / 'hooks'))}\n"
        )
    hooks = ready.directory / "hooks"
    hooks.mkdir()
    hook = hooks / "post-checkout"
    hook.write_text(f"#!/bin/sh\ntouch '{trap}'\n")
    hook.chmod(0o755)
    result = ready.run("ALL", "policy.processes=1")
    assert result.status == 0, result.err
    assert not trap.exists()


#: a benchmark that goes wrong -> its state and a word of the reason
BAD_BENCHMARKS = {
    "raises": ("raise ValueError('no good')", "benchmark-failed", "ValueError: no good"),
    "prints": ('print(\'{"event": "end"}\' * 999)', "measured", ""),
    "closes": ("import os; os.closerange(1, 3)", "measured", ""),
    "leaves": ("import os; os._exit(0)", "benchmark-failed", "exit code 0"),
    "crashes": ("import ctypes; ctypes.string_at(0)", "benchmark-failed", "SIGSEGV"),
    "sleeps": ("import time; time.sleep(999)", "timed-out", ""),
    "eats": ("x = bytearray(900 << 20); import time; time.sleep(9)", "resource-exceeded", "memory"),
    "forks": ("import os, time; os.fork() or (os.setsid(), time.sleep(99))", "measured", ""),
}


def test_benchmarks_that_go_wrong_end_in_their_states(ready: Desk) -> None:
    suite = ["from tracker import benchmark"]
    for name, (body, *_) in BAD_BENCHMARKS.items():
        # a loud machine may take long for the others, and this one never ends
        limit = "(timeout=4)" if name == "sleeps" else ""
        suite.append(f"@benchmark{limit}\ndef {name}():\n    {body}")
    suite.append(
        "@benchmark(unit='points', metric='score')\ndef not_a_number():\n    return float('nan')"
    )
    suite.append("@benchmark\ndef fine():\n    sum(range(100))")
    (ready.directory / "suite.py").write_text("\n\n".join(suite) + "\n")
    result = ready.run(
        "HEAD",
        "policy.processes=1",
        "policy.count_processes=0",
        "policy.memory_bytes=500MiB",
    )
    assert "Traceback" not in result.err
    failures = {failure["title"]: failure for failure in result.report["failures"]}
    measured = {series["title"] for series in result.report["series"] if series["metric"] == "time"}
    for name, (_, state, words) in BAD_BENCHMARKS.items():
        if state == "measured":
            assert name in measured
        else:
            assert failures[name]["state"] == state, name
            assert words in failures[name]["reason"]
    assert failures["not_a_number"]["state"] == "benchmark-failed"
    assert "fine" in measured


def test_nothing_that_can_be_measured_is_exit_code_3(ready: Desk) -> None:
    (ready.directory / "suite.py").write_text(
        "from tracker import benchmark\n@benchmark\ndef broken():\n    raise SystemError('no')\n"
    )
    result = ready.tracker("run", "ALL", "policy.processes=1", *QUICK)
    assert result.status == 3, result.err
    assert "Traceback" not in result.err


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    import os
    import subprocess

    if os.geteuid() != 0:
        pytest.skip("mounting a small file system takes root")
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)], check=False
    )
    if mounted.returncode:
        pytest.skip("this system lets nobody mount")
    try:
        desk = Desk(tmp_path, tmp_path / "home")
        desk.environment["TRACKER_HOME"] = str(small)
        configure(desk, sample_project(tmp_path / "repo", commits=2))
        result = desk.tracker("run", "ALL", *QUICK)
        assert result.status == 4
        assert "Traceback" not in result.err
        assert "space" in result.err
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)
