"""What the pages of a site hold, what they are called, and its feed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from html.parser import HTMLParser
from io import StringIO
from posixpath import dirname, join, normpath
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from tests.support import reports
from tracker.cli.site import as_address
from tracker.cli.site import site as command
from tracker.model.calibrations import Calibration
from tracker.model.findings import Triage
from tracker.publish.report import Report
from tracker.publish.site import benchmarks, commits, overview
from tracker.publish.site.contents import Site
from tracker.publish.site.feed import feed
from tracker.publish.site.files import files
from tracker.publish.site.naming import (
    OURS,
    benchmark_page,
    commit_file,
    commit_page,
    series_file,
    slug,
)
from tracker.publish.site.progress import watched

FOUND = datetime(2024, 5, 3, 4, 0, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"
ALL = [reports.releases, reports.quiet, reports.single, reports.empty, reports.hostile]


def site(report: Report, url: str = "") -> Site:
    """The findings were found an hour apart, in the order of their numbers."""
    numbers = [finding.id for finding in report.findings if finding.id]
    times = {one: FOUND + timedelta(hours=one) for one in numbers}
    return Site(
        report=report,
        times={one: (at, at + timedelta(minutes=5)) for one, at in times.items()},
        url=url,
    )


@cache
def made(make: Callable[[], Report]) -> dict[str, str]:
    """Path -> text of the files of a site."""
    return dict(files(site(make()))[1])


def values(text: str) -> Any:
    """What a file of values tells the pages that ask for it."""
    found = re.fullmatch(r'tell\("[\w/.-]+",(.*)\);\n', text)
    assert found
    return json.loads(found[1])


def told(text: str) -> Any:
    """What a page says to its scripts."""
    found = re.search(r'<script type="application/json" id="report">(.*)</script>', text)
    assert found
    return json.loads(found[1])


class Links(HTMLParser):
    """Tags of a page, and where its links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


# files --------------------------------------------------------------------------------


@pytest.mark.parametrize("make", ALL)
def test_every_file_is_counted_and_has_a_harmless_name(make: Callable[[], Report]) -> None:
    count, made_files = files(site(make()))
    paths = [path for path, _ in made_files]
    assert len(paths) == count == len(set(paths))
    for path in paths:
        assert OURS.fullmatch(path) or re.fullmatch(r"((assets|data)/)?[A-Za-z.-]+", path), path
    assert paths[-1] == "index.html"


@pytest.mark.parametrize("make", ALL)
def test_links_are_relative_and_lead_somewhere(make: Callable[[], Report]) -> None:
    pages = {path: text for path, text in made(make).items() if path.endswith(".html")}
    assert "commits.html" in pages
    for path, text in pages.items():
        page = Links(text)
        assert page.links
        for link in page.links:
            assert not urlsplit(link).scheme
            assert normpath(join(dirname(path), urlsplit(link).path)) in made(make), (path, link)
        assert page.tags.count("script") == 1 + sum(".js?" in one for one in page.links)
        assert not {"img", "iframe", "style", "base"} & set(page.tags)


def test_the_same_report_gives_the_same_files_on_another_day() -> None:
    calibration = Calibration(
        machine_class="c" * 64,
        suite_hash="5" * 64,
        profile="full",
        at=FOUND,
        decisions=240,
        alarms=0,
        powers=(),
        seconds_a_commit=1.0,
        cells=(),
    )
    report = replace(reports.releases(), calibration=calibration)
    later = replace(report, generated_at=report.generated_at + timedelta(days=40))
    assert dict(files(site(report))[1]) == dict(files(site(later))[1])
    start = dict(files(site(report))[1])["index.html"]
    assert "(calibrated 2024-05-03)" in start


def test_a_new_commit_leaves_what_is_settled_alone() -> None:
    before, after = (dict(files(site(reports.wide(40, n)))[1]) for n in (6, 7))
    newest = reports.commit(6).sha
    changed = {path for path in after if after[path] != before.get(path)}
    assert {path for path in changed if path.startswith("commits/")} == {
        commit_page(newest),
        commit_file(newest),
        commit_page(reports.commit(5).sha),  # it has a neighbour now
        commit_page(reports.commit(3).sha),  # the level since its change is known better
    }
    old = values(before[series_file(reports.wide(40, 6).series[0])])
    new = values(after[series_file(reports.wide(40, 6).series[0])])
    assert new["at"][:-1] == old["at"]


def test_thousands_of_series_do_not_weigh_on_the_pages() -> None:
    texts = made(reports.wide)
    sizes = {path: len(text.encode()) for path, text in texts.items()}
    assert sum(path.startswith("series/") for path in texts) == 2000
    assert sizes["index.html"] < 6_000
    rows = values(texts["data/benchmarks.js"])
    assert len(rows) == 500
    assert sizes["data/benchmarks.js"] < 400 * len(rows)
    pages = [path for path in texts if path.endswith(".html")]
    assert max(sizes[path] for path in pages) < 8_000
    assert not any('"raw"' in texts[path] for path in pages)


# hostile names ------------------------------------------------------------------------


@given(st.text(min_size=1), st.text(min_size=1))
def test_slugs_are_plain_and_never_shared(one: str, other: str) -> None:
    assert re.fullmatch(r"[a-z0-9-]{8,57}", slug(one))
    assert (slug(one) == slug(other)) == (one == other)


def test_names_stay_text_in_pages() -> None:
    texts = made(reports.hostile)
    for path, text in texts.items():
        if path.endswith(".html"):
            assert "<script>document" not in text
            assert "<img" not in text
            assert "{{" not in text.replace("{{data}}", "")
    named = told(texts[benchmark_page(reports.HOSTILE[1])])
    assert named["benchmark"] == reports.HOSTILE[1]


# start page ---------------------------------------------------------------------------


def test_a_row_shows_the_series_that_changed_last() -> None:
    rows = overview.rows(reports.releases())
    assert [(row["benchmark"], row["metric"]) for row in rows] == [
        ("errors", "time"),
        ("startup", "time"),
        ("validate", "time"),
        ("validate", "peak_memory"),
        ("validate", "instructions"),
    ]
    validate = rows[2]
    assert (validate["which"], validate["of"]) == ("schema=refs", 2)
    assert validate["change"] == ["+11.2 %", "bad", "v4.23.0"]
    assert {"schema=flat", "schema=refs"} <= set(validate["words"].split())
    assert rows[1]["change"] is None
    assert [row["leads"] for row in rows] == [True, True, True, False, False]
    assert "instructions" in validate["words"]
    assert "time" not in rows[4]["words"]


def test_a_picture_is_a_few_letters_from_the_lowest_to_the_highest() -> None:
    report = reports.large(series=2, commits=500, processes=1)
    stepped, flat = (overview.spark(one) for one in report.series)
    assert len(stepped) == len(flat) == 48
    assert min(stepped, key=overview.LETTERS.index) == "0"
    assert max(stepped, key=overview.LETTERS.index) == "z"
    heights = [overview.LETTERS.index(letter) for letter in stepped]
    assert max(heights[:28]) < 15
    assert min(heights[30:]) > 45
    assert overview.spark(reports.single().series[0]) == "V"


# benchmarks and commits ---------------------------------------------------------------


def test_a_benchmark_is_chosen_from_by_what_its_series_differ_in() -> None:
    pages = dict(benchmarks.pages(reports.releases()))
    assert list(pages) == ["errors", "startup", "validate"]
    assert pages["startup"]["choices"] == []
    validate = pages["validate"]
    assert dict(validate["choices"]) == {
        "metric": ["time", "peak_memory", "instructions"],
        "schema =": ["flat", "refs", "–"],
    }
    names = dict(validate["choices"])
    for one in validate["series"]:
        chosen = {name: names[name][at] for name, at in zip(names, one["chosen"], strict=True)}
        assert chosen["metric"] == one["metric"]
        assert f"schema={chosen['schema =']}" in one["title"] or chosen["schema ="] == "–"


def test_machines_and_environments_are_choices_too() -> None:
    line = [reports.commit(n) for n in range(3)]
    coordinates = [
        reports.coordinate(
            "parse", machine_class=machine * 64, python=python, environment_class=letter * 64
        )
        for machine in "cd"
        for letter, python in (("a", "cpython-3.11.7"), ("b", "cpython-3.12.1"))
    ]
    histories = [reports.history(one, line, lambda index: 1.0) for one in coordinates]
    page = dict(benchmarks.pages(reports.report(line, histories, reports.Found())))["parse"]
    choices = dict(page["choices"])
    assert list(choices) == ["python", "machine"]
    assert sorted(choices["machine"]) == ["bench-1 (cccccc)", "dddddd"]
    assert sorted(choices["python"]) == ["cpython-3.11.7", "cpython-3.12.1"]
    assert len({tuple(one["chosen"]) for one in page["series"]}) == 4


def test_a_commit_tells_what_happened_there_over_all_series() -> None:
    report = reports.releases()
    known = commits.happenings(report)
    assert len(known) == 15
    pages = {commit.label: page for commit, page in commits.pages(report, known)}
    page = pages["v4.18.0"]
    assert page["count"] == 6
    assert [(name, size, tone) for _, name, size, _, _, tone in page["changes"]] == [
        ("validate[schema=refs]", "+40.0 %", "bad"),
        ("validate[schema=refs] instructions", "+18.0 %", "bad"),
    ]
    assert [one["kind"] for one in page["findings"]] == ["regression"]
    assert [row and row[1] for row in page["commits"]] == ["v4.18.0", "v4.17.0", "v4.19.0"]
    assert pages["v4.14.0"]["failures"] == ["Does not build: error: invalid command 'bdist_wheel'"]
    assert pages["v4.22.0"]["failures"] == [
        "errors: benchmark failed: ImportError: no module named 'rfc3339_validator'"
    ]
    assert pages["v4.20.0"]["here"] == [("machine", "kernel 6.1.0 → 6.8.2")]
    assert pages["v4.25.0"]["commits"][2] is None


def test_what_was_measured_again_is_told_as_it_was_then() -> None:
    report = reports.releases()
    first, *others = report.findings
    refs, counts = first.effects
    assert refs.verdict is not None
    again = replace(refs, verdict=replace(refs.verdict, effect=0.1, low=0.09, high=0.11))
    gone = replace(again, series="0" * 64, title="gone")
    confirmed = replace(first, effects=(again, counts, gone))
    report = replace(report, findings=(confirmed, *others))
    pages = dict(commits.pages(report, commits.happenings(report)))
    page = pages[report.commit(first.commit)]
    assert [(row[1], row[2], row[0] is None) for row in page["changes"]] == [
        ("validate[schema=refs] instructions", "+18.0 %", False),
        ("validate[schema=refs]", "+10.0 %", False),
        ("gone", "+10.0 %", True),
    ]
    assert page["again"]
    assert [one["again"] for one in pages.values()].count(True) == 1
    ((_, told),) = [
        (one["title"], one["again"])
        for one in dict(benchmarks.pages(report))["validate"]["series"]
        if one["again"]
    ]
    assert told == [["+10.0 %", "[+9.0, +11.0]", "v4.18.0"]]


def test_a_commit_of_which_nothing_is_known_has_no_page() -> None:
    line = [reports.commit(n) for n in range(5)]
    one = reports.history(reports.coordinate("parse"), line[::2], lambda index: 1.0)
    texts = dict(files(site(reports.report(line, [one], reports.Found())))[1])
    shown = values(texts["data/commits.js"])["commits"]
    assert [row[-1] for row in shown] == [[], None, [], None, []]
    assert [commit_page(commit.sha) in texts for commit in line] == [True, False] * 2 + [True]


# feed ---------------------------------------------------------------------------------


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314  our own


def entries(text: str) -> list[ET.Element]:
    return parsed(text).findall(f"{ATOM}entry")


@pytest.mark.parametrize("make", ALL)
def test_the_feed_has_what_atom_requires(make: Callable[[], Report]) -> None:
    root = parsed(feed(site(make())))
    assert root.tag == f"{ATOM}feed"
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    for one in (root, *root.findall(f"{ATOM}entry")):
        identity = one.findtext(f"{ATOM}id") or ""
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", identity)
        assert one.findtext(f"{ATOM}title")
        updated = datetime.fromisoformat(one.findtext(f"{ATOM}updated") or "")
        assert updated.tzinfo is not None
        assert one.find(f"{ATOM}link[@rel='alternate']") is not None
    named = [one.findtext(f"{ATOM}id") for one in root.iter() if one.find(f"{ATOM}id") is not None]
    assert len(named) == len(set(named))


def test_the_newest_findings_come_first() -> None:
    newest, *_ = shown = entries(feed(site(reports.releases())))
    assert [one.findtext(f"{ATOM}title") for one in shown] == [
        "regression: validate[schema=refs] +11.2 % at v4.23.0",
        "regression: validate[schema=refs] +40.0 % and 1 more at v4.18.0",
        "improvement: errors -14.1 % at v4.16.0",
    ]
    assert newest.findtext(f"{ATOM}published") == "2024-05-03T17:00:00Z"
    assert newest.findtext(f"{ATOM}updated") == "2024-05-03T17:05:00Z"


def test_what_people_called_a_false_alarm_is_no_news() -> None:
    report = reports.releases()
    first, *rest = report.findings
    denied = replace(report, findings=(replace(first, triage=Triage.false_alarm), *rest))
    assert len(entries(feed(site(denied)))) == 2


def test_an_entry_keeps_its_name_when_its_evidence_changes() -> None:
    report = reports.hostile()
    (found,) = report.findings
    again = replace(report, findings=(replace(found, effects=found.effects[::-1]),))
    names = [entries(feed(site(one)))[0].findtext(f"{ATOM}id") for one in (report, again)]
    assert names[0] == names[1]


def test_links_of_the_feed_are_whole_where_the_address_is_known() -> None:
    (one,) = entries(feed(site(reports.hostile(), "https://example.org/bench/")))
    link = one.find(f"{ATOM}link")
    assert link is not None
    page = commit_page(reports.commit(5).sha)
    assert link.attrib["href"] == f"https://example.org/bench/{page}"
    assert page in made(reports.hostile)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("https://example.org/bench", "https://example.org/bench/"),
        ("http://example.org/", "http://example.org/"),
        ("", ""),
        ("javascript:alert(1)", None),
        ("example.org", None),
    ],
)
def test_the_address_of_a_site(typed: str, meant: str | None) -> None:
    option = next(one for one in command.params if one.name == "url")
    if meant is None:
        with pytest.raises(click.BadParameter, match="does not begin with https://"):
            as_address(click.Context(command), option, typed)
    else:
        assert as_address(click.Context(command), option, typed) == meant


def test_markup_in_the_feed_is_text() -> None:
    (one,) = entries(feed(site(reports.hostile())))
    content = one.find(f"{ATOM}content")
    assert content is not None
    assert content.attrib["type"] == "html"
    within = Links(content.text or "")
    assert set(within.tags) == {"p", "b", "ul", "li"}
    assert "&lt;img src=x onerror" in (content.text or "")


# progress -----------------------------------------------------------------------------


def test_a_log_hears_now_and_then_how_long_it_takes() -> None:
    out, ticks = StringIO(), iter(range(0, 1000, 2))
    shown = watched(
        iter("abcdefgh"), 8, Console(file=out), plain=True, clock=lambda: float(next(ticks))
    )
    assert "".join(shown) == "abcdefgh"
    lines = out.getvalue().splitlines()
    assert lines[0] == "4 of 8 files · 0:08 to go"
    assert len(lines) < 4
