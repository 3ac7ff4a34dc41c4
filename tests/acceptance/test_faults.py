"""Killed, raced, without a database, without a disk: nothing is lost, nothing is doubled."""

from __future__ import annotations

import os
import signal
import subprocess
from collections import Counter
from contextlib import AbstractContextManager
from pathlib import Path

import psycopg
import pytest

from tests.acceptance.conftest import QUICK, Desk, configure
from tests.support.histories import sample_project
from tests.support.waiting import wait_until

PROCESSES = 2
EVERYTHING = 4 * 4 * PROCESSES  # commits x benchmarks x processes


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """A run of 32 processes, some seconds long."""
    configure(desk, sample_project(desk.directory / "repo", commits=4))
    return desk


def arguments() -> tuple[str, ...]:
    return (
        "ALL",
        f"policy.processes={PROCESSES}",
        "policy.sample_seconds=0.02",
        *QUICK[:1],
        *QUICK[2:],
    )


def started(desk: Desk) -> AbstractContextManager[subprocess.Popen[str]]:
    return desk.started("run", "--plain", *arguments())


def units(desk: Desk) -> Counter[str]:
    """How often each unit of the project's work is stored."""
    url = desk.tracker("db", "url").out.strip()
    with psycopg.connect(url) as connection:
        try:
            rows = connection.execute(
                "select unit from measurement join project on project.id = project_id"
                " where project.name = %s",
                [desk.directory.name],
            ).fetchall()
        except psycopg.errors.UndefinedTable:  # the run has not come that far
            return Counter()
    return Counter(str(unit) for (unit,) in rows)


def test_killed_in_the_middle_and_started_again(busy: Desk) -> None:
    with started(busy) as run:
        wait_until(lambda: len(units(busy)) > 3)
        run.kill()
        run.communicate()
    before = units(busy)
    assert 0 < len(before) < EVERYTHING
    again = busy.run(*arguments(), quick=())
    assert again.status == 0, again.err
    assert again.report["run"]["measured"] == EVERYTHING - len(before)
    assert set(units(busy).values()) == {1}
    assert len(units(busy)) == EVERYTHING


def test_ctrl_c_stops_cleanly_and_says_how_to_go_on(busy: Desk) -> None:
    with started(busy) as run:
        wait_until(lambda: len(units(busy)) > 3)
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=60)
    assert run.returncode == 130
    assert "goes on" in out + err
    assert "Traceback" not in err
    assert not list(Path(busy.environment["TRACKER_HOME"], "cache", "worktrees").glob("*/.git"))


def test_two_at_once_measure_nothing_twice(busy: Desk) -> None:
    with started(busy) as one, started(busy) as other:
        ends = [run.communicate(timeout=180) for run in (one, other)]
    assert [one.returncode, other.returncode] == [0, 0], ends
    assert set(units(busy).values()) == {1}
    assert len(units(busy)) == EVERYTHING


def test_the_database_dies_in_the_middle(tmp_path: Path) -> None:
    # a home of its own: its server is shot
    desk = Desk(tmp_path, tmp_path / "home")
    configure(desk, sample_project(tmp_path / "repo", commits=4))
    try:
        with started(desk) as run:
            wait_until(lambda: len(units(desk)) > 3)
            shoot_the_server(desk)
            out, err = run.communicate(timeout=120)
        assert run.returncode in (0, 4), (out, err)
        assert "Traceback" not in err
        again = desk.run(*arguments(), quick=())
        assert again.status == 0, again.err
        assert set(units(desk).values()) == {1}
        assert len(units(desk)) == EVERYTHING
    finally:
        desk.tracker("db", "stop")


def shoot_the_server(desk: Desk) -> None:
    (pid_file,) = Path(desk.environment["TRACKER_HOME"]).glob("state/database/**/postmaster.pid")
    os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)


def test_what_was_killed_from_outside_is_measured_again_and_watched(desk: Desk) -> None:
    configure(desk, sample_project(desk.directory / "repo", commits=1))
    (desk.directory / "suite.py").write_text(
        "import os\nfrom tracker import benchmark\n@benchmark\ndef unlucky():\n"
        f"    been = {str(desk.directory / 'been')!r}\n"
        "    if not os.path.exists(been):\n"
        "        open(been, 'w').close()\n"
        "        os.kill(os.getpid(), 9)\n"
    )
    result = desk.run("HEAD", "policy.processes=1")
    assert result.status == 0, result.err
    assert "killed from outside; trying again" in result.err
    with psycopg.connect(desk.tracker("db", "url").out.strip()) as connection:
        # other tests of this process have used the database as well
        (measured,) = connection.execute(
            "select m.id, state, 'killed' = any(flags), exceeded, peak_bytes > 0,"
            " sampler_seconds between 0 and seconds from measurement m join project on"
            " project.id = project_id where project.name = %s",
            [desk.directory.name],
        ).fetchall()
        channels = connection.execute(
            "select channel from telemetry where measurement_id = %s", measured[:1]
        ).fetchall()
    assert measured[1:] == ("measured", True, "", True, True)
    assert {("cpu_time",), ("other_cpu_time",)} <= set(channels)
