"""The forms of a comparison, and what is shown while it goes on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from io import StringIO

import pytest
from markdown_it import MarkdownIt
from rich.console import Console

from tests.support import comparisons
from tests.support.comparisons import comparison, count, mixed, nothing, row, scaled, verdict
from tests.support.schemas import allows_nothing_else, published, validate
from tests.support.values import cell
from tracker.model.cells import EnvironmentRequest
from tracker.model.findings import Outcome
from tracker.publish.comparing import markdown, terminal
from tracker.publish.comparing.contents import Comparison
from tracker.publish.comparing.document import to_json
from tracker.publish.comparing.progress import open_comparing
from tracker.publish.naming import names

SCHEMA = published("comparison")
ALL = [mixed, nothing, scaled]
HOSTILE = "load[name=[red]x[/] | `y` <b> @team \x1b[31m]"


def printed(of: Comparison, *, plain: bool = False, width: int = 120) -> list[str]:
    out = StringIO()
    terminal.render(of, Console(file=out, width=width), plain=plain)
    return [line.rstrip() for line in out.getvalue().splitlines()]


def line(lines: list[str], start: str) -> str:
    return re.sub(r" +", " ", next(line for line in lines if line.startswith(start)))


# JSON ---------------------------------------------------------------------------------


@pytest.mark.parametrize("make", ALL)
def test_every_comparison_fits_the_published_schema(make: Callable[[], Comparison]) -> None:
    document = to_json(make())
    validate(document, SCHEMA)
    assert list(json.loads(json.dumps(document, allow_nan=False))) == list(SCHEMA["properties"])


def test_the_schema_allows_nothing_else() -> None:
    assert allows_nothing_else(SCHEMA)


def test_what_is_no_commit_has_no_sha() -> None:
    tree = replace(mixed().head, stands_for="work tree")
    document = to_json(replace(mixed(), head=tree))
    validate(document, SCHEMA)
    assert (document["head"]["sha"], document["head"]["label"]) == ("", "work tree")


# terminal -----------------------------------------------------------------------------


def test_a_table_has_a_row_for_each_cell_and_for_what_else_changed() -> None:
    lines = printed(mixed())
    assert "slower [+29.0, +31.0] 12" in line(lines, "parse[size=10]")
    assert "14,018 → 18,223 +30.0 %" in line(lines, "parse[size=10] instructions")
    assert "exact" in line(lines, "parse[size=10] instructions")
    assert line(lines, "parse[size=2000]").endswith("same [-0.9, +1.1] 2.0 % 12")
    assert not any(line.startswith("parse[size=2000] instructions") for line in lines)
    assert "1 other row: nothing seen; --plain lists them" in lines


def test_cells_of_one_title_are_told_apart() -> None:
    lines = printed(mixed())
    assert "faster" in line(lines, "render (python 3.11)")
    assert "5.8 % 40" in line(lines, "render (python 3.12)")
    plain = cell("a", environment=EnvironmentRequest(recipe="contemporary", python="3.11"))
    assert set(names([cell("a"), plain, cell("a", threads=4)]).values()) == {
        "a (pinned, threads 1)",
        "a (contemporary, threads 1)",
        "a (pinned, threads 4)",
    }


def test_too_few_rounds_have_no_smallest_change() -> None:
    assert line(printed(mixed()), "search").endswith("unknown [-∞, ∞] 2")
    assert "inf" not in "\n".join(printed(mixed(), plain=True))


def test_what_has_no_verdict_says_why_below() -> None:
    lines = printed(mixed())
    assert line(lines, "load") == "load 2 ms → - lost"
    assert "load: benchmark failed at the head: no attribute 'load'" in lines
    assert line(lines, "dump") == "dump - → 1 ms new"
    assert line(lines, "sort") == "sort without values"
    many = [row(cell(f"f{n}"), None, reason="timed out at the head") for n in range(7)]
    assert "f0, f1, f2, f3, 3 more: timed out at the head" in printed(comparison(many))


def test_the_end_is_what_matters() -> None:
    lines = printed(mixed())
    assert (
        "2 slower, 1 faster, 2 the same, 2 not decided, 1 lost, 1 new, 1 without values,"
        " 1 cell identical" in lines
    )
    assert lines[-1].startswith("False alarms of this machine and suite, measured: 1 in 240")
    assert any(line.startswith("MDE: the smallest change") for line in lines)


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_no_name_is_cut_at_any_width(width: int) -> None:
    long = cell("time_of_something_with_a_long_name", parameters=(("encoding", "'utf-8-sig'"),))
    lines = printed(comparison([row(long, verdict(Outcome.slower, 0.3))]), width=width)
    assert max(map(len, lines)) <= width
    (head,) = (n for n, line in enumerate(lines) if line.startswith("benchmark"))
    written = "".join(line.split(" ")[0] for line in lines[head + 1 : lines.index("", head)])
    assert written == long.title
    assert "+30.0 %" in "\n".join(lines)
    assert "…" not in "\n".join(lines)


def test_plain_has_every_row_on_a_line_of_its_own() -> None:
    lines = printed(mixed(), plain=True, width=20)
    assert "slower: parse[size=10]: +30.0 %, [+29.0, +31.0], 2.00 → 2.60 ms, 12 rounds" in lines
    assert "same: parse[size=2000] instructions: 0.0 %, exact, 14,018" in lines
    assert any(
        line.startswith("same: parse[size=2000]: ") and line.endswith("MDE 2.0 %, 12 rounds")
        for line in lines
    )
    assert "lost: load: 2 ms → -, benchmark failed at the head: no attribute 'load'" in lines


# Markdown -----------------------------------------------------------------------------


def test_markdown_shows_what_changed_and_folds_the_rest() -> None:
    text = markdown.render(mixed())
    shown, folded = text.split("<details>", 1)
    assert shown.startswith("## 2 slower, 1 faster")
    assert "| parse\\[size=10\\] | 2 ms | 2.60 ms | **+30.0 %** |" in shown
    assert "**lost**: benchmark failed at the head" in shown
    assert "MDE: the smallest change" in shown
    assert "render (python 3.12)" not in shown
    assert "render (python 3.12)" in folded
    assert MarkdownIt("js-default").render(text).count("<table>") == 2


@pytest.mark.parametrize("name", [HOSTILE])
def test_names_are_text_in_every_form(name: str) -> None:
    evil = cell(name)
    of = comparison([row(evil, None, reason=name)])
    shown = "load[name=[red]x[/] | `y` <b> @team [31m]"
    assert f"lost: {shown}: 2 ms → -, {shown}" in printed(of, plain=True)
    assert any(line.startswith(shown) for line in printed(of, width=200))
    html = MarkdownIt("js-default").render(markdown.render(of))
    assert "<b>" not in html
    assert "<code>" not in html


# while it goes on ---------------------------------------------------------------------


@pytest.mark.parametrize("longest", [300, 2_000, 9_000, 65_000, 1_000_000])
def test_a_shortened_comment_is_whole(longest: int) -> None:
    slower = [row(cell(f"slower {n}"), verdict(Outcome.slower, 0.1)) for n in range(400)]
    same = [row(cell(f"same {n} `<b>"), verdict(Outcome.same, 0.0)) for n in range(400)]
    text = markdown.fitting(comparison([*slower, *same]), longest)
    assert len(text) <= longest
    assert text.startswith("## 400 slower")
    assert text.count("<details>") == text.count("</details>")
    lines = text.splitlines()
    cells = {re.sub(r"\\.", "", line).count("|") for line in lines if line.startswith("|")}
    assert cells <= {9}, "every row of a table ends"


def test_the_live_table_names_the_cells_that_are_measured() -> None:
    out = StringIO()
    console = Console(file=out, force_terminal=True, width=120, height=40)
    rows = [one for one in mixed().rows if one.metric == "time"]
    with open_comparing(console, plain=False, most=40, budget=90.0) as progress:
        progress.standing(rows, 5, 8)
        progress._live.refresh()  # type: ignore[attr-defined]
    text = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", out.getvalue())
    last = text[text.rindex("round 40/≤40") :]
    assert "5 of 8 cells decided" in last
    assert "≤1:30" in last
    assert re.search(r"render \(python 3.12\) .* measuring", last)
    assert last.index("measuring") < last.index("slower")


def test_plain_progress_is_a_line_a_round() -> None:
    out = StringIO()
    with open_comparing(Console(file=out), plain=True, most=40, budget=None) as progress:
        progress.standing(mixed().rows, 5, 8)
    assert out.getvalue().splitlines() == ["after 40 rounds: 5 of 8 cells decided"]


def test_an_exact_count_needs_no_rounds() -> None:
    text = printed(comparison([count(cell("f"), Outcome.faster, -0.5)]), plain=True)
    assert "faster: f instructions: -50.0 %, exact, 14,018 → 7,009" in text
    assert not any(line.startswith("MDE") for line in text)


def test_the_mean_is_over_what_has_a_verdict() -> None:
    of = comparisons.mixed()
    (time,) = (mean for mean in of.geomeans if mean.metric == "time")
    assert time.cells == 5
