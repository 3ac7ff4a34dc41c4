"""Findings and what becomes of them, as a user types it."""

from __future__ import annotations

import json

import pytest

from tests.acceptance.conftest import Desk, configure
from tests.support.histories import SampleHistory, git, sample_project

ONE = ("matrix.include=[parse]", "policy.processes=3", "policy.confirm_seconds=0")


@pytest.fixture
def regressed(desk: Desk) -> tuple[Desk, SampleHistory]:
    """Seven commits: the third is slower by half, the sixth takes that back."""
    history = sample_project(
        desk.directory / "repo", commits=7, changes={2: {"parse": 1.5}, 5: {"parse": 1 / 1.5}}
    )
    configure(desk, history)
    return desk, history


def states(desk: Desk) -> dict[str, str]:
    listed = desk.tracker("findings", "list", "--all", "--json")
    assert listed.status == 0, listed.err
    return {one["commit"]: one["triage"] for one in json.loads(listed.out)}


def test_decisions_are_kept_with_who_and_why(regressed: tuple[Desk, SampleHistory]) -> None:
    desk, history = regressed
    assert desk.run("HEAD~6..HEAD~3", *ONE).status == 1
    (found,) = json.loads(desk.tracker("findings", "list", "--json", "--sarif", "all.json").out)
    alerts = json.loads((desk.directory / "all.json").read_text("utf-8"))["runs"][0]["results"]
    assert {one["level"] for one in alerts} == {"error"}
    assert all(one["locations"] for one in alerts)
    number = str(found["id"])
    told = desk.tracker(
        "findings", "ack", number, "--because", "we <know> it", "--who", "Ä. Nybody"
    )
    assert told.status == 0, told.err
    assert states(desk) == {history.commits[2]: "acknowledged"}
    shown = desk.tracker("findings", "show", number)
    assert 'Ä. Nybody  acknowledged, confirmed: "we <know> it"' in shown.out
    desk.tracker("findings", "false-alarm", number, "--because", "not really")
    assert desk.run("HEAD~6..HEAD~3", *ONE).status == 0  # what is settled fails no run
    assert desk.tracker("findings", "list").out.splitlines() == [
        "No open findings.",
        "Of all 1 finding: 1 called a false alarm.",
    ]
    assert desk.tracker("findings", "reopen", number).status == 0
    assert desk.run("HEAD~6..HEAD~3", *ONE).status == 1


def test_a_level_that_is_back_is_fixed(regressed: tuple[Desk, SampleHistory]) -> None:
    desk, history = regressed
    desk.run("HEAD~6..HEAD~3", *ONE)
    assert states(desk) == {history.commits[2]: "open"}
    assert desk.run("ALL", *ONE).status == 0
    assert states(desk)[history.commits[2]] == "fixed"


def test_a_new_commit_is_judged_with_what_was_measured_before(
    regressed: tuple[Desk, SampleHistory],
) -> None:
    desk, history = regressed
    assert desk.run("..HEAD~5", *ONE).status == 0
    alone = desk.run("HEAD~5..HEAD~4", *ONE)
    assert alone.status == 1, alone.out
    (found,) = json.loads(desk.tracker("findings", "list", "--json").out)
    assert (found["commit"], found["after"]) == (history.commits[2], history.commits[1])


def test_a_revert_is_told_as_such(regressed: tuple[Desk, SampleHistory]) -> None:
    desk, history = regressed
    told = json.loads(desk.run("ALL", *ONE).out)
    undone = {one["commit"]: one["takes_back"] for one in told["findings"]}
    assert undone == {history.commits[2]: None, history.commits[5]: history.commits[2]}
    shown = desk.tracker("show", history.commits[5])
    assert f"takes back the change of {history.commits[2][:8]}" in shown.out


def test_a_project_announces_its_own_changes(regressed: tuple[Desk, SampleHistory]) -> None:
    desk, history = regressed
    repository = history.path
    git(repository, "checkout", "--quiet", "main")
    sha = history.commits[2]
    announced = f"- commit: {sha[:10]}\n  benchmark: 'parse*'\n  reason: it checks more\n"
    (repository / "tracker-expected.yaml").write_text(announced)
    git(repository, "add", "tracker-expected.yaml")
    git(repository, "-c", "user.name=A", "-c", "user.email=a@b", "commit", "-qm", "Announce it")
    desk.run("HEAD~7..HEAD", "policy.batch_commits=99", *ONE)
    assert states(desk)[sha] == "expected"
    shown = desk.tracker("findings", "list", "--all").out
    assert "expected" in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ack", "999999", "--because", "x"), "no finding 999999"),
        (("show", "999999"), "no finding 999999"),
        (("ack", "999999"), "--because"),
    ],
)
def test_mistakes_are_one_line(
    regressed: tuple[Desk, SampleHistory], arguments: tuple[str, ...], said: str
) -> None:
    desk, _ = regressed
    desk.run("HEAD~6..HEAD~5", "policy.processes=1", "matrix.include=[parse]")
    result = desk.tracker("findings", *arguments)
    assert result.status == 2
    assert said in result.err
    assert "Traceback" not in result.err


_WITH_QUALITY = """\
from sample import work
from tracker import benchmark, quality

SIZES = [0, 1, 2, 3]


@benchmark
def parse():
    work.parse()


@benchmark(
    kind="quality",
    metric="accuracy",
    direction="higher",
    params={"batch": [2, 9]},
    dataset={"name": "sizes", "ids": SIZES, "of": 10},
)
def right(batch):
    answers = [work.parse(size) for size in SIZES]
    return {
        "value": quality.accuracy(answers, [sum(range(200 * size)) for size in SIZES]),
        "samples": dict(zip(SIZES, answers)),
    }
"""


def test_faster_but_wrong_is_told_first_and_traced_to_samples(desk: Desk) -> None:
    history = sample_project(desk.directory / "repo", commits=2, changes={1: {"parse": 0.5}})
    configure(desk, history)
    (desk.directory / "suite.py").write_text(_WITH_QUALITY)
    result = desk.run("ALL", "policy.processes=2", "policy.confirm_seconds=0")
    assert result.status == 1, result.err
    (finding,) = result.report["findings"]
    assert finding["faster_but_wrong"]
    assert finding["confirmation"] == "confirmed"
    assert finding["commit"] == history.commits[1]
    told = {(one["title"], one["metric"]): one for one in finding["effects"]}
    wrong, fewer = told["right", "accuracy"], told["parse", "instructions"]
    assert (wrong["before"], wrong["after"], wrong["subset"]) == (1.0, 0.25, 4)
    assert fewer["verdict"]["outcome"] == "faster"
    (quality,) = [one for one in result.report["series"] if one["kind"] == "quality"]
    assert not {"device", "threads"} & quality["facts"].keys()
    shown = desk.tracker("show", history.commits[1], "--samples", "samples.csv").out
    assert "faster but wrong" in shown
    assert "right accuracy (subset: 4): 3 of 4 samples changed" in shown
    assert "  1: 19900 → 4950" in shown
    rows = (desk.directory / "samples.csv").read_text().splitlines()
    assert "right accuracy (subset: 4),the commit before,1,19900,4950" in rows
