"""Histories as they are out there: what is walked, built and measured of them."""

from __future__ import annotations

import signal
import tarfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from subprocess import Popen

from tests.acceptance.conftest import QUICK, Desk, configure
from tests.support.histories import CommitPlan, git, sample_project, write_history
from tests.support.waiting import wait_until

ONCE = ("policy.processes=1", *QUICK)


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


def test_pythons_that_are_not_there_are_told_before_anything_is_built(desk: Desk) -> None:
    configure(desk, sample_project(desk.directory / "repo", commits=2))
    for command in ("plan", "run"):
        result = desk.tracker(command, "ALL", "environment.python=['3.11','3.98','3.99']")
        assert result.status == 2
        assert "3.98" in result.err
        assert "3.99" in result.err
        assert "built" not in result.out


def test_help_keeps_its_lines(desk: Desk) -> None:
    lines = desk.tracker("--help").out.splitlines()
    assert "  tracker run HEAD~20..HEAD          measure it" in lines


# what lies in the tree -----------------------------------------------------------------------


def test_a_submodule_that_nobody_can_bring_is_a_failure_of_its_commits_alone(desk: Desk) -> None:
    history = sample_project(desk.directory / "repo", commits=2)
    configure(desk, history)
    bad, alike, good = (
        CommitPlan(files={"note": "1"}, submodules={"vendor": "a" * 40}, parents=("main",)),
        CommitPlan(files={"note": "2"}),
        CommitPlan(files={"vendor": None}),
    )
    write_history(history.path, [bad, alike, good])
    result = desk.run("ALL", "policy.processes=1", "environment.submodules=true")
    assert result.status == 0, result.err
    (failure,) = result.report["failures"]
    assert failure["state"] == "build-failed"
    assert "vendor" in failure["reason"]
    assert len(failure["commits"]) == 2
    by_default = desk.tracker("run", "--plain", "--retry-failed", "ALL", *ONCE)
    assert "vendor is a submodule, and environment.submodules is off" in by_default.out


def test_after_a_force_push_the_report_follows_the_new_line(desk: Desk) -> None:
    history = sample_project(desk.directory / "repo", commits=4)
    configure(desk, history)
    assert desk.run("ALL", "policy.processes=1").report["run"]["measured"] == 4 * 4
    plans = [CommitPlan(files={"src/sample/more.py": "X = 1\n"}, parents=(history.commits[1],))]
    (new,) = write_history(history.path, plans).values()
    result = desk.run("ALL", "policy.processes=1")
    assert result.report["run"]["measured"] == 4
    points = result.report["series"][0]["points"]
    assert [point["commit"] for point in points] == [*history.commits[:2], new]
    # what was there before is still known, and still measured
    again = desk.run(history.commits[3], "policy.processes=1")
    assert again.status == 0, again.err
    assert again.report["run"]["measured"] == 0
    assert desk.tracker("db", "verify").status == 0


# while commits are built ------------------------------------------------------------------

SLOW_SETUP = """\
import time
time.sleep({seconds})
from setuptools import setup
setup(name="sample", version="1.0", package_dir={{"": "src"}}, packages=["sample"])
"""


def slow_to_build(desk: Desk, *, commits: int, seconds: float) -> None:
    """A project that takes its time in every build, and was never built before."""
    plans = [
        CommitPlan(
            files={
                "setup.py": SLOW_SETUP.format(seconds=seconds),
                "src/sample/__init__.py": "",
                "src/sample/work.py": f"SALT = {uuid.uuid4().hex!r}\n"
                "def parse():\n    return sum(range(100))\n\n\n"
                "render = search = load = parse\n",
            }
        )
        for _ in range(commits)
    ]
    repository = desk.directory / "repo"
    write_history(repository, plans)
    (desk.directory / "suite.py").write_text(
        "from sample import work\nfrom tracker import benchmark\n\n\n"
        "@benchmark\ndef parse():\n    work.parse()\n"
    )
    (desk.directory / "tracker.yaml").write_text(
        f"project: {{name: '{desk.directory.name}', repository: repo, package: sample}}\n"
        "suite: {name: sample, path: suite.py}\n"
    )


def cache(desk: Desk, name: str) -> list[str]:
    """What lies in a part of the cache."""
    directory = Path(desk.environment["TRACKER_HOME"]) / "cache" / name
    return sorted(path.name for path in directory.iterdir()) if directory.is_dir() else []


@contextmanager
def building(desk: Desk) -> Iterator[Popen[str]]:
    """A run that has begun to build."""
    with desk.started("run", "--plain", "ALL", *ONCE) as process:
        wait_until(lambda: [name for name in cache(desk, "worktrees") if "." not in name])
        yield process


def test_a_run_killed_while_it_builds_leaves_nothing_that_the_next_does_not_sweep(
    desk: Desk,
) -> None:
    slow_to_build(desk, commits=3, seconds=1)
    with building(desk) as process:
        process.kill()
    assert cache(desk, "worktrees")
    result = desk.run("ALL", "policy.processes=1")
    assert result.status == 0, result.err
    assert result.report["run"]["measured"] == 3
    assert cache(desk, "worktrees") == cache(desk, "scratch") == []


def test_asked_to_stop_a_run_finishes_the_builds_that_run_and_begins_no_other(desk: Desk) -> None:
    slow_to_build(desk, commits=8, seconds=1)
    before = set(cache(desk, "wheels"))
    with building(desk) as process:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "goes on where this one ended" in out
    built = {name for name in cache(desk, "wheels") if "." not in name} - before
    assert len(built) <= 4
    assert cache(desk, "worktrees") == cache(desk, "scratch") == []


def test_stopping_ends_what_uv_does_and_is_never_a_failed_build(desk: Desk, tmp_path: Path) -> None:
    links, begun = tmp_path / "links", tmp_path / "begun"
    name = f"slowdep{uuid.uuid4().hex}"
    write_source(links, name, f"open({str(begun)!r}, 'w').close()\nimport time\ntime.sleep(99)\n")
    desk.environment["UV_FIND_LINKS"] = str(links)
    history = sample_project(desk.directory / "repo", commits=2)
    configure(desk, history)
    with desk.started("run", "--plain", "ALL", f"environment.requires=[{name}]", *ONCE) as process:
        wait_until(begun.exists)
        assert process.stdout is not None
        process.send_signal(signal.SIGINT)
        # two that come together would be one
        assert any("once more" in line for line in process.stdout)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert desk.run("ALL", "policy.processes=1").report["failures"] == []


def write_source(directory: Path, name: str, setup: str) -> None:
    """A source distribution that runs ``setup`` to say what it is."""
    directory.mkdir()
    with tarfile.open(directory / f"{name}-1.0.tar.gz", "w:gz") as archive:
        for path, text in {
            "setup.py": setup,
            "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        }.items():
            entry = tarfile.TarInfo(f"{name}-1.0/{path}")
            entry.size = len(text)
            archive.addfile(entry, BytesIO(text.encode()))


def test_other_environment_settings_build_anew(desk: Desk) -> None:
    history = sample_project(desk.directory / "repo", commits=2)
    configure(desk, history)
    first = desk.run("ALL", "policy.processes=1", "environment.build_requires=[sample-of-nothing]")
    assert first.status == 3, first.err
    second = desk.run("ALL", "policy.processes=1")
    assert second.status == 0, second.err
    assert second.report["run"]["measured"] == 2 * 4
