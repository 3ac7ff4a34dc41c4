"""Night after night: what is new is measured once, whatever happened the night before."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

from tests.acceptance.conftest import QUICK, Desk, Result, configure
from tests.acceptance.test_faults import units
from tests.acceptance.test_run import findings
from tests.support.histories import sample_project
from tests.support.services import Webhook, serving
from tests.support.waiting import wait_until

ONE = ("matrix.include=[parse]", "policy.processes=3")
FILES = {"report.html", "report.md", "report.json"}


def night(desk: Desk, *arguments: str) -> Result:
    return desk.tracker("nightly", "--json", "--output", "out", *arguments, *QUICK, *ONE)


def warnings(report: dict[str, Any]) -> str:
    return "\n".join(report["warnings"])


def written(desk: Desk) -> set[str]:
    return {path.name for path in (desk.directory / "out").iterdir()}


def test_nights_in_a_row(desk: Desk) -> None:
    configure(desk, sample_project(desk.directory / "repo", commits=3))
    with (desk.directory / "tracker.yaml").open("a") as configuration:
        configuration.write("notify: {to: {hook: \"${oc.env:HOOK,''}\"}}\n")
    first = night(desk)
    assert first.status == 0, first.err
    assert first.report["run"]["measured"] == 3 * 3

    idle = night(desk)
    assert idle.status == 0, idle.err
    assert "nothing new since" in warnings(idle.report)
    assert idle.report["run"]["measured"] == 0

    grown = sample_project(desk.directory / "repo", commits=9, changes={4: {"parse": 1.6}})
    hasty = night(desk, "--budget", "10ms")
    assert hasty.status == 3, hasty.err
    assert "does not suffice for 6 commits" in warnings(hasty.report)
    assert "the next night goes on" in warnings(hasty.report)
    assert written(desk) == FILES

    # only the last of each three is measured, and the change is found between two of them
    hook = Webhook(troubles=[500, 500, 500])
    with serving(hook) as address:
        desk.environment["HOOK"] = address.replace("http://", "json://") + "/s3cret"
        files = ("--junit", "cases.xml", "--sarif", "alerts.json")
        coarse = night(desk, *files, "history.every=3")
        assert coarse.status == 1, coarse.err
        assert findings(coarse.report) == [("regression", grown.commits[4])]
        assert "not notified: hook does not take the message: it answers 500" in coarse.err
        again = night(desk)
        assert again.status == 0, "what was told once fails no other night"
        (told,) = hook.taken
        assert f"regression at {grown.commits[4][:8]}" in told["message"]
    assert "regression at" in (desk.directory / "cases.xml").read_text("utf-8")
    assert '"regression"' in (desk.directory / "alerts.json").read_text("utf-8")
    assert "s3cret" not in coarse.out + coarse.err + again.out + again.err


def test_two_at_once_ctrl_c_and_a_kill(desk: Desk) -> None:
    configure(desk, sample_project(desk.directory / "repo", commits=3, unbuildable=(2,)))
    endless = (*QUICK, *ONE, "policy.processes=500")
    with desk.started("nightly", "--output", "out", *endless) as running:
        wait_until(lambda: len(units(desk)) > 1)
        second = desk.tracker("nightly", *endless)
        assert second.status == 4
        assert f"goes on already: process {running.pid} on " in second.err
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    partial = json.loads((desk.directory / "out" / "report.json").read_text("utf-8"))
    assert "stopped before its end" in warnings(partial)
    stopped_at = len(units(desk))
    with desk.started("nightly", *endless) as running:
        wait_until(lambda: len(units(desk)) > stopped_at)
        running.kill()
        running.communicate()
    killed_at = len(units(desk))
    processes = killed_at // 2 + 2
    last = desk.tracker("nightly", "--json", *QUICK, *ONE, f"policy.processes={processes}")
    assert last.status == 0, last.err
    assert last.report["run"]["measured"] == 2 * processes - killed_at
    assert set(units(desk).values()) == {1}


def test_a_fault_of_the_tracker_leaves_a_report_too(desk: Desk) -> None:
    history = sample_project(desk.directory / "repo", commits=2)
    configure(desk, history)
    wheels = Path(desk.environment["TRACKER_HOME"]) / "cache" / "wheels"
    aside = wheels.with_name("aside")
    wheels.mkdir(parents=True, exist_ok=True)
    wheels.rename(aside)
    wheels.touch()  # nobody expects a file there
    try:
        broken = night(desk)
    finally:
        wheels.unlink()
        aside.rename(wheels)
    assert broken.status == 4
    assert "this is a fault of the tracker" in broken.err
    assert "ended early by a fault of the tracker: FileExistsError" in warnings(broken.report)
    assert written(desk) == FILES
    after = night(desk)
    assert (after.status, after.report["run"]["measured"]) == (0, 2 * 3), after.err
