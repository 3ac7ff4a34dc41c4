"""The forms of a report: terminal, Markdown, HTML."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO, StringIO, TextIOWrapper

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.console import Console

from tests.support import reports
from tracker.model.findings import Confirmation, Triage
from tracker.publish import document, frames, html, markdown, terminal
from tracker.publish.report import Report
from tracker.publish.sentences import track_record
from tracker.publish.wording import clean

ALL = [reports.releases, reports.scaling, reports.quiet, reports.single, reports.empty]
HOSTILE = "a|b `c` <script>alert(1)</script> </script> @team #12 [x](y) \x1b[31m <!-- {{data}} $1"


def hostile() -> Report:
    report = reports.releases()
    return replace(
        report,
        project="<b>demo</b>",
        warnings=(HOSTILE.replace("\x1b", ""),),
        commits=tuple(replace(one, subject=clean(HOSTILE)) for one in report.commits),
    )


def printed(report: Report, *, plain: bool, width: int = 100, color: bool = False) -> str:
    out = StringIO()
    console = Console(file=out, width=width, force_terminal=color, no_color=not color)
    terminal.render(report, console, plain=plain)
    return out.getvalue()


class Text(HTMLParser):
    """Text and tags of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


# terminal -----------------------------------------------------------------------------


def test_plain_output_has_one_finding_a_line_at_any_width() -> None:
    narrow, wide = (printed(reports.releases(), plain=True, width=width) for width in (30, 300))
    assert narrow == wide
    assert "\x1b" not in wide
    assert (
        sum(line.startswith(("regression: ", "improvement: ")) for line in wide.splitlines()) == 3
    )
    first = next(line for line in wide.splitlines() if line.startswith("regression: "))
    for part in ("v4.18.0", "+40.0 %", "[+38.5, +41.5]", "6.0 → 8.4 ms", "q < 0.001", "confirmed"):
        assert part in first


def test_the_verdict_comes_first_and_the_next_command_is_at_hand() -> None:
    text = printed(reports.releases(), plain=False)
    assert text.index("REGRESSION") < text.index("FAILED") < text.index("IMPROVEMENT")
    assert "→ tracker show v4.18.0" in text
    assert text.index("REGRESSION") < text.index("No other change in 3 series")


def test_colours_only_where_they_are_wanted() -> None:
    assert "\x1b[" in printed(reports.releases(), plain=False, color=True)
    assert "\x1b[" not in printed(reports.releases(), plain=True, color=True)


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("make", ALL)
def test_no_change_always_comes_with_the_smallest_change(
    make: Callable[[], Report], plain: bool
) -> None:
    report = make()
    pages = [printed(report, plain=plain, width=500), markdown.render(report)]
    pages += [*html.page(report)["closing"], html.page(report)["verdict"]]
    for line in "\n".join(pages).splitlines():
        if re.search(r"no (other )?change (in|found)", line, re.IGNORECASE):
            assert re.search(r"seen: .*(\d %|any change)", line)


def test_plain_output_fits_an_output_that_knows_only_ascii() -> None:
    raw = BytesIO()
    out = TextIOWrapper(raw, encoding="ascii")
    terminal.render(reports.releases(), Console(file=out), plain=True)
    out.flush()
    assert b"6.0 -> 8.4 ms" in raw.getvalue()


def test_a_commit_cannot_steer_the_terminal() -> None:
    commits = [reports.commit(0, subject="red \x1b[31m and\r\nmore\u202e")]
    report = reports.report(commits, [], reports.Found(), warnings=["\x1b]0;title\x07"])
    assert report.commits[0].subject == "red [31m and more"
    assert "\x1b" not in printed(report, plain=True)


# what a correction over a commit left of the evidence ---------------------------------


def test_q_is_told_in_every_form() -> None:
    report = reports.releases()
    finding, *others = report.findings
    first, *rest = finding.effects
    doubted = replace(finding, effects=(replace(first, q=0.0312), *rest))
    report = replace(report, findings=(doubted, *others))
    assert "q = 0.031" in printed(report, plain=True)
    assert "q = 0.031" in printed(report, plain=False, width=160)
    assert "q = 0.031" in markdown.render(report)
    assert "q = 0.031" in json.dumps(html.page(report)["findings"], ensure_ascii=False)
    assert document.to_json(report)["findings"][0]["effects"][0]["q"] == 0.0312


def test_what_was_measured_again_and_not_there_is_counted() -> None:
    report = reports.releases()
    report = replace(report, figures=replace(report.figures, refuted=2))
    for text in (printed(report, plain=True), markdown.render(report), html.render(report)):
        assert "Measured again and not there: 2 suspected changes." in text
    assert document.to_json(report)["figures"]["refuted"] == 2


def test_the_record_of_a_project_counts_what_was_none() -> None:
    findings = reports.releases().findings
    assert track_record(findings) == track_record(()) == ""
    one, another, third, *rest = findings
    refuted = replace(one, confirmation=Confirmation.refuted)
    denied = replace(another, triage=Triage.false_alarm)
    assert (
        track_record([refuted, denied, third, *rest])
        == "Of all 4 findings: 1 measured again and not there, 1 called a false alarm."
    )


# Markdown -----------------------------------------------------------------------------


def rendered(text: str) -> str:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return str(parser.render(text))


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Z")), min_size=1))
def test_escaped_text_shows_as_it_was(text: str) -> None:
    shown = Text(rendered(f"- {markdown.escape(text)}"))
    assert "".join(shown.texts).replace("\u200b", "").strip() == text.replace("\u200b", "")
    assert [tag for tag, _ in shown.tags] == ["ul", "li"]


def test_markdown_of_a_hostile_commit() -> None:
    text = markdown.render(hostile())
    page = Text(rendered(text))
    assert not {"script", "b"} & {tag for tag, _ in page.tags}
    assert clean(HOSTILE) in "".join(page.texts).replace("\u200b", "")
    assert "@team" not in text
    assert (
        len({line.count("|") - line.count(r"\|") for line in text.splitlines() if "|" in line[:2]})
        == 2
    )


def test_markdown_folds_all_but_the_changes() -> None:
    text = markdown.render(reports.releases())
    assert text.startswith("## 2 regressions, 1 new failure, 1 improvement\n")
    assert text.index("| **regression**") < text.index("<details>")
    assert text.count("<details>") == text.count("</details>") == 5
    assert "validate\\[schema=flat\\]" not in text[: text.index("<details>")]


# HTML ---------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [*ALL, hostile])
def test_the_page_is_whole_and_closed(make: Callable[[], Report]) -> None:
    page = Text(html.render(make()))
    tags = [tag for tag, _ in page.tags]
    assert (tags.count("script"), tags.count("style")) == (11, 2)
    assert not {"link", "img", "iframe", "base", "object"} & set(tags)
    assert not [attrs for _, attrs in page.tags if "src" in attrs]
    policy = next(
        attrs["content"]
        for tag, attrs in page.tags
        if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-eval" not in policy
    assert "MIT License" in html.render(make())


@given(st.text())
def test_data_cannot_leave_its_element(text: str) -> None:
    within = frames.embedded([text])
    assert "<" not in within
    assert json.loads(within) == [text]


def test_a_large_history_stays_under_two_megabytes() -> None:
    assert len(html.render(reports.large()).encode()) < 2e6
    assert len(html.render(reports.large(processes=10)).encode()) < 2e6


def test_raw_values_survive_the_compact_form() -> None:
    report = reports.releases()
    series = next(one for one in report.series if one.name == "startup")
    compact = html.page(report)["series"][report.series.index(series)]
    factor = 1e-3  # shown in milliseconds
    for spot, value, offsets in zip(
        series.measured, compact["values"], compact["raw"], strict=True
    ):
        assert value * factor == pytest.approx(spot.value, rel=1e-5)
        restored = [(value + offset * compact["grain"]) * factor for offset in offsets]
        assert restored == pytest.approx([spot.low, spot.high, *spot.values], rel=3e-5)
