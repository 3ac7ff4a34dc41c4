"""The whole way on this machine, for real: what a maintainer reads after a history was measured.

Sixty commits over four benchmarks: +20 %, +8 %, -15 %, and +10 % that a later commit takes back;
two commits are broken, and the rest changes code that does nothing. First `tracker run ALL` as it
comes: are the planted changes found at their commits, and nothing else? Then, in a database that
knows nothing, `tracker bisect` between the two ends alone, on the benchmark with +8 % and on one
that did not change; beside `asv find`. Takes about half an hour.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import log2
from pathlib import Path
from typing import Any

from benchmarks.figures.desk import opened
from benchmarks.figures.figure import Figure
from benchmarks.figures.overhead import asv_configuration
from tests.support.histories import SampleHistory, sample_project, write_asv_suite, write_suite

COMMITS = 60
#: place -> benchmark -> how many times what it was; `load` never changes
PLANTED = {
    12: {"parse": 1.20},
    18: {"search": 1.10},
    24: {"search": 1 / 1.10},
    33: {"render": 1.08},
    45: {"search": 0.85},
}
REVERTED, REVERT = 18, 24
BROKEN = {"unbuildable": (27,), "syntax_errors": (51,)}
#: what is bisected, where it changed, and what is bisected in vain
BISECTED, CULPRIT, STEADY = "render", 33, "load"
#: builds beside the ends, of log2 of the commits
BUILDS = 1.3

#: a last line of asv: "Greatest regression found: 1a2b3c4d <main>"
_NAMED = re.compile(r"Greatest regression found: ([0-9a-f]{6,40})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How one search between the two ends went."""

    #: the commits that were named, at best one; "" where none was
    named: str
    #: commits that were built, beside the ends
    builds: int
    #: exit code
    status: int
    seconds: float


def measure(directory: Path) -> list[Figure]:
    """Changes found and invented by a run; commits named by bisections."""
    history = sample_project(
        directory / "repo",
        commits=COMMITS,
        changes=PLANTED,
        unbuildable=BROKEN["unbuildable"],
        syntax_errors=BROKEN["syntax_errors"],
    )
    suite = write_suite(directory / "suite.py")
    report, seconds = _morning(directory / "night", history, suite)
    ours = {name: _bisected(directory, history, suite, name) for name in (BISECTED, STEADY)}
    by_time = _bisected(directory, history, suite, BISECTED, "policy.counts=[]")
    theirs = {name: _by_asv(directory, history, name) for name in (BISECTED, STEADY)}
    return [
        *_read(report, history, seconds),
        *_culprit(history.commits[CULPRIT], ours[BISECTED], by_time, theirs[BISECTED]),
        _none(ours[STEADY], theirs[STEADY]),
    ]


def _morning(directory: Path, history: SampleHistory, suite: Path) -> tuple[dict[str, Any], float]:
    directory.mkdir()
    with opened(directory) as desk:
        desk.configure("morning", history.path, suite)
        start = time.perf_counter()
        report = json.loads(desk.tracker("run", "ALL", "--json"))
        return report, time.perf_counter() - start


def _read(report: dict[str, Any], history: SampleHistory, seconds: float) -> list[Figure]:
    """What the report says, against what was planted."""
    findings = {one["commit"]: one for one in report["findings"]}
    told = {place: findings.pop(history.commits[place], None) for place in PLANTED}
    found = [place for place, finding in told.items() if finding and _is(finding, PLANTED[place])]
    timed = [place for place in found if "time" in _metrics(told[place])]
    back = told[REVERT]
    others = [
        effect
        for place, finding in told.items()
        for effect in (finding or {}).get("effects", ())
        if effect["title"] not in PLANTED[place]
    ]
    return [
        Figure(
            name="a morning: planted changes found at their commits",
            value=len(found) / len(PLANTED),
            unit="",
            target=1,
            at_least=True,
            parts={
                "planted": len(PLANTED),
                "confirmed": sum(_is_confirmed(told[place]) for place in found),
                "told by timings too": len(timed),
                "the revert told as one": int(
                    back is not None and back["takes_back"] == history.commits[REVERTED]
                ),
                "commits": COMMITS,
                "minutes of the run": seconds / 60,
            },
        ),
        Figure(
            name="a morning: findings where nothing was planted",
            value=len(findings) + len(others),
            unit="",
            target=0,
            parts={
                "at other commits": len(findings),
                "confirmed ones": sum(map(_is_confirmed, findings.values())),
                "of other benchmarks at planted commits": len(others),
                "suspected, measured again and not there": report["figures"]["refuted"],
                "series": len(report["series"]),
            },
        ),
    ]


def _is(finding: dict[str, Any], planted: dict[str, float]) -> bool:
    """Is it a finding of what was planted, in its direction?"""
    ((benchmark, factor),) = planted.items()
    kind = "regression" if factor > 1 else "improvement"
    return finding["kind"] == kind and benchmark in {one["title"] for one in finding["effects"]}


def _metrics(finding: dict[str, Any] | None) -> set[str]:
    return {effect["metric"] for effect in (finding or {}).get("effects", ())}


def _is_confirmed(finding: dict[str, Any] | None) -> bool:
    return bool(finding and finding["confirmation"] == "confirmed")


def _bisected(
    directory: Path, history: SampleHistory, suite: Path, benchmark: str, *overrides: str
) -> Search:
    """From the two ends alone: with a home in which nothing was ever measured or built."""
    room = directory / f"bisect-{benchmark}-{len(overrides)}"
    room.mkdir()
    with opened(room) as desk:
        desk.configure("bisect", history.path, suite)
        ends = history.commits[0], history.commits[-1]
        start = time.perf_counter()
        done = desk.call("bisect", *ends, "--benchmark", benchmark, "--json", *overrides)
        seconds = time.perf_counter() - start
    # without an answer it is a miss, and that is what has to be reported
    nothing: dict[str, Any] = {"culprits": [], "asked": 0, "unseen": []}
    answer = json.loads(done.stdout) if done.stdout else nothing
    suspects = [one["sha"] for culprit in answer["culprits"] for one in culprit["commits"]]
    return Search(
        named=" ".join(suspects),
        builds=answer["asked"] + len(answer["unseen"]),
        status=done.returncode,
        seconds=seconds,
    )


def _by_asv(directory: Path, history: SampleHistory, benchmark: str) -> Search:
    room = directory / f"asv-{benchmark}"
    room.mkdir()
    write_asv_suite(room, repository=str(history.path))
    path = room / "asv.conf.json"
    path.write_text(json.dumps(asv_configuration(path, tuned=True)))
    asv = [sys.executable, "-m", "asv"]
    _call([*asv, "machine", "--yes"], room)
    ends = f"{history.commits[0]}..{history.commits[-1]}"
    start = time.perf_counter()
    done = _call([*asv, "find", ends, f"time_{benchmark}"], room)
    seconds = time.perf_counter() - start
    named = _NAMED.search(done.stdout)
    return Search(
        named=named[1] if named else "",
        builds=done.stdout.count("For sample commit ") - 2,
        status=done.returncode,
        seconds=seconds,
    )


def _call(command: Sequence[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def _culprit(sha: str, ours: Search, by_time: Search, theirs: Search) -> list[Figure]:
    return [
        Figure(
            name="bisect for real: the commit of +8 % is named",
            value=_right(ours, sha),
            unit="",
            target=1,
            at_least=True,
            parts={
                "by timings alone": _right(by_time, sha),
                "asv find": _right(theirs, sha),
                "seconds": ours.seconds,
                "by timings alone, s": by_time.seconds,
                "asv find, s": theirs.seconds,
            },
        ),
        Figure(
            name="bisect for real: builds beside the ends / log2(commits)",
            value=ours.builds / log2(COMMITS),
            unit="×",
            target=BUILDS,
            parts={
                "builds": ours.builds,
                "by timings alone": by_time.builds / log2(COMMITS),
                "builds of asv find": theirs.builds,
            },
        ),
    ]


def _right(search: Search, sha: str) -> int:
    return int(bool(search.named) and sha.startswith(search.named))


def _none(ours: Search, theirs: Search) -> Figure:
    return Figure(
        name="bisect for real: it is told that nothing changed",
        value=int(not ours.named and ours.status == 0),
        unit="",
        target=1,
        at_least=True,
        parts={
            "named": int(bool(ours.named)),
            "exit code": ours.status,
            "seconds": ours.seconds,
            "named by asv find": int(bool(theirs.named)),
            "exit code of asv find": theirs.status,
            "asv find, s": theirs.seconds,
        },
    )
