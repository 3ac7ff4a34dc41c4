"""The points of a curve are one entry of a comparison, and its curves are drawn."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from io import StringIO

import pytest
from markdown_it import MarkdownIt
from rich.console import Console

from tests.support.comparisons import comparison, row, scaled, sized, verdict
from tracker.findings.bending import compared_curves
from tracker.model.comparisons import Compared
from tracker.model.findings import Outcome
from tracker.model.suites import Direction, Kind
from tracker.publish.comparing import html, markdown, terminal
from tracker.publish.comparing.contents import Comparison
from tracker.publish.comparing.document import to_json
from tracker.publish.comparing.drawing import pictures
from tracker.publish.comparing.entries import Entry, entries
from tracker.publish.comparing.entries import verdict as in_words

SIZES = (1, 2, 4, 8, 16, 32)


def told(of: Comparison) -> tuple[Entry, ...]:
    return entries(of.rows, of)


def timed(effects: dict[int, float], *, half: float = 0.004) -> list[Compared]:
    """The time of a curve by size; what changes by nothing is the same."""
    rows = []
    for batch, effect in effects.items():
        outcome = Outcome.slower if effect > 0 else Outcome.faster if effect < 0 else Outcome.same
        before = 1e-3 * (batch + 40)
        rows.append(
            row(
                sized(batch),
                verdict(outcome, effect, half=half),
                base=before,
                head=before * (1 + effect),
            )
        )
    return rows


def printed(of: Comparison, *, plain: bool = False, width: int = 120) -> list[str]:
    out = StringIO()
    terminal.render(of, Console(file=out, width=width), plain=plain)
    return [line.rstrip() for line in out.getvalue().splitlines()]


# one entry ----------------------------------------------------------------------------


def test_the_points_that_came_out_alike_are_one_entry() -> None:
    same, slower, lost, other = (one for one in told(scaled()) if one.row.metric == "time")
    assert same.name == "forward[dtype=f32]: batch up to 4"
    assert slower.name == "forward[dtype=f32]: batch 8, 16, 32"
    assert len(slower.points) == 3
    assert slower.row.verdict is not None
    # the geometric mean of 1.65, 1.9 and 2.4
    assert slower.row.verdict.effect == pytest.approx(0.96, abs=0.01)
    assert lost.name == "forward[batch=64,dtype=f32]"
    assert lost.became == "32 is the last good"
    assert (other.name, other.points) == ("other", ())


def test_a_curve_counts_once() -> None:
    assert in_words(scaled()) == "1 slower, 1 faster, 2 the same, 1 lost"
    everywhere = comparison(timed(dict.fromkeys(SIZES, 0.2)))
    assert in_words(everywhere) == "1 slower"


def test_one_ratio_everywhere_says_nothing_of_the_shape() -> None:
    (one,) = told(comparison(timed(dict.fromkeys(SIZES, 0.2))))
    assert (one.name, one.became) == ("forward[dtype=f32]: batch 1 to 32", "")


def test_another_shape_is_told_where_sizes_changed_and_not_where_they_did_not() -> None:
    bent = comparison(timed({batch: 0.02 * batch if batch > 4 else 0.0 for batch in SIZES}))
    same, slower = told(bent)
    assert same.became == ""
    assert slower.became == "knee none → 16, efficiency at 32: 57 → 35 %"


def test_what_is_not_known_bends_no_curve() -> None:
    loud = timed({batch: 0.02 * batch for batch in SIZES}, half=0.9)
    (curve,) = compared_curves(loud, ["batch"])
    assert not curve.bent
    unbounded = timed({batch: 0.5 * batch for batch in SIZES}, half=float("inf"))
    assert compared_curves(unbounded, ["batch"])[0].shape_q is None


def test_sizes_that_went_apart_are_told_apart() -> None:
    ones = told(comparison(timed({1: -0.2, 2: -0.2, 4: 0.3, 8: 0.3})))
    ways = [
        (one.name.partition(": ")[2], one.row.verdict and one.row.verdict.outcome.value)
        for one in ones
    ]
    assert ways == [("batch up to 2", "faster"), ("batch 4 and up", "slower")]


def test_sizes_that_fail_alike_are_one_entry_whatever_memory_they_took() -> None:
    rows = timed(dict.fromkeys(SIZES, 0.0))
    lost = [
        row(sized(batch), None, base=0.1, reason=f"took {8192 + batch} MiB at the head")
        for batch in (64, 128)
    ]
    *_, end = told(comparison([*rows, *lost]))
    assert end.name == "forward[dtype=f32]: batch 64 and up"
    assert end.became == "32 is the last good"
    assert in_words(comparison([*rows, *lost])) == "1 the same, 1 lost"


def test_a_quality_at_several_batches_is_one_entry() -> None:
    rows = [
        row(
            sized(batch, "right", kind=Kind.quality),
            verdict(Outcome.slower, -0.05, half=0.0),
            metric="accuracy",
            unit="-",
            direction=Direction.more,
            kind=Kind.quality,
            dataset="digits/test@500:3f2a91c0",
            exact=True,
            base=1.0,
            head=0.95,
        )
        for batch in (1, 8, 64)
    ]
    (one,) = told(comparison(rows))
    assert one.name == "right[dtype=f32] accuracy (subset: 500): batch 1 to 64"
    assert in_words(comparison(rows)) == "1 worse"


def test_two_sizes_and_other_cells_are_no_curve() -> None:
    two = comparison(timed({1: 0.2, 2: 0.2}))
    assert (two.curves, len(told(two))) == ((), 2)
    threads = [row(sized(batch, threads=batch), verdict(Outcome.slower, 0.2)) for batch in SIZES]
    assert compared_curves(threads, ["batch"]) == ()


def test_a_change_that_is_no_ratio_is_told_by_itself() -> None:
    rows = timed(dict.fromkeys((1, 2, 4), 0.5))
    gone = row(sized(8), verdict(Outcome.faster, -1.0), base=1.0, head=0.0)
    assert [len(one.points) for one in told(comparison([*rows, gone]))] == [3, 0]


# forms --------------------------------------------------------------------------------


def test_the_terminal_has_one_line_for_a_curve_and_draws_it() -> None:
    lines = printed(scaled(), width=160)
    (entry,) = (line for line in lines if line.startswith("forward[dtype=f32]: batch 8"))
    assert "slower" in entry
    following = lines[lines.index(entry) + 1].strip()
    assert following == "knee none → 4, efficiency at 32: 57 → 24 %"
    assert not any(line.startswith("forward[batch=8") for line in lines)
    assert any(re.match(r" +64 +640/s +lost", line) for line in lines)
    row_of_1 = r" +1 +24.4/s +24.4/s +\+0.1 % +same +100 → 100 % +300 MB +█"
    assert any(re.match(row_of_1, line) for line in lines)


@pytest.mark.parametrize("width", [80, 100, 120])
def test_a_shape_is_not_cut_at_any_width(width: int) -> None:
    lines = printed(scaled(), width=width)
    assert "…" not in "\n".join(lines)
    assert max(map(len, lines)) <= width


def test_plain_lines_have_every_row_and_a_line_for_each_curve_that_changed() -> None:
    lines = printed(scaled(), plain=True, width=40)
    assert sum(line.startswith("slower: forward[") for line in lines) == 3
    (curve,) = (line for line in lines if line.startswith("curve: "))
    assert curve.startswith("curve: slower: forward[dtype=f32]: batch 8, 16, 32: +96.0 %")
    (scaling,) = (line for line in lines if line.startswith("scaling: "))
    assert "1 24.4/s → 24.4/s, " in scaling
    assert "64 640/s → -; " in scaling


def test_a_comment_has_one_row_for_a_curve_and_folds_its_points() -> None:
    text = markdown.render(scaled())
    shown, *folds = text.split("<details>")
    assert shown.count("forward") == 2  # the curve, and the size that is lost
    assert "**slower**: knee none → 4, efficiency at 32" in shown
    points, _, scaling, _ = folds
    assert points.count("forward\\[batch=") == 3
    assert "Scaling: forward\\[dtype=f32\\] at" in scaling
    assert MarkdownIt("js-default").render(text).count("<table>") == 4
    assert len(markdown.fitting(scaled(), 1500)) <= 1500


def test_programs_get_what_became_of_a_curve() -> None:
    made = to_json(scaled())
    time, memory = made["curves"]
    assert (time["name"], time["metric"], memory["metric"]) == (
        "forward[dtype=f32]",
        "time",
        "peak_memory",
    )
    assert [made["rows"][one["row"]]["parameters"]["batch"] for one in time["points"]] == [
        *map(str, SIZES),
        "64",
    ]
    assert time["bent"]
    slower, lost = time["changes"]
    assert (slower["sizes"], slower["verdict"]["outcome"]) == ([8.0, 16.0, 32.0], "slower")
    assert (lost["sizes"], lost["verdict"]) == ([64.0], None)
    assert memory["changes"] == []


def test_the_page_has_the_entries_and_the_numbers_of_the_curves() -> None:
    text = html.render(scaled())
    assert "<title>demo: 1 slower, 1 faster" in text
    assert "forward[dtype=f32]: batch 8, 16, 32" in text
    assert "<summary>3 points</summary>" in text
    (data,) = re.findall(r'<script type="application/json" id="report">(.*?)</script>', text)
    (curve,) = json.loads(data)["curves"]
    assert curve["sizes"] == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]
    now, low, high, before, _ = curve["throughput"]["columns"]
    assert now[-1] is None
    assert before[-1] == pytest.approx(640)
    assert all(a < b < c for a, b, c in zip(low[:-1], now[:-1], high[:-1], strict=True))


def test_the_page_takes_names_as_text() -> None:
    hostile = "<img src=x> {{data}} </script>"
    of = comparison(
        [row(sized(batch, hostile), verdict(Outcome.slower, 0.2)) for batch in SIZES],
        warnings=(hostile,),
    )
    text = html.render(replace(of, project=hostile))
    assert "<img" not in text
    assert text.count("</script>") == text.count("<script")


def test_a_knee_that_noise_may_have_moved_has_not_moved() -> None:
    loud = comparison(timed({batch: 0.02 * batch for batch in SIZES}, half=0.9))
    (picture,) = pictures(loud)
    assert picture.curve.knee == picture.curve.knee_before


def test_calls_of_another_name_are_drawn_and_other_times_are_not() -> None:
    rows = timed({batch: 0.05 * batch for batch in SIZES})
    for metric, drawn in (("generate", ["forward[dtype=f32] generate"]), ("load_model", [])):
        named = comparison([replace(row, metric=metric) for row in rows])
        assert [one.curve.name for one in pictures(named)] == drawn
        assert named.curves[0].bent is bool(drawn)
