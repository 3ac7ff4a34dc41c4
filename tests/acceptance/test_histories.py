"""Histories as they are out there: what is walked, built and measured of them."""

from __future__ import annotations

from tests.acceptance.conftest import Desk, configure
from tests.support.histories import git, sample_project


def walked(desk: Desk, *arguments: str) -> list[str]:
    """SHAs of what a run would measure."""
    result = desk.tracker("plan", "--json", *arguments)
    assert result.status == 0, result.err
    return list(result.report["commits"])


def test_the_filters_of_a_range(desk: Desk) -> None:
    history = sample_project(
        desk.directory / "repo", commits=9, merges=(3, 6), tags={0: "v1.0", 4: "v2.0", 8: "v3.0rc1"}
    )
    configure(desk, history)
    line, sides = list(history.commits), history.sides
    assert set(walked(desk, "ALL")) == {*line, *sides.values()}
    assert walked(desk, "ALL", "--first-parent") == line
    assert walked(desk, "ALL", "--first-parent", "--every", "3") == line[2::3]
    assert walked(desk, "ALL", "--tags", "v*.0") == [line[0], line[4]]
    assert walked(desk, "ALL", "--path", "src/sample/side.py") == list(sides.values())
    # the whole of that day, at whatever time the command is called
    assert walked(desk, "ALL", "--first-parent", "--since", "2024-01-05") == line[4:]
    assert walked(desk, "v1.0..v2.0", "--first-parent", "history.every=2") == [line[2], line[4]]


def test_the_whole_line_is_that_of_the_branch_wherever_the_work_tree_stands(desk: Desk) -> None:
    history = sample_project(desk.directory / "repo", commits=4)
    configure(desk, history)
    git(history.path, "checkout", "--quiet", "--detach", "HEAD~2")
    assert walked(desk, "ALL") == list(history.commits[:2])
    assert walked(desk, "ALL", "project.branch=main") == list(history.commits)


def test_help_keeps_its_lines(desk: Desk) -> None:
    lines = desk.tracker("--help").out.splitlines()
    assert "  tracker run HEAD~20..HEAD          measure it" in lines
