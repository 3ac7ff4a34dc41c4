"""Every form of a report tells what is faster but wrong, what stands on a subset, and on which."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from tests.support import reports
from tests.support.comparisons import comparison, count, row, verdict
from tests.support.schemas import published, validate
from tests.support.series import POLICY
from tests.support.values import cell
from tracker.cli.show import _print
from tracker.model.findings import Confirmation, Effect, Finding, FindingKind, Outcome
from tracker.model.quality import AnswerSheet, Platform
from tracker.model.suites import Direction, Kind
from tracker.publish import document, html, markdown, terminal
from tracker.publish.answers import Traced, disagreed, traced, traced_lines
from tracker.publish.answers import sheet as answer_sheet
from tracker.publish.comparing import document as comparing_document
from tracker.publish.comparing import markdown as comparing_markdown
from tracker.publish.comparing import terminal as comparing_terminal
from tracker.publish.comparing.entries import verdict as comparing_verdict
from tracker.publish.report import Report
from tracker.publish.sentences import verdict as in_words
from tracker.publish.spotlight import spotlight

DATASET = "digits/test@500:3f2a91c0"
CPU = Platform(machine_class="bench-1", device="cpu", threads=1)
GPU = Platform(machine_class="bench-2", device="cuda", threads=1)


def faster_but_wrong() -> Report:
    commits = [reports.commit(n) for n in range(12)]
    right = reports.coordinate(
        "right",
        kind=Kind.quality,
        metric="accuracy",
        unit="-",
        direction=Direction.more,
        dataset=DATASET,
    ).without_platform(())
    ones = [
        reports.history(right, commits, reports.stepped(0.912, (6, 0.871)), noise=0.0),
        reports.history(reports.coordinate("speed"), commits, reports.stepped(1.0, (6, 0.7))),
        reports.history(reports.coordinate("other"), commits, reports.stepped(1.0, (3, 9.0))),
    ]
    pairs = [
        (one, reports.judged(one, (at,), noise=0.01, mde=0.02))
        for one, at in zip(ones, (6, 6, 3), strict=True)
    ]
    found = reports.Found(
        judgements={judgement.series: judgement for _, judgement in pairs},
        findings=(
            reports.finding(FindingKind.regression, pairs[2:]),
            reports.finding(FindingKind.quality_drift, pairs[:2], number=1),
        ),
    )
    return reports.report(commits, ones, found)


def printed(report: Report, *, plain: bool) -> str:
    out = io.StringIO()
    terminal.render(report, Console(file=out, width=120, color_system=None), plain=plain)
    return out.getvalue()


def forms(report: Report) -> dict[str, str]:
    return {
        "plain": printed(report, plain=True),
        "rich": printed(report, plain=False),
        "markdown": markdown.render(report),
        "html": html.render(report),
        "json": json.dumps(document.to_json(report)),
    }


def test_faster_but_wrong_comes_first_and_is_called_so() -> None:
    report = faster_but_wrong()
    assert report.findings[0].is_faster_but_wrong
    assert in_words(report) == "1 faster but wrong, 1 regression"
    for form in ("plain", "markdown", "html"):
        text = forms(report)[form]
        assert text.index("faster but wrong") < text.index("regression")
    assert "FASTER BUT WRONG" in forms(report)["rich"]
    made = document.to_json(report)
    validate(made, published("report"))
    assert [one["faster_but_wrong"] for one in made["findings"]] == [True, False]


@pytest.mark.parametrize("form", ["plain", "rich", "markdown", "html", "json"])
def test_a_subset_is_badged_in_every_form(form: str) -> None:
    text = forms(faster_but_wrong())[form]
    assert "right accuracy (subset: 500)" in text
    assert "speed (subset" not in text


def test_programs_get_the_size_of_a_subset() -> None:
    made = document.to_json(faster_but_wrong())
    assert {one["title"]: one["subset"] for one in made["series"]} == {
        "right": 500,
        "speed": None,
        "other": None,
    }
    assert made["findings"][0]["effects"][0]["subset"] == 500


def test_the_whole_and_a_subset_are_told_apart_and_only_one_is_badged() -> None:
    commits = [reports.commit(n) for n in range(3)]
    whole, part = (
        reports.history(reports.coordinate("right", dataset=one), commits, lambda _: 1.0)
        for one in ("digits/test:11111111", DATASET)
    )
    names = {one.name for one in reports.report(commits, [whole, part], reports.Found()).series}
    assert names == {
        "right (dataset digits/test:11111111)",
        f"right (dataset {DATASET}, subset: 500)",
    }


def test_a_disagreement_says_what_it_is_about() -> None:
    commits = [reports.commit(n) for n in range(3)]
    of = reports.history(reports.coordinate("right", dataset=DATASET), commits, lambda _: 1.0)
    effect = Effect(
        series=of.series,
        title="right",
        metric="accuracy",
        unit="-",
        verdict=None,
        before=None,
        after=None,
        q=None,
        reason="0.8 on cuda; 0.9 on the reference, cpu",
        kind=Kind.quality,
        dataset=DATASET,
    )
    finding = Finding(
        kind=FindingKind.disagreement,
        commit=commits[0].sha,
        after=commits[0].sha,
        effects=(effect,),
        confirmation=Confirmation.confirmed,
    )
    report = reports.report(commits, [of], reports.Found(findings=(finding,)))
    for form in forms(report).values():
        assert "0.8 on cuda; 0.9 on the reference" in form
        assert "or one of" not in form
    validate(document.to_json(report), published("report"))


# comparisons --------------------------------------------------------------------------


def test_a_comparison_says_that_it_is_faster_but_wrong() -> None:
    of = cell("right", kind=Kind.quality)
    wrong = row(
        of,
        verdict(Outcome.slower, -0.04, half=0.0),
        metric="accuracy",
        unit="-",
        kind=Kind.quality,
        dataset=DATASET,
        exact=True,
        base=0.912,
        head=0.871,
    )
    quick = cell("speed")
    both = comparison(
        [wrong, row(quick, verdict(Outcome.faster, -0.3)), count(quick, Outcome.slower, 0.1)]
    )
    assert comparing_verdict(both) == "faster but wrong: 1 worse, 1 slower, 1 faster"
    assert comparing_verdict(comparison([wrong])) == "1 worse"
    plain = "\n".join(comparing_terminal.plain_lines(both))
    assert "worse: right accuracy (subset: 500): -4.0 %, exact, 0.912 → 0.871" in plain
    assert "## Faster but wrong: 1 worse" in comparing_markdown.render(both)
    made = comparing_document.to_json(both)
    validate(made, published("comparison"))
    assert made["faster_but_wrong"]
    assert made["rows"][0]["subset"] == 500


# samples ------------------------------------------------------------------------------


def sheet(report: Report, at: int, platform: Platform, **answers: str) -> AnswerSheet:
    series = next(one for one in report.series if one.title == "right")
    return AnswerSheet(
        series=series.series, commit=report.commits[at].sha, platform=platform, answers=answers
    )


def followed(report: Report, *sheets: AnswerSheet) -> tuple[Traced, ...]:
    light = spotlight(report, report.commits[6].sha, [], {})
    rules = POLICY.quality
    return tuple(traced(light.drifting, report.commits[6].sha, sheets, rules))


def test_a_drift_is_traced_to_samples_on_one_platform() -> None:
    report = faster_but_wrong()
    (one,) = followed(
        report,
        sheet(report, 5, GPU, a="9", b="9"),
        sheet(report, 6, GPU, a="0", b="0"),
        sheet(report, 5, CPU, a="1", b="2", gone="3"),
        sheet(report, 6, CPU, a="1", b="5", new="x"),
        sheet(report, 4, CPU, a="7", b="7"),
    )
    assert list(traced_lines(one)) == [
        "right accuracy (subset: 500): 3 of 4 samples changed",
        "  b: 2 → 5",
        "  gone: 3 → no such sample",
        "  new: no such sample → x",
    ]


def test_where_one_side_or_another_platform_answered_nothing_is_traced() -> None:
    report = faster_but_wrong()
    assert followed(report) == ()
    assert followed(report, sheet(report, 6, CPU, a="1")) == ()
    assert followed(report, sheet(report, 5, GPU, a="1"), sheet(report, 6, CPU, a="2")) == ()


def disagreeing(report: Report, *sheets: AnswerSheet) -> tuple[Traced, ...]:
    sha = report.commits[6].sha
    light = spotlight(report, sha, [], {})
    return tuple(disagreed(light.qualities, sha, sheets, POLICY.quality))


def test_a_disagreement_is_traced_to_samples_of_one_commit() -> None:
    report = faster_but_wrong()
    large = replace(CPU, parameters=(("batch", "32"),))
    (one,) = disagreeing(
        report,
        sheet(report, 6, large, a="1", b="2"),
        sheet(report, 6, CPU, a="1", b="2"),
        sheet(report, 6, GPU, a="1", b="3", c="4"),
        sheet(report, 5, GPU, a="9"),
    )
    head, *samples = traced_lines(one)
    assert head == (
        "right accuracy (subset: 500) on cuda, bench-2, 1 thread: 2 of 3 samples not as on the"
        " reference, cpu, bench-1, 1 thread"
    )
    assert samples == [
        "  b: 2 → 3",
        "  c: no such sample → 4",
    ]
    assert disagreeing(report) == ()


def test_every_sample_goes_into_the_file() -> None:
    report = faster_but_wrong()
    old = {f"s{n:03}": "1" for n in range(30)}
    ones = (
        *followed(
            report, sheet(report, 5, CPU, **old), sheet(report, 6, CPU, **old | {"s001": ""})
        ),
        *disagreeing(report, sheet(report, 6, CPU, a="1,2"), sheet(report, 6, GPU, b="[x]")),
    )
    assert [*csv.reader(io.StringIO(answer_sheet(ones)))] == [
        ["series", "against", "sample", "there", "here"],
        ["right accuracy (subset: 500)", "the commit before", "s001", "1", ""],
        *(
            [f"right accuracy (subset: 500) on {GPU.name}", CPU.name, *rest]
            for rest in (["a", "1,2", ""], ["b", "", "[x]"])
        ),
    ]


def test_show_lists_some_samples_and_counts_the_rest() -> None:
    report = faster_but_wrong()
    old = {f"s{n:03}": "[red]" for n in range(30)}
    sheets = (sheet(report, 5, CPU, **old), sheet(report, 6, CPU, **dict.fromkeys(old, "\x1b")))
    light = spotlight(report, report.commits[6].sha, [], {})
    out = io.StringIO()
    _print(
        replace(light, traced=followed(report, *sheets)),
        Console(file=out, width=100, color_system=None),
    )
    text = out.getvalue()
    assert "finding 1 · faster but wrong" in text
    assert "30 of 30 samples changed" in text
    assert "s019: [red] →" in text
    assert "s020" not in text
    assert "and 10 more" in text
    assert "\x1b" not in text
    assert " worse " in text
