"""Night after night: what is new is measured once, whatever happened the night before."""

from __future__ import annotations

import json
import signal
from typing import Any

from tests.acceptance.conftest import QUICK, Desk, Result, configure
from tests.acceptance.test_faults import units
from tests.acceptance.test_run import findings
from tests.support.histories import sample_project
from tests.support.waiting import wait_until

ONE = ("matrix.include=[parse]", "policy.processes=3")


def night(desk: Desk, *arguments: str) -> Result:
    return desk.tracker("nightly", "--json", *arguments, *QUICK, *ONE)


def warnings(report: dict[str, Any]) -> str:
    return "\n".join(report["warnings"])


def test_four_nights(desk: Desk) -> None:
    first = sample_project(desk.directory / "repo", commits=4)
    configure(desk, first)
    result = night(desk)
    assert result.status == 0, result.err
    assert result.report["run"]["measured"] == 4 * 3
    idle = night(desk)
    assert idle.status == 0, idle.err
    assert "nothing new since" in idle.err
    assert idle.report["run"]["measured"] == 0
    assert "nothing new since" in warnings(idle.report)
    # only the last of each three is measured, and the change is found between them
    grown = sample_project(desk.directory / "repo", commits=10, changes={5: {"parse": 1.6}})
    third = night(desk, "--output", "out", "history.every=3")
    assert third.status == 1, third.err
    assert findings(third.report) == [("regression", grown.commits[5])]
    # each is told once
    assert night(desk).status == 0
    assert {path.name for path in (desk.directory / "out").iterdir()} == {
        "report.html",
        "report.md",
        "report.json",
    }


def test_two_at_once_ctrl_c_and_a_kill(desk: Desk) -> None:
    configure(desk, sample_project(desk.directory / "repo", commits=4, unbuildable=(3,)))
    slow = (*QUICK, *ONE, "policy.processes=5", "policy.sample_seconds=0.1")
    with desk.started("nightly", "--output", "out", *slow) as running:
        wait_until(lambda: len(units(desk)) > 1)
        second = desk.tracker("nightly", *slow)
        assert second.status == 4
        assert f"goes on already: process {running.pid} on " in second.err
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    partial = json.loads((desk.directory / "out" / "report.json").read_text("utf-8"))
    assert "stopped before its end" in warnings(partial)
    stopped_at = len(units(desk))
    with desk.started("nightly", *slow) as running:
        wait_until(lambda: len(units(desk)) > stopped_at)
        running.kill()
        running.communicate()
    last = desk.tracker("nightly", "--json", *slow)
    assert last.status == 0, last.err
    assert set(units(desk).values()) == {1}
    assert len(units(desk)) == 3 * 5


def test_a_budget_that_suffices_for_nothing(desk: Desk) -> None:
    configure(desk, sample_project(desk.directory / "repo", commits=2))
    assert night(desk).status == 0
    sample_project(desk.directory / "repo", commits=5)
    late = night(desk, "--budget", "10ms", "--output", "out")
    assert late.status == 3, late.err
    assert "does not suffice for 3 commits" in warnings(late.report)
    assert "the next night goes on" in warnings(late.report)
    assert (desk.directory / "out" / "report.md").exists()
    again = night(desk)
    assert again.status == 0, again.err
    assert again.report["run"]["measured"] == 3 * 3
