"""What a run finds, and what it leaves alone."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.conftest import QUICK, Desk, configure
from tests.support.histories import sample_project, write_asv_suite


def findings(report: dict) -> list[tuple[str, str]]:  # type: ignore[type-arg]
    return [(finding["kind"], finding["commit"]) for finding in report["findings"]]


def test_a_planted_change_is_found_at_its_commit_and_nowhere_else(desk: Desk) -> None:
    history = sample_project(desk.directory / "repo", commits=9, changes={5: {"parse": 1.6}})
    configure(desk, history)
    result = desk.run("ALL")
    assert findings(result.report) == [("regression", history.commits[5])], result.err
    (finding,) = (one for one in result.report["findings"] if one["commit"] == history.commits[5])
    counted = {e["title"] for e in finding["effects"] if e["metric"] == "instructions"}
    assert counted == {"parse"}
    assert finding["confirmation"] == "confirmed"  # by counting instructions
    assert result.status == 1


def test_an_unchanged_history_is_quiet_and_says_what_it_could_have_seen(desk: Desk) -> None:
    history = sample_project(desk.directory / "repo", commits=8)
    configure(desk, history)
    result = desk.run("ALL")
    assert findings(result.report) == [], result.err
    assert result.status == 0
    assert all(
        series["mde"] > 0 for series in result.report["series"] if series["metric"] == "time"
    )
    again = desk.tracker("detect", "--plain")
    assert again.status == 0
    assert "smallest change" in again.out.lower()


def test_a_second_run_measures_nothing(desk: Desk) -> None:
    history = sample_project(desk.directory / "repo", commits=3)
    configure(desk, history)
    first = desk.run("ALL", "policy.processes=2")
    second = desk.run("ALL", "policy.processes=2")
    assert first.report["run"]["measured"] == 3 * 4 * 2
    assert second.report["run"]["measured"] == 0
    more = desk.run("ALL", "policy.processes=3")
    assert more.report["run"]["measured"] == 3 * 4


def test_the_reference_commit_runs_in_every_session_that_measures(desk: Desk) -> None:
    history = sample_project(desk.directory / "repo", commits=5)
    configure(desk, history)
    for range_text, commits in (("HEAD~3..HEAD~1", 2), ("HEAD~1..HEAD", 1), ("HEAD~1..HEAD", 0)):
        again = (*QUICK, "policy.processes=2", "policy.reference=auto")
        result = desk.run(range_text, quick=again)
        assert result.status == 0, result.err
        # beside the commits, four benchmarks, two rounds; and not where nothing is due
        assert result.report["run"]["measured"] == (commits + bool(commits)) * 4 * 2


def test_a_change_of_the_work_by_one_per_cent_is_certain_on_a_busy_machine(desk: Desk) -> None:
    history = sample_project(desk.directory / "repo", commits=5, changes={3: {"search": 1.01}})
    configure(desk, history)
    hogs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(3)]
    try:
        result = desk.run("ALL", "policy.processes=2", "policy.confirm_seconds=0")
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()
    (finding,) = (one for one in result.report["findings"] if one["confirmation"] == "confirmed")
    assert (finding["kind"], finding["commit"]) == ("regression", history.commits[3])
    (effect,) = (one for one in finding["effects"] if one["metric"] == "instructions")
    assert effect["title"] == "search"
    assert effect["verdict"]["effect"] == pytest.approx(0.01, abs=0.003)


def test_the_package_itself_is_measured(desk: Desk) -> None:
    history = sample_project(desk.directory / "repo", commits=2)
    configure(desk, history)
    quick = (*QUICK, "policy.processes=1", "policy.package=true")
    result = desk.run("ALL", quick=quick)
    assert result.status == 0, result.err
    of_package = {s["metric"]: s for s in result.report["series"] if s["title"] == "package"}
    assert set(of_package) == {"import_time", "installed_bytes"}
    assert all(p["value"] > 0 for s in of_package.values() for p in s["points"])


def test_commits_that_install_the_same_share_their_measurements(desk: Desk) -> None:
    history = sample_project(desk.directory / "repo", commits=4, docs_only=(1, 3))
    configure(desk, history)
    result = desk.run("ALL", "policy.processes=2")
    assert result.report["run"]["measured"] == 2 * 4 * 2
    for series in result.report["series"]:
        values = [point["values"] for point in series["points"]]
        assert values[0] == values[1]
        assert values[2] == values[3]


def test_broken_commits_are_states_and_the_rest_goes_on(desk: Desk) -> None:
    history = sample_project(
        desk.directory / "repo",
        commits=6,
        unbuildable=(1,),
        syntax_errors=(2,),
        raising={3: "parse"},
        deleted={4: "load"},
    )
    configure(desk, history)
    result = desk.run("ALL", "policy.processes=2")
    states = {
        (point["commit"], series["title"]): point["state"]
        for series in result.report["series"]
        if series["metric"] == "time"
        for point in series["points"]
    }
    commits = history.commits
    assert states[commits[1], "parse"] == "build-failed"
    assert states[commits[2], "parse"] == "benchmark-failed"
    assert states[commits[3], "parse"] == "benchmark-failed"
    assert states[commits[3], "render"] == "measured"
    assert states[commits[5], "parse"] == "measured"
    assert states[commits[5], "load"] == "benchmark-failed"
    assert ("failed", commits[4]) in findings(result.report)


def test_paths_and_messages_in_any_script(desk: Desk) -> None:
    directory = desk.directory / "mein 'Projekt' — «計算»"
    directory.mkdir()
    quiet = Desk(directory, Path(desk.environment["TRACKER_HOME"]))
    history = sample_project(
        directory / "ein repo", commits=2, non_ascii=True, subdirectory="packages/größe"
    )
    configure(quiet, history)
    result = quiet.run("ALL", "policy.processes=1")
    assert result.status == 0, result.err
    assert {point["state"] for s in result.report["series"] for point in s["points"]} == {
        "measured"
    }


def test_an_asv_suite_runs_unmodified(desk: Desk) -> None:
    history = sample_project(desk.directory / "repo", commits=3, legacy=True)
    write_asv_suite(desk.directory, repository=str(history.path), sizes=(5, 10))
    (desk.directory / "tracker.yaml").write_text(
        "defaults: [tracker, override suite: asv, _self_]\n"
        f"project: {{name: '{desk.directory.name}', repository: repo, package: sample}}\n"
        "suite: {name: sample, path: benchmarks}\n"
    )
    result = desk.run("ALL", "policy.processes=1", "matrix.size=10")
    assert result.status == 0, result.err
    titles = {series["title"] for series in result.report["series"]}
    assert titles == {
        f"benchmarks.time_{name}[size=10]" for name in ("parse", "render", "search", "load")
    }


def test_an_asv_cache_is_made_once_for_each_build(desk: Desk) -> None:
    sample_project(desk.directory / "repo", commits=2)
    calls = desk.directory / "calls"
    (desk.directory / "benchmarks").mkdir()
    (desk.directory / "benchmarks" / "cached.py").write_text(
        "class Suite:\n"
        "    def setup_cache(self):\n"
        f"        with open({str(calls)!r}, 'a') as file: file.write('x')\n"
        "        with open('beside', 'w') as file: file.write('y')\n"
        "        return [1, 2]\n"
        "    def time_sum(self, cache): sum(cache)\n"
        "    def track_beside(self, cache): return -len(open('beside').read())\n"
    )
    (desk.directory / "tracker.yaml").write_text(
        "defaults: [tracker, override suite: asv, _self_]\n"
        f"project: {{name: '{desk.directory.name}', repository: repo, package: sample}}\n"
        "suite: {name: sample, path: benchmarks}\n"
    )
    result = desk.run("ALL", "policy.processes=2")
    assert result.status == 0, result.err
    assert result.report["run"]["measured"] == 2 * 2 * 2
    assert calls.read_text() == "xx"
    tracked = {one["metric"]: one for one in result.report["series"]}["value"]
    assert [point["value"] for point in tracked["points"]] == [-1, -1]


def test_from_an_empty_directory_to_a_report(desk: Desk) -> None:
    repository = desk.directory / "repo"
    history = sample_project(repository, commits=3)
    from tests.support.histories import git

    git(repository, "checkout", "--quiet", "main")
    here = Desk(repository, Path(desk.environment["TRACKER_HOME"]))
    assert here.tracker("init").status == 0
    planned = here.tracker("plan", "HEAD~1..HEAD")
    assert planned.status == 0, planned.err
    assert history.commits[-1][:8] in planned.out
    ran = here.run("HEAD~2..HEAD", "policy.processes=1")
    assert ran.status == 0, ran.err
    reported = here.tracker("report", "--output", "out")
    assert reported.status == 0, reported.err
    assert {path.suffix for path in (repository / "out").iterdir()} >= {".html", ".md", ".json"}
    summed = here.tracker("report", "--commit", "HEAD", "--against", "HEAD~1", "--output", "sum")
    assert summed.status == 0, summed.err
    assert re.search(r"^latency: \w+: p50 .* throughput .*, processes 1", summed.out, re.MULTILINE)
    assert "geometric mean" in (repository / "sum" / "summary.md").read_text("utf-8")
    assert {path.name for path in (repository / "sum").iterdir()} == {
        *(f"summary.{form}" for form in ("html", "md", "json")),
        *(f"speedups.{form}" for form in ("csv", "svg")),
    }
    for new_or_changed in (r"[1-9]\d* new or changed", "0 new or changed"):
        written = here.tracker("site", "public", "--url", "https://example.org/site")
        assert written.status == 0, written.err
        assert re.search(new_or_changed, written.out)
    assert "https://example.org/site/feed.xml" in (repository / "public/feed.xml").read_text()
    shown = here.tracker("show", "HEAD")
    assert shown.status == 0, shown.err
    assert re.search(r" 1 +[\d.]+ m?s +[\d.]+ m?s +[\d.]+ [kM]B", shown.out)
    assert "Watching took " in shown.out
    assert "HEAD~2..HEAD" in here.tracker("log").out


def test_what_makes_timings_loud_is_told_and_left_alone(desk: Desk) -> None:
    told = desk.tracker("doctor", "--tune", "--plain")
    assert told.status == 0, told.err
    assert "address randomization" in told.out
    assert "as it is" in told.out
    assert told.out.strip().endswith("Nothing was changed.")
    assert desk.tracker("doctor", "--apply").status == 2
