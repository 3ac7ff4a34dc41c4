"""Scaling curves in every form of a report, and findings that tell a curve in one line."""

from __future__ import annotations

import csv
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from tests.support import reports
from tracker.cli.reporting import write_files
from tracker.model.findings import Finding
from tracker.model.measurements import State
from tracker.publish import document, html, markdown, terminal
from tracker.publish.members import members
from tracker.publish.report import Report
from tracker.publish.scaling.contents import ScalingCurve
from tracker.publish.scaling.words import bar, row, told

LINE = "forward[dtype=f32]: batch 8 and up"


def regression(report: Report) -> Finding:
    return report.findings[0]


def curve(report: Report) -> ScalingCurve:
    (found,) = report.curves
    return found


def printed(report: Report, *, plain: bool) -> str:
    out = StringIO()
    terminal.render(report, Console(file=out, width=150), plain=plain)
    return out.getvalue()


# members of a finding -----------------------------------------------------------------


def test_the_points_of_a_curve_are_one_member() -> None:
    (member,) = members(regression(reports.scaling()))
    assert member.name == LINE
    size, between, shape, why = member.words
    # the geometric mean of 1.2 and three times 1.9
    assert size == "+69.2 %"
    assert between
    assert shape.startswith("knee 32 → 8, efficiency at 64: 39 → 2")
    assert why == "q < 0.001"
    assert len(member.points) == 4


def test_sizes_that_went_apart_are_told_apart() -> None:
    finding = regression(reports.scaling())
    first, *rest = finding.effects
    assert first.verdict is not None
    better = replace(first.verdict, effect=-0.3, low=-0.31, high=-0.29)
    mixed = replace(finding, effects=(*rest, replace(first, verdict=better)))
    worse, faster = members(mixed)
    assert worse.name == "forward[dtype=f32]: batch 8, 16, 32"
    assert faster.name == "forward[batch=64,dtype=f32]"
    assert faster.points == ()


def test_every_size_and_the_small_ones_have_words_of_their_own() -> None:
    finding = regression(reports.scaling())
    effect = finding.effects[0]
    series = [point.series for point in finding.curves[0].points]
    names = {
        count: members(
            replace(finding, effects=tuple(replace(effect, series=one) for one in series[:count]))
        )[0].name.rpartition(": ")[2]
        for count in (2, 7)
    }
    assert names == {2: "batch up to 2", 7: "batch 1 to 64"}


def test_a_curve_that_kept_its_shape_says_nothing_of_it() -> None:
    finding = regression(reports.scaling())
    straight = replace(finding, curves=(replace(finding.curves[0], bent=False),))
    assert members(straight)[0].words[2] == ""


def test_sizes_that_fail_alike_are_one_member() -> None:
    finding = reports.scaling().findings[1]
    effect = finding.effects[0]
    (curve_of,) = finding.curves
    series = [point.series for point in curve_of.points][-2:]
    reasons = ("took 8192 MiB of memory", "took 8200 MiB of memory")
    lost = replace(
        finding,
        effects=tuple(
            replace(effect, series=one, reason=reason)
            for one, reason in zip(series, reasons, strict=True)
        ),
    )
    (member,) = members(lost)
    assert member.name == "forward[dtype=f32]: batch 32 and up"
    assert member.words == ("", "", "16 is the last good", "took 8192 MiB of memory")
    (alone,) = members(finding)
    assert alone.name == "forward[batch=64,dtype=f32]"
    assert alone.words[:-1] == ("", "", "32 is the last good")
    assert alone.words[-1].startswith("took 8192 MiB of memory")
    smallest = replace(effect, series=curve_of.points[0].series)
    (hole,) = members(replace(finding, effects=(smallest,)))
    assert hole.words[2] == ""


def test_a_finding_without_curves_has_a_member_a_series() -> None:
    finding = reports.releases().findings[0]
    assert [one.name for one in members(finding)] == [
        "validate[schema=refs]",
        "validate[schema=refs] instructions",
    ]


# the curve ----------------------------------------------------------------------------


def test_a_curve_has_latency_throughput_efficiency_and_memory() -> None:
    smallest, *_, large, lost, never = curve(reports.scaling()).rungs
    assert smallest.efficiency == 1.0
    assert smallest.latency is not None
    assert smallest.latency.p50 < smallest.latency.p95 < smallest.latency.p99
    assert smallest.throughput == pytest.approx(1 / 4.1e-3, rel=0.02)
    assert large.memory == pytest.approx(188e6, rel=0.01)
    assert large.efficiency == pytest.approx(32 / 13.68e-3 / (32 / 4.1e-3), rel=0.02)
    assert large.before == pytest.approx(32 / 7.2e-3, rel=0.02)
    for rung in (lost, never):
        assert (rung.state, rung.throughput) == (State.resource_exceeded, None)


def test_what_does_not_work_is_the_end_of_the_curve() -> None:
    report = reports.scaling()
    assert (
        "killed for its memory from batch 64 (took 8192 MiB of memory: policy.memory_bytes is the"
        " limit); 32 is the last good"
    ) in list(told(curve(report), report))
    end = curve(report).end
    assert end is not None
    assert (end.size, end.last_good) == (64.0, 32.0)
    refused = replace(curve(report), end=replace(end, state=State.out_of_memory))
    assert "out of memory from batch 64; 32 is the last good" in list(told(refused, report))


def test_a_hole_is_no_end() -> None:
    report = reports.scaling()
    failure = replace(report.failures[-1], title="forward[batch=3,dtype=f32]")
    commits = report.commits
    histories = [
        reports.history(
            reports.coordinate("forward", parameters=(("batch", str(size)), ("dtype", "'f32'"))),
            commits,
            lambda index, size=size: size * 1e-3,  # type: ignore[misc]
        )
        for size in (1, 2, 4, 8)
    ]
    found = curve(reports.report(commits, histories, reports.Found(), failures=[failure]))
    assert [rung.size for rung in found.rungs] == [1, 2, 3, 4, 8]
    assert found.end is None
    assert all(rung.latency is None for rung in found.rungs)


def test_percentiles_of_means_are_called_that() -> None:
    report = reports.scaling()
    shown = curve(report)
    first, *rest = shown.rungs
    assert first.latency is not None
    looped = replace(first, latency=replace(first.latency, calls=50))
    said = list(told(replace(shown, rungs=(looped, *rest)), report))
    assert said[-1] == "percentiles are of samples that are means over several calls"


def test_two_sizes_are_no_curve() -> None:
    commits = [reports.commit(0)]
    histories = [
        reports.history(reports.coordinate("f", parameters=(("batch", size),)), commits, float)
        for size in ("1", "2", "'auto'")
    ]
    assert reports.report(commits, histories, reports.Found()).curves == ()


def test_bars_are_as_long_as_the_throughput() -> None:
    shown = curve(reports.scaling())
    lengths = [len(bar(rung, shown)) for rung in shown.rungs]
    assert lengths[:6] == sorted(lengths[:6])
    assert lengths[5:] == [12, 0, 0]


# forms --------------------------------------------------------------------------------


def test_every_form_tells_the_curve_once_and_its_points_one_step_away() -> None:
    report = reports.scaling()
    plain = printed(report, plain=True)
    (finding,) = [line for line in plain.splitlines() if line.startswith("regression: ")]
    assert f"{LINE} +69.2 %" in finding
    assert "batch=16" not in finding
    assert [line for line in plain.splitlines() if line.startswith("scaling: ")]
    rich = printed(report, plain=False)
    assert LINE in rich
    assert "SCALING" in rich
    text = markdown.render(report)
    assert text.index(markdown.escape(LINE)) < text.index("Points of the curves")
    assert text.index("Points of the curves") < text.index("batch=16")
    (entry,) = html.page(report)["findings"][0]["effects"]
    assert entry[1] == LINE
    assert len(entry[7]) == 4


def test_every_form_has_the_same_cells() -> None:
    report = reports.scaling()
    cells = row(curve(report).rungs[5])
    assert cells[0] == "32"
    assert cells[6].endswith(" MB")
    rich, text = printed(report, plain=False), markdown.render(report)
    shown = html.page(report)["curves"][0]
    assert shown["rows"][5][1:] == list(cells)
    for cell in cells:
        assert cell in rich
        assert cell in text


def test_the_document_has_numbers() -> None:
    (found,) = document.to_json(reports.scaling())["curves"]
    assert found["end"]["size"] == 64
    assert [one["size"] for one in found["sizes"]] == [1, 2, 4, 8, 16, 32, 64, 128]
    assert found["sizes"][7]["throughput"] is None


def test_the_sheet_has_a_row_a_size(tmp_path: Path) -> None:
    report = reports.scaling()
    *_, path = write_files(report, tmp_path, ("md",))
    assert path.name == "scaling.csv"
    rows = list(csv.DictReader(StringIO(path.read_text("utf-8"))))
    assert [row["size"] for row in rows] == ["1", "2", "4", "8", "16", "32", "64", "128"]
    assert [row["size"] for row in rows if row["knee"] == "true"] == ["8"]
    first, *_, last = rows
    assert float(first["throughput_low"]) <= float(first["throughput"])
    assert float(first["p50"]) <= float(first["p99"])
    assert (last["state"], last["p50"], last["memory"]) == ("resource-exceeded", "", "")
    assert [one.name for one in write_files(reports.quiet(), tmp_path, ("md",))] == ["report.md"]


def test_the_page_draws_in_one_unit() -> None:
    shown = html.page(reports.scaling())["curves"][0]
    assert shown["latency"]["symbol"] == "ms"
    assert shown["memory"]["symbol"] == "MB"
    (memory,) = shown["memory"]["columns"]
    assert memory[0] == pytest.approx(64, rel=0.01)
    assert memory[6:] == [None, None]


@pytest.mark.parametrize(
    ("metric", "names"),
    [
        ("generate", ["model generate"]),
        ("forward", ["model forward"]),
        ("first_token", []),
        ("load_model", []),
    ],
)
def test_calls_have_a_throughput_by_whatever_name(metric: str, names: list[str]) -> None:
    commits = [reports.commit(n) for n in range(3)]
    ones = [
        reports.history(
            reports.coordinate("model", metric=metric, parameters=(("batch_size", str(size)),)),
            commits,
            reports.stepped((size + 40) * 1e-3),
        )
        for size in (1, 4, 16)
    ]
    assert [one.name for one in reports.report(commits, ones, reports.Found()).curves] == names
