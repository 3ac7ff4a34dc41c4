"""``tracker bisect`` and ``tracker test``, as they are typed, on histories with planted changes."""

from __future__ import annotations

import json
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import Desk, configure
from tests.support.histories import (
    CommitPlan,
    SampleHistory,
    git,
    sample_project,
    write_history,
)
from tests.unit.test_environments_content import write_wheel

QUICK = (
    "policy.warmup_seconds=0.02",
    "policy.turns=30",
    "policy.turn_seconds=0.0005",
    "policy.package=false",
)
#: what answers are made of: counts are there by default
BY_TIME = (*QUICK, "policy.counts=[]")
PARSE = ("--benchmark", "parse")


@pytest.fixture
def history(desk: Desk) -> SampleHistory:
    """Eight commits: the sixth makes ``parse`` half as slow again, the fourth does not build."""
    made = sample_project(
        desk.directory / "repo",
        commits=8,
        changes={5: {"parse": 1.5}},
        unbuildable=(3,),
        tags={0: "v1"},
    )
    configure(desk, made)
    return made


def named(out: str) -> list[list[str]]:
    """SHAs of the commits that each culprit may be."""
    return [[one["sha"] for one in each["commits"]] for each in json.loads(out)["culprits"]]


def test_the_commit_is_named_by_counts_and_confirmed_by_time(
    desk: Desk, history: SampleHistory
) -> None:
    result = desk.tracker("bisect", "v1", "HEAD", "--json", *PARSE, *QUICK)
    assert result.status == 1, result.err
    assert named(result.out) == [[history.commits[5]]]
    (culprit,) = json.loads(result.out)["culprits"]
    assert culprit["count"] == "instructions"
    assert culprit["before"]["sha"] == history.commits[4]
    assert culprit["row"]["metric"] == "time"
    assert culprit["row"]["verdict"]["outcome"] == "slower"
    again = desk.tracker("bisect", "v1", "HEAD", *PARSE, *QUICK)
    assert "processes measured" not in again.out  # nothing is measured twice
    assert "Change number 5" in again.out


def test_by_time_alone_killed_in_the_middle(desk: Desk, history: SampleHistory) -> None:
    with desk.started("bisect", "v1", "HEAD", "--plain", *PARSE, *BY_TIME) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if ": like " in line:
                break
        process.send_signal(signal.SIGKILL)
        process.wait()
    result = desk.tracker("bisect", "v1", "HEAD", "--json", *PARSE, *BY_TIME)
    assert result.status == 1, result.err
    assert named(result.out) == [[history.commits[5]]]
    assert json.loads(result.out)["asked"] <= 5
    assert desk.tracker("db", "verify").status == 0


def test_the_culprit_does_not_build_alone_and_a_range_is_named(desk: Desk) -> None:
    made = sample_project(
        desk.directory / "repo", commits=8, changes={4: {"parse": 1.5}}, unbuildable=(4, 5)
    )
    configure(desk, made)
    result = desk.tracker("bisect", "HEAD~7", "HEAD", "--json", *PARSE, *QUICK)
    assert result.status == 1, result.err
    assert named(result.out) == [list(made.commits[4:7])]
    told = desk.tracker("bisect", "HEAD~7", "HEAD", *PARSE, *QUICK)  # costs nothing more
    assert "one of 3 commits" in told.out
    assert "could not be asked" in told.out


def test_what_did_not_change_is_told_with_what_would_have_been_seen(
    desk: Desk, history: SampleHistory
) -> None:
    wide = ("policy.band=0.2", "policy.practical=0.05")
    result = desk.tracker("bisect", "v1", "HEAD", "--benchmark", "load", *BY_TIME, *wide)
    assert result.status == 0, result.err
    assert "nothing changed by more than" in result.out
    assert "would have been seen" in result.out


def test_a_merge_is_entered_on_request(desk: Desk) -> None:
    made = sample_project(
        desk.directory / "repo", commits=6, changes={3: {"parse": 1.5}}, merges=(3,)
    )
    # the side brings the change, and the merge only takes it
    work = git(made.path, "show", f"{made.commits[3]}:src/sample/work.py")
    git(made.path, "checkout", "--quiet", "-B", "topic", made.commits[1])
    (made.path / "docs" / "aside.md").write_text("first\n")
    git(made.path, "add", "docs")
    git(made.path, "commit", "--quiet", "-m", "Aside, first")
    (made.path / "src" / "sample" / "work.py").write_text(work + "\n")
    git(made.path, "commit", "--quiet", "-am", "Aside, slower")
    slower = git(made.path, "rev-parse", "HEAD")
    git(made.path, "checkout", "--quiet", "-B", "main", made.commits[1])
    git(made.path, "merge", "--quiet", "--no-ff", "-m", "Take the aside", "topic")
    merge = git(made.path, "rev-parse", "HEAD")
    configure(desk, made)
    outside = desk.tracker("bisect", "HEAD~2", "HEAD", "--json", *PARSE, *QUICK)
    assert named(outside.out) == [[merge]], outside.err
    inside = desk.tracker("bisect", "HEAD~2", "HEAD", "--enter-merges", "--json", *PARSE, *QUICK)
    assert named(inside.out) == [[slower]], inside.err
    assert json.loads(inside.out)["culprits"][0]["merge"]["sha"] == merge


def test_a_command_of_ones_own(desk: Desk) -> None:
    made = sample_project(desk.directory / "repo", commits=5, changes={3: {"parse": 4.0}})
    configure(desk, made)
    (desk.directory / "bench.py").write_text(
        "import sys\nfrom sample import work\n"
        "if work.REVISION == 1: sys.exit(125)\n"
        "for _ in range(10): work.parse(400)\n"
    )
    fast = ("policy.turns=2", "policy.band=0.5", "policy.practical=0.3", "policy.counts=[]")
    result = desk.tracker("bisect", "run", "HEAD~4", "HEAD", *fast, "--", "python", "bench.py")
    assert result.status == 1, result.err
    assert "Change number 3" in result.out


def test_git_bisect_runs_it(desk: Desk, history: SampleHistory) -> None:
    tracker = desk.directory / "tracker-command"
    tracker.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tracker "$@"\n')
    tracker.chmod(0o755)
    import subprocess

    def call(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=history.path,
            env=desk.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    call("bisect", "start", "main", "v1")
    configuration = str(desk.directory / "tracker.yaml")
    out = call(
        "bisect",
        "run",
        str(tracker),
        "test",
        "v1",
        "main",
        "--config",
        configuration,
        *PARSE,
        *QUICK,
    )
    assert f"{history.commits[5]} is the first bad commit" in out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("HEAD", "v1"), "v1 does not come after HEAD"),
        (("HEAD", "HEAD"), "are one commit"),
        (("nowhere", "HEAD"), "nowhere"),
        (("HEAD",), "not clear what to search between"),
        (("run", "v1", "HEAD"), "not clear what to search between"),
        (("4711",), "finding 4711"),
        (("v1", "HEAD", "--benchmark", "prase"), "did you mean 'parse'"),
    ],
)
def test_what_cannot_be_searched_is_one_line(
    desk: Desk, history: SampleHistory, words: tuple[str, ...], told: str
) -> None:
    if words == ("4711",):
        assert desk.run("HEAD", "policy.processes=1").status == 0
    result = desk.tracker("bisect", *words)
    assert result.status == 2
    assert told in result.err
    assert "Traceback" not in result.err


def test_ends_without_a_common_history(desk: Desk, history: SampleHistory) -> None:
    git(history.path, "checkout", "--quiet", "--orphan", "other")
    git(history.path, "commit", "--quiet", "-m", "Begin anew")
    git(history.path, "checkout", "--quiet", "main")
    result = desk.tracker("bisect", "v1", "other", *QUICK)
    assert result.status == 2
    assert "does not come after" in result.err


def test_an_end_that_does_not_build(desk: Desk, history: SampleHistory) -> None:
    result = desk.tracker("bisect", history.commits[3], "HEAD", *PARSE, *QUICK)
    assert result.status == 3
    assert "does not build" in result.err


def test_a_finding_over_a_gap_is_bisected(desk: Desk, history: SampleHistory) -> None:
    ran = desk.run("ALL", "--every", "3", "policy.processes=6", "policy.confirm_seconds=0")
    findings: list[dict[str, Any]] = ran.report["findings"]
    (finding,) = [one for one in findings if one["kind"] == "regression"]
    result = desk.tracker("bisect", str(finding["id"]), "--json", *QUICK)
    assert result.status == 1, result.err
    assert named(result.out) == [[history.commits[5]]]


def test_the_database_goes_away_and_the_search_goes_on(
    desk: Desk, history: SampleHistory, tmp_path: Path
) -> None:
    desk.environment["TRACKER_HOME"] = str(tmp_path / "home")  # a server of its own
    with desk.started("bisect", "v1", "HEAD", "--plain", *PARSE, *BY_TIME) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "after 3 rounds" in line:
                break
        desk.tracker("db", "stop")
        _, err = process.communicate(timeout=120)
        assert process.returncode in (1, 4), err
        assert "Traceback" not in err
    result = desk.tracker("bisect", "v1", "HEAD", "--json", *PARSE, *BY_TIME)
    assert result.status == 1, result.err
    assert named(result.out) == [[history.commits[5]]]
    assert desk.tracker("db", "stop").status == 0


@pytest.fixture
def moved(desk: Desk) -> SampleHistory:
    """Eight commits: the third makes ``parse`` slower, and from the fifth on a newer package is
    needed than the others bear, so that no environment serves all.
    """
    made = sample_project(desk.directory / "repo", commits=8, changes={2: {"parse": 1.5}})
    project = git(made.path, "show", "HEAD:pyproject.toml")
    plans = [
        CommitPlan(
            files={
                "pyproject.toml": project.replace(
                    "[project]\n", f"[project]\ndependencies = ['needed-here{which}']\n"
                ),
                "src/sample/__init__.py": "",
                "src/sample/work.py": git(made.path, "show", f"{sha}:src/sample/work.py"),
            },
            parents=None if number else (),
        )
        for number, (sha, which) in enumerate(
            zip(made.commits, ["<2"] * 4 + [">=2"] * 4, strict=True)
        )
    ]
    index = desk.directory / "index"
    for version in ("1.0", "2.0"):
        write_wheel(index, {"needed_here.py": ""}, name="needed_here", version=version)
    desk.environment["UV_FIND_LINKS"] = str(index)
    made = replace(made, commits=tuple(write_history(made.path, plans).values()))
    configure(desk, made)
    return made


def test_an_environment_that_changes_inside_the_range_is_told(
    desk: Desk, moved: SampleHistory
) -> None:
    ends = moved.commits[0], moved.commits[-1]
    refused = desk.tracker("bisect", *ends, *PARSE, *QUICK)
    assert refused.status == 3
    assert "need different environments" in refused.err
    assert "--across" in refused.err
    across = desk.tracker("bisect", *ends, "--across", "--json", *PARSE, *QUICK)
    assert across.status == 1, across.err
    assert named(across.out) == [[moved.commits[2]]]


def test_a_coarse_run_refines_itself(desk: Desk) -> None:
    made = sample_project(desk.directory / "repo", commits=13, changes={6: {"parse": 1.5}})
    configure(desk, made)
    ran = desk.run("ALL", "--every", "4", "matrix.include=[parse]", "policy.processes=4")
    findings = [one for one in ran.report["findings"] if one["kind"] == "regression"]
    assert [(one["commit"], one["after"]) for one in findings] == [
        (made.commits[6], made.commits[5])
    ], ran.err
    assert len(ran.report["commits"]) < len(made.commits)
