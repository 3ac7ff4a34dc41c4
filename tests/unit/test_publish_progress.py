"""What a run shows while it goes on."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO

import pytest
from rich.console import Console

from tests.support import reports
from tracker.model.cells import Cell, EnvironmentRequest
from tracker.model.commits import Commit
from tracker.model.environments import Build, BuildFailure, Environment, EnvironmentClass
from tracker.model.measurements import Measurement, State
from tracker.model.requests import Measure
from tracker.model.suites import Kind
from tracker.publish.live import LiveProgress
from tracker.publish.progress import PlainProgress, Progress, open_progress

COMMITS = [reports.commit(n, tag=f"v{n}") for n in range(20)]
CELL = Cell(
    suite="parse",
    suite_hash="5" * 64,
    harness="python",
    benchmark="parse",
    parameters=(),
    kind=Kind.performance,
    environment=EnvironmentRequest(recipe="pinned", python="3.11"),
    device="cpu",
    threads=1,
    profile="full",
)


def build(key: str) -> Build:
    environment = Environment(
        hash="e",
        environment_class=EnvironmentClass(recipe="pinned", python="3.11"),
        python="cpython-3.11.7",
        platform="linux",
        lock="",
        packages=(),
    )
    return Build(key=key, content=key, environment=environment, installed_bytes=1)


def request(commit: Commit, number: int = 0) -> Measure:
    return Measure(commit=commit, build="b", cell=CELL, round=number, position=0)


def result(asked: Measure, state: State = State.measured, reason: str = "") -> Measurement:
    return Measurement(
        run="r",
        commit=asked.commit.sha,
        build=asked.build,
        cell=asked.cell.key,
        round=asked.round,
        position=asked.position,
        state=state,
        reason=reason,
        started_at=datetime(2024, 1, 1, tzinfo=UTC),
        seconds=1.0,
        exit_code=0,
    )


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def plain() -> tuple[PlainProgress, StringIO, Clock]:
    out, clock = StringIO(), Clock()
    return PlainProgress(Console(file=out, width=40), clock), out, clock


def test_only_the_commits_that_it_works_on_now_are_counted() -> None:
    progress, out, _ = plain()
    progress.started(COMMITS)
    progress.built(COMMITS[1], build("one"), 1.25)
    progress.started(COMMITS[1:3])
    progress.built(COMMITS[2], build("two"), 1.25)
    assert out.getvalue().splitlines()[-1] == "2/2 v2 built, 1.2 s"


def test_plain_builds_are_one_line_a_commit() -> None:
    progress, out, _ = plain()
    progress.started(COMMITS[:4])
    outcomes: list[tuple[Commit, Build | BuildFailure]] = [
        (COMMITS[0], build("one")),
        (COMMITS[1], build("one")),
        (COMMITS[2], BuildFailure(reason="no setup.py \x1b[31m", log="")),
    ]
    for commit, outcome in outcomes:
        progress.building(commit)
        progress.built(commit, outcome, 1.25)
    assert out.getvalue().splitlines() == [
        "1/4 v0 built, 1.2 s",
        "2/4 v1 built (same as v0), 1.2 s",
        "3/4 v2 does not build: no setup.py [31m, 1.2 s",
    ]


def test_plain_rounds_are_told_now_and_then_with_what_is_left() -> None:
    progress, out, clock = plain()
    progress.counted(0, 100)
    for number in range(40):
        asked = request(COMMITS[number % 4], number // 20)
        progress.measuring(asked)
        clock.now += 0.5
        progress.measured(asked, result(asked))
    lines = out.getvalue().splitlines()
    assert lines[0] == "round 1: 1 of 100 processes · 0:50 to go"
    assert lines[-1].startswith("round 2: ")
    assert len(lines) == 4


def test_a_failing_cell_is_told_once_a_commit() -> None:
    progress, out, _ = plain()
    for number in range(3):
        asked = request(COMMITS[0], number)
        progress.measuring(asked)
        progress.measured(asked, result(asked, State.timed_out, "after 60 s"))
    assert out.getvalue().count("v0 parse timed out: after 60 s") == 1


def test_the_end_is_one_line() -> None:
    progress, out, clock = plain()
    with progress:
        progress.built(COMMITS[0], build("one"), 1.0)
        for state in (State.measured, State.measured, State.benchmark_failed):
            progress.measured(request(COMMITS[0]), result(request(COMMITS[0]), state))
        clock.now = 72
    assert out.getvalue().splitlines()[-1] == (
        "1 commit built · 2 processes measured · 1 failed · 1:12"
    )


@pytest.mark.parametrize("is_plain", [True, False])
def test_a_run_that_did_nothing_says_nothing(is_plain: bool) -> None:
    out = StringIO()
    with open_progress(Console(file=out), plain=is_plain):
        pass
    assert not out.getvalue().strip()


def live(vitals: Callable[[], str] = lambda: "load 0.5") -> tuple[LiveProgress, StringIO]:
    out = StringIO()
    return LiveProgress(Console(file=out, force_terminal=True, width=100, height=40), vitals), out


def test_the_live_table_keeps_the_current_commit_in_sight() -> None:
    progress, out = live()
    with progress:
        progress.started(COMMITS)
        for commit in COMMITS[:18]:
            progress.building(commit)
            progress.built(commit, build(commit.sha), 0.5)
        progress.built(COMMITS[18], BuildFailure(reason="no setup.py", log=""), 0.1)
        progress.counted(30, 100)
        progress.measuring(request(COMMITS[17], 2))
        progress._live.refresh()
    text = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", out.getvalue())
    last = text[text.rindex("commit  ") :]
    assert "▸ v17" in last
    assert "✗ broken" in last
    assert "round 3 · 30 of 100 processes" in last
    assert "load 0.5" in last
    assert sum(f" v{n} " in last for n in range(20)) == 12


def test_the_terminal_is_restored_when_a_run_breaks() -> None:
    progress, out = live()

    def interrupted() -> None:
        with progress:
            progress.building(COMMITS[0])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert out.getvalue().rindex("\x1b[?25h") > out.getvalue().rindex("\x1b[?25l")


@pytest.mark.parametrize("make", [lambda: plain()[0], lambda: live()[0]])
def test_builds_may_end_in_many_threads(make: Callable[[], Progress]) -> None:
    def work(progress: Progress, commit: Commit) -> None:
        progress.building(commit)
        progress.built(commit, build(commit.sha), 0.1)
        progress.note(f"built {commit.label}")

    with make() as progress:
        threads = [threading.Thread(target=work, args=(progress, commit)) for commit in COMMITS]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert progress._board.built_of() == (20, 20)  # type: ignore[attr-defined]
