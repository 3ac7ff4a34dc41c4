"""Two commits against each other on this machine, for real: beside asv, with one core kept busy.

A history in which each commit changes code that does nothing (A/A), and one in which every other
commit makes all four benchmarks slower, by 5 and by 8 %. Every pair of neighbours is compared, by
the tracker, and some of them by ``asv continuous --factor 1.05``; all in one run, with a program
that keeps one core busy. Takes about half an hour.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.figures.desk import Desk, opened
from benchmarks.figures.figure import Figure
from benchmarks.figures.overhead import asv_configuration
from tests.support.histories import SampleHistory, sample_project, write_asv_suite, write_suite

#: pairs of neighbours without a change, and of each planted size
PLAIN, PLANTED = 50, 10
#: of these, pairs that asv compares too
OF_ASV = 10, 5
SIZES = (1.05, 1.08)
BENCHMARKS = ("parse", "render", "search", "load")

#: the protocol of comparing as it is; no more cells than asv has
POLICY = ("policy.package=false", "policy.counts=[]")

#: a line of asv's table of what changed: "| + | 100±1μs | 108±1μs | 1.08 | benchmarks.time_parse |"
_CHANGED = re.compile(r"^\|\s*([+-])\s*\|.*\|\s*benchmarks\.time_(\w+)\s*\|", re.MULTILINE)


@dataclass(slots=True)
class Tally:
    """What somebody said about pairs of one kind."""

    decisions: int = 0
    slower: int = 0
    faster: int = 0
    undecided: int = 0
    seconds: list[float] = field(default_factory=list)


def measure(directory: Path) -> list[Figure]:
    """False verdicts, and planted changes found; time to a verdict."""
    plain = sample_project(directory / "plain", commits=PLAIN + 1)
    planted = [
        sample_project(directory / f"planted-{size}", commits=2 * PLANTED, changes=_changes(size))
        for size in SIZES
    ]
    with _busy_core(), opened(directory) as desk:
        suite = write_suite(directory / "suite.py")
        desk.configure("plain", plain.path, suite)
        ours = _compared(desk, plain.commits, 1)
        ours_planted = []
        for size, history in zip(SIZES, planted, strict=True):
            desk.configure(f"planted-{size}", history.path, suite)
            ours_planted.append(_compared(desk, history.commits, 2))
        theirs = _by_asv(directory / "asv-plain", plain, OF_ASV[0], 1)
        theirs_planted = [
            _by_asv(directory / f"asv-{size}", history, OF_ASV[1], 2)
            for size, history in zip(SIZES, planted, strict=True)
        ]
    return [
        *_false(ours, theirs),
        *_found(ours_planted, theirs_planted),
        _time(ours, theirs),
    ]


def _changes(size: float) -> dict[int, dict[str, float]]:
    """Every other commit is slower by ``size`` than the one before; the rest is as the first."""
    return {
        number: dict.fromkeys(BENCHMARKS, size if number % 2 else 1 / size)
        for number in range(1, 2 * PLANTED)
    }


@contextmanager
def _busy_core() -> Iterator[None]:
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as hog:
        try:
            yield
        finally:
            hog.kill()


def _compared(desk: Desk, commits: Sequence[str], step: int) -> Tally:
    tally = Tally()
    for base, head in zip(commits[::step], commits[1::step], strict=False):
        start = time.perf_counter()
        out = desk.tracker("compare", base, head, "--json", *POLICY)
        tally.seconds.append(time.perf_counter() - start)
        for row in json.loads(out)["rows"]:
            if row["metric"] == "time":
                tally.decisions += 1
                outcome = row["verdict"]["outcome"]
                tally.slower += outcome == "slower"
                tally.faster += outcome == "faster"
                tally.undecided += outcome == "unknown"
    return tally


def _by_asv(directory: Path, history: SampleHistory, pairs: int, step: int) -> Tally:
    directory.mkdir()
    write_asv_suite(directory, repository=str(history.path))
    path = directory / "asv.conf.json"
    path.write_text(json.dumps(asv_configuration(path, tuned=True)))
    asv = [sys.executable, "-m", "asv"]
    _call([*asv, "machine", "--yes"], directory)
    tally = Tally()
    commits = history.commits
    chosen = list(zip(commits[::step], commits[1::step], strict=False))[:pairs]
    for base, head in chosen:
        start = time.perf_counter()
        out = _call([*asv, "continuous", "--factor", "1.05", base, head], directory)
        tally.seconds.append(time.perf_counter() - start)
        signs = [sign for sign, _ in _CHANGED.findall(out)]
        tally.decisions += len(BENCHMARKS)
        tally.slower += signs.count("+")
        tally.faster += signs.count("-")
    return tally


def _call(command: Sequence[str], cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):  # 1: something is slower
        raise SystemExit(f"{command} failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def _false(ours: Tally, theirs: Tally) -> Iterator[Figure]:
    parts = {
        "decisions": ours.decisions,
        "undecided": ours.undecided,
        "asv": theirs.slower + theirs.faster,
        "decisions of asv": theirs.decisions,
    }
    yield Figure(
        name="real machine, A/A: false verdicts",
        value=ours.slower + ours.faster,
        unit="",
        target=1,
        parts=parts,
    )


def _found(ours: Sequence[Tally], theirs: Sequence[Tally]) -> Iterator[Figure]:
    for size, mine, other, target in zip(SIZES, ours, theirs, (0.95, 1.0), strict=True):
        yield Figure(
            name=f"real machine: found of +{size - 1:.0%}",
            value=mine.slower / mine.decisions,
            unit="",
            target=target,
            at_least=True,
            parts={
                "decisions": mine.decisions,
                "undecided": mine.undecided,
                "wrong direction": mine.faster,
                "asv": other.slower / other.decisions,
            },
        )


def _time(ours: Tally, theirs: Tally) -> Figure:
    mine = sum(ours.seconds) / len(ours.seconds)
    other = sum(theirs.seconds) / len(theirs.seconds)
    return Figure(
        name="real machine, A/A: time of a pair / asv",
        value=mine / other,
        unit="×",
        target=1.0,
        parts={"tracker, s": mine, "asv continuous, s": other},
    )
