"""All files of a site as text, in an order in which they may be written. Pure.

What a page asks for comes before the page, and the start page last, so that a reader who comes
meanwhile, or after an interruption, finds pages that work. The same report gives the same text,
whenever it is made.
"""

from __future__ import annotations

import hashlib
import html
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from tracker.publish import drawn
from tracker.publish.frames import asset, compact, embedded, filled
from tracker.publish.report import Report
from tracker.publish.sentences import closing, failure_lines, false_alarms, verdict
from tracker.publish.site import benchmarks, commits, overview
from tracker.publish.site.contents import Site
from tracker.publish.site.curves import curves
from tracker.publish.site.feed import feed
from tracker.publish.site.naming import (
    benchmark_page,
    commit_file,
    commit_page,
    key,
    series_file,
    short,
)
from tracker.publish.wording import counted

_STYLES = ("uPlot.min.css", "page.css", "site.css")
#: has its say before anything is drawn
_EARLY = ("site-theme.js",)
_COMMON = ("uPlot.iife.min.js", "elements.js", "chart.js", "theme.js", "table.js", "cards.js")
#: script of each kind of page, after the common ones
_SCRIPTS = {
    "start": ("site.js", "site-start.js"),
    "benchmark": ("series.js", "curves.js", "site.js", "site-benchmark.js"),
    "commit": ("site.js", "site-commit.js"),
    "commits": ("site.js", "site-commits.js"),
    "findings": ("site.js", "site-findings.js"),
}
_ASSETS = (
    *("icon.svg", "uPlot.LICENSE.txt"),
    *dict.fromkeys(
        (*_STYLES, *_EARLY, *_COMMON, *(one for kind in _SCRIPTS.values() for one in kind))
    ),
)
_SCRIPT = '<script src="{}"></script>'
#: findings that the start page tells of
_NEWS = 5

File = tuple[str, str]


def files(site: Site) -> tuple[int, Iterator[File]]:
    """How many files there are, and path and text of each."""
    report = site.report
    known = commits.happenings(report)
    number_of_benchmarks = len({one.coordinate.benchmark for one in report.series})
    # beside these: lists of the commits, the series, the benchmarks; start page, findings,
    # commits, feed; and the word to GitHub
    count = len(_ASSETS) + len(report.series) + number_of_benchmarks + 2 * len(known) + 8
    return count, _files(site, known)


def _files(site: Site, known: list[commits.Happenings]) -> Iterator[File]:
    report = site.report
    # GitHub hands out what lies there as it is, and does not look for what to make of it
    yield ".nojekyll", ""
    for name in _ASSETS:
        yield f"assets/{name}", asset(name)
    yield _data("data/commits.js", commits.line(report, known))
    yield from _series(report)
    yield from _benchmarks(report)
    yield from _commits(report, known)
    yield "commits.html", _page("commits", report, {}, title="Commits")
    yield "findings.html", _page("findings", report, _findings(report), title="Findings")
    yield "feed.xml", feed(site)
    yield _data("data/benchmarks.js", overview.rows(report))
    yield "index.html", _page("start", report, _start(report))


def _data(path: str, value: Any) -> File:
    """Values as a script that tells them to the page that asked.

    Unlike JSON it can be asked for where a site lies on a disk. Its values are literals: no text
    within them can be anything else.
    """
    return path, f"tell({compact(path)},{compact(value)});\n"


def _series(report: Report) -> Iterator[File]:
    keys = {commit.sha: short(commit.sha) for commit in report.commits}
    for one in report.series:
        yield _data(series_file(one), drawn.series(one, report, keys))
    names = {one.short: [key(one), one.name] for one in report.series}
    yield _data("data/series.js", names)


def _benchmarks(report: Report) -> Iterator[File]:
    curves_of = curves(report)
    for benchmark, told in benchmarks.pages(report):
        path = benchmark_page(benchmark)
        shown = told | {"curves": list(curves_of.get(benchmark, ()))}
        yield path, _page("benchmark", report, shown, title=benchmark, root="../")


def _commits(report: Report, known: list[commits.Happenings]) -> Iterator[File]:
    for here in known:
        yield _data(commit_file(here.commit.sha), here.rows)
    for commit, shown in commits.pages(report, known):
        title = " ".join(dict.fromkeys((commit.label, commit.subject)))
        yield commit_page(commit.sha), _page("commit", report, shown, title=title, root="../")


def _start(report: Report) -> dict[str, Any]:
    failures = len(list(failure_lines(report)))
    return _found(report, _NEWS) | {
        "about": drawn.about(report),
        "warnings": list(report.warnings),
        "facts": drawn.provenance(report),
        "of": len(report.findings),
        "failed": counted(failures, "failure") if failures else "",
    }


def _findings(report: Report) -> dict[str, Any]:
    return _found(report, len(report.findings)) | {
        "failures": list(failure_lines(report)),
        "here": [
            [drawn.commit(report.commit(event.commit), report), event.kind, event.text]
            for event in report.events
            if any(commit.sha == event.commit for commit in report.commits)
        ],
    }


def _found(report: Report, most: int) -> dict[str, Any]:
    """The first findings with the commits that they name, and what is said of the rest."""
    findings = report.findings[:most]
    named = dict.fromkeys(finding.commit for finding in findings)
    index = {sha: number for number, sha in enumerate(named)}
    series = {one.series: key(one) for one in report.series}
    told = list(closing(replace(report, calibration=None)))
    if report.calibration:
        told.append(false_alarms(report.calibration, None))
    return {
        "verdict": verdict(report),
        "commits": [[*drawn.commit(report.commit(sha), report), []] for sha in named],
        "findings": [drawn.finding(one, report, index, series) for one in findings],
        "closing": told,
    }


def _page(
    kind: str, report: Report, shown: dict[str, Any], *, title: str = "", root: str = ""
) -> str:
    """A page: a frame, the little that it shows at once, and scripts that fetch the rest."""
    full = f"{title} · {report.project}" if title else f"{report.project}: {verdict(report)}"
    empty: dict[str, Any] = {"commits": [], "findings": [], "events": [], "broken": []}
    parts = {
        "kind": kind,
        "root": root,
        "title": html.escape(full),
        "styles": _each('<link rel="stylesheet" href="{}">', _STYLES, root),
        "early": _each(_SCRIPT, _EARLY, root),
        "scripts": _each(_SCRIPT, (*_COMMON, *_SCRIPTS[kind]), root),
        "data": embedded(empty | shown | {"project": report.project}),
    }
    return filled("site.html", parts)


def _each(element: str, names: Sequence[str], root: str) -> str:
    """An element for each of these assets.

    Its address tells its version, lest a browser take a page and the script of an older one.
    """
    return "".join(element.format(f"{root}assets/{name}?{_version(name)}") + "\n" for name in names)


@cache
def _version(name: str) -> str:
    return hashlib.sha256(asset(name).encode()).hexdigest()[:8]
