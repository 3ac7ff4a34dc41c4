"""Two commits against each other, as a user types it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.acceptance.conftest import QUICK as SHORT
from tests.acceptance.conftest import Desk, configure
from tests.support.histories import git, sample_project
from tests.support.services import GitHub, serving

#: a protocol that takes milliseconds
QUICK = (
    "policy.turns=20",
    "policy.turn_seconds=0.0005",
    "policy.warmup_seconds=0.02",
    "policy.package=false",
)
ONE = ("matrix.include=[parse]",)


def rows(text: str) -> dict[tuple[str, str], dict]:  # type: ignore[type-arg]
    return {(row["title"], row["metric"]): row for row in json.loads(text)["rows"]}


@contextmanager
def busy_cores() -> Iterator[None]:
    """Every core has something else to do."""
    command = [sys.executable, "-c", "while True: pass"]
    busy = [subprocess.Popen(command) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


@pytest.fixture
def changed(desk: Desk) -> Desk:
    """Four commits of which the third makes ``parse`` slower by 30 %, and does nothing else."""
    history = sample_project(
        desk.directory / "repo", commits=4, changes={2: {"parse": 1.3}}, docs_only=(3,)
    )
    configure(desk, history)
    git(history.path, "checkout", "--quiet", "main")
    return desk


def test_a_slower_commit_is_told_by_time_and_count(changed: Desk) -> None:
    markdown = changed.directory / "out" / "comment.md"
    posted = ("compare", "HEAD~2", "HEAD", "--json", "--post", "github:owner/name#12", *QUICK)
    assert changed.tracker(*posted).status == 2, "there is no token"
    hub = GitHub(troubles=[403, 403])
    with serving(hub) as address:
        changed.environment |= {"GITHUB_API_URL": address, "GITHUB_TOKEN": hub.token}
        changed.environment["GITHUB_ACTIONS"] = "true"
        files = ("--junit", "out/cases.xml", "--sarif", "out/alerts.json")
        result = changed.tracker(*posted, "--markdown", str(markdown), *files)
        assert "comment not posted: GitHub answers 403" in result.err
        assert "status not posted: GitHub answers 403" in result.err
        beside_the_code = r"^::error file=suite\.py,line=\d+,title=slower::slower: parse"
        assert re.search(beside_the_code, result.err, re.MULTILINE), result.err
        again = changed.tracker(*posted)
    assert result.status == again.status == 1, result.err
    assert "not posted" not in again.err
    assert hub.token not in result.out + result.err + again.out + again.err
    assert ["**slower**" in one["body"] for one in hub.comments] == [True]
    assert [one["state"] for one in hub.statuses] == ["failure"]
    found = rows(result.out)
    assert found["parse", "time"]["verdict"]["outcome"] == "slower"
    assert found["parse", "instructions"]["verdict"]["effect"] == pytest.approx(0.3, abs=0.05)
    for name in ("render", "search", "load"):
        assert found[name, "instructions"]["verdict"]["outcome"] == "same"
    assert "**slower**" in markdown.read_text()
    assert '<failure type="regression" message="slower: parse' in markdown.with_name(
        "cases.xml"
    ).read_text("utf-8")
    alerts = json.loads(markdown.with_name("alerts.json").read_text("utf-8"))
    (place,) = alerts["runs"][0]["results"][0]["locations"]
    assert place["physicalLocation"]["artifactLocation"] == {"uri": "suite.py"}
    decided = rows(again.out)["parse", "time"]
    assert decided["rounds"] == found["parse", "time"]["rounds"]  # nothing is measured twice


def test_identical_content_costs_nothing(changed: Desk) -> None:
    result = changed.tracker("compare", "HEAD~1", "HEAD", "--json", *QUICK)
    assert result.status == 0, result.err
    assert json.loads(result.out)["rows"] == []
    assert len(json.loads(result.out)["identical"]) == 4
    itself = changed.tracker("compare", "HEAD", "HEAD", "--json", *QUICK)
    assert itself.status == 0, itself.err
    assert json.loads(itself.out)["identical"] == ["parse", "render", "search", "load"]


def test_the_work_tree_is_compared_and_never_becomes_a_commit(changed: Desk) -> None:
    repository = changed.directory / "repo"
    work = repository / "src" / "sample" / "work.py"
    before = git(repository, "status", "--porcelain")
    work.write_text(work.read_text().replace("def parse(", "def parse_(", 1) + "\nparse = render\n")
    result = changed.tracker("compare", "HEAD", ".", "--json", *ONE, *QUICK)
    assert result.status in (0, 1), result.err
    document = json.loads(result.out)
    assert document["head"] == {
        "sha": "",
        "label": "work tree",
        "subject": "uncommitted changes",
        "is_commit": False,
    }
    assert git(repository, "status", "--porcelain") != before
    assert git(repository, "stash", "list") == ""
    ran = changed.tracker("run", "--json", "ALL", "policy.processes=1", *ONE, *SHORT)
    subjects = {commit["subject"] for commit in json.loads(ran.out)["commits"]}
    assert "uncommitted changes" not in subjects
    assert changed.tracker("db", "verify").status == 0


def test_two_wheels(changed: Desk) -> None:
    repository = changed.directory / "repo"
    wheels = []
    for name, revision in (("old", "main~2"), ("new", "main")):
        git(repository, "checkout", "--quiet", revision)
        git(repository, "clean", "-fdxq")  # setuptools would take what it built before
        target = changed.directory / name
        subprocess.run(
            [sys.executable, "-m", "uv", "build", "--wheel", "--quiet", "--out-dir", target, "."],
            cwd=repository,
            check=True,
        )
        (wheel,) = target.glob("*.whl")
        wheels.append(str(wheel))
    result = changed.tracker("compare", *wheels, "--json", *ONE, *QUICK)
    assert result.status == 1, result.err
    assert rows(result.out)["parse", "instructions"]["verdict"]["outcome"] == "slower"
    missing = changed.tracker("compare", "gone.whl", "HEAD")
    assert missing.status == 2
    assert "gone.whl" in missing.err


def test_stored_results_are_compared_where_they_ran_side_by_side(changed: Desk) -> None:
    stored = ("compare", "HEAD~2", "HEAD", "--stored", "--json", *ONE, *SHORT)
    assert changed.tracker(*stored).status == 2  # nothing is there of the project
    changed.run("HEAD~3..HEAD", "policy.processes=6", *ONE)
    result = changed.tracker(*stored)
    assert result.status == 1, result.err
    found = rows(result.out)
    assert found["parse", "instructions"]["verdict"]["outcome"] == "slower"
    assert found["parse", "time"]["rounds"] == 6
    other = changed.tracker(*stored, "policy.samples=7")  # a protocol that nothing was measured by
    assert other.status == 3
    assert "measured" in other.err


def test_a_budget_ends_it_and_the_rest_is_unknown(changed: Desk) -> None:
    result = changed.tracker("compare", "HEAD~2", "HEAD", "--budget", "0.01s", "--json", *QUICK)
    assert result.status in (0, 3), result.err
    document = json.loads(result.out)
    outcomes = {row["verdict"]["outcome"] for row in document["rows"] if row["verdict"]}
    assert outcomes <= {"unknown", "same"}
    assert {row["title"] for row in document["rows"]} == {"parse", "render", "search", "load"}
    assert "not measured" in {row["reason"] for row in document["rows"]}
    strict = changed.tracker(
        "compare", "HEAD~2", "HEAD", "--budget", "0s", "--fail-on", "unknown", *QUICK
    )
    assert strict.status in (1, 3), strict.err
    refused = changed.tracker("compare", "HEAD~2", "HEAD", "--budget", "soon")
    assert refused.status == 2
    assert "soon" in refused.err


def test_one_percent_of_the_work_is_found_on_a_machine_under_load(desk: Desk) -> None:
    changes = {1: {"parse": 1.01}, 2: {"render": 0.99}}
    configure(desk, sample_project(desk.directory / "repo", commits=3, changes=changes))
    with busy_cores():
        result = desk.tracker("compare", "HEAD~2", "HEAD", "--json", "policy.rounds=2", *QUICK)
    assert result.status == 1, result.err
    counts = {
        title: row for (title, metric), row in rows(result.out).items() if metric == "instructions"
    }
    assert all(row["exact"] for row in counts.values())
    assert {title: row["verdict"]["outcome"] for title, row in counts.items()} == {
        "parse": "slower",
        "render": "faster",
        "search": "same",
        "load": "same",
    }


def test_a_benchmark_of_one_side_is_a_finding(desk: Desk) -> None:
    history = sample_project(desk.directory / "repo", commits=3, deleted={2: "load"})
    configure(desk, history)
    result = desk.tracker(
        "compare", "HEAD~1", "HEAD", "--json", "matrix.include=[load,parse]", *QUICK
    )
    assert result.status == 1, result.err
    lost = rows(result.out)["load", "time"]
    assert lost["verdict"] is None
    assert "benchmark failed at the head: AttributeError" in lost["reason"]
    back = desk.tracker(
        "compare", "HEAD", "HEAD~1", "--json", "matrix.include=[load,parse]", *QUICK
    )
    assert back.status == 0, back.err
    assert rows(back.out)["load", "time"]["verdict"] is None


@pytest.mark.parametrize("arguments", [("HEAD",), ("HEAD~99", "HEAD"), ("HEAD", "nowhere")])
def test_what_cannot_be_compared_is_one_line(changed: Desk, arguments: tuple[str, ...]) -> None:
    result = changed.tracker("compare", *arguments)
    assert result.status == 2
    assert "Traceback" not in result.err


def test_a_killed_comparison_goes_on_where_it_stopped(changed: Desk) -> None:
    with changed.started("compare", "HEAD~2", "HEAD", "--plain", *QUICK) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("after 3 rounds"):
                break
        process.send_signal(signal.SIGKILL)
        process.wait()
    result = changed.tracker("compare", "HEAD~2", "HEAD", "--json", *QUICK)
    assert result.status == 1, result.err
    assert rows(result.out)["parse", "time"]["rounds"] >= 5
    assert changed.tracker("db", "verify").status == 0


def test_a_repository_without_a_work_tree_has_none(changed: Desk, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(changed.directory / "repo"), str(bare))
    result = changed.tracker("compare", "HEAD", ".", f"project.repository={bare}")
    assert result.status == 2
    assert "no work tree" in result.err


def test_the_tracker_measures_itself_and_says_so_from_then_on(changed: Desk) -> None:
    short = (*ONE, *SHORT, "policy.turns=10", "policy.turn_seconds=0.0005")
    result = changed.tracker("calibrate", "--json", "policy.rounds=6", *short)
    assert result.status == 0, result.err
    document = json.loads(result.out)
    assert [cell["title"] for cell in document["cells"]] == ["parse"]
    assert document["decisions"] > 0
    assert [power["size"] for power in document["powers"]] == [0.02, 0.03, 0.05, 0.10]
    told = changed.tracker("run", "--plain", "HEAD~3..HEAD~2", "policy.processes=1", *short)
    assert "False alarms of this machine and suite, measured: " in told.out
    refused = changed.tracker("calibrate", "policy.rounds=2", *short)
    assert refused.status == 3
    assert "five pairs" in refused.err


def test_a_terminal_has_a_table_that_is_drawn_while_it_goes_on(changed: Desk) -> None:
    status, shown = changed.in_terminal("compare", "HEAD~2", "HEAD", *ONE, *QUICK)
    assert status == 1, shown
    assert "measuring" in shown
    assert "cells decided" in shown
    assert "slower" in shown
    assert "Traceback" not in shown
