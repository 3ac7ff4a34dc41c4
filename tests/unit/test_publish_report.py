"""What a report holds, and its form for programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import reports
from tests.support.schemas import allows_nothing_else, published, validate
from tracker.model.findings import FindingKind, Triage
from tracker.model.measurements import State
from tracker.publish.document import to_json
from tracker.publish.report import Report
from tracker.publish.sentences import remarks
from tracker.publish.spots import median_interval

SCHEMA = published("report")
ALL = [reports.releases, reports.scaling, reports.quiet, reports.single, reports.empty]


def test_bad_news_come_before_good() -> None:
    kinds = [finding.kind for finding in reports.releases().findings]
    assert kinds == [
        FindingKind.regression,
        FindingKind.regression,
        FindingKind.failed,
        FindingKind.improvement,
    ]


def test_less_far_below_zero_is_more() -> None:
    commits = [reports.commit(n) for n in range(4)]
    of = reports.history(reports.coordinate("score"), commits, lambda at: at - 4.0, noise=0.0)
    judgement = reports.judged(of, noise=0.0, mde=0.1)
    made = reports.report(commits, [of], reports.Found(judgements={of.series: judgement}))
    assert made.series[0].since_first == 0.75
    validate(to_json(made), SCHEMA)


def test_commits_that_were_left_out_may_be_to_blame_too() -> None:
    report = reports.releases()
    found = next(one for one in report.findings if one.kind is FindingKind.regression)
    at = [commit.sha for commit in report.commits].index(found.commit)
    before, blamed = report.commits[at - 2], report.commits[at]
    found = replace(found, after=before.sha)
    assert report.between(found) == 1
    # a night that took every third commit has nothing between the two, and knows of two
    coarse = replace(report, commits=(before, replace(blamed, position=before.position + 3)))
    assert report.between(found) == 1
    assert coarse.between(found) == 2
    (told,) = remarks(found, coarse)
    assert told == "or one of 2 commits before it that gave no values"
    later = replace(coarse, commits=coarse.commits[1:], earlier=("0" * 40, before.sha, "1" * 40))
    assert later.between(found) == 1
    merged = replace(blamed, position=before.position + 1)
    aside = replace(report, commits=(before, report.commits[at - 1], merged))
    assert aside.between(found) == 1


def test_settled_findings_come_last() -> None:
    commits = [reports.commit(n) for n in range(20)]
    ones = [
        reports.history(reports.coordinate(name), commits, reports.stepped(1.0, (10, 1.5)))
        for name in "ab"
    ]
    pairs = [(one, reports.judged(one, (10,), noise=0.01, mde=0.02)) for one in ones]
    first, second = (reports.finding(FindingKind.regression, [pair]) for pair in pairs)
    found = reports.Found(
        judgements={judgement.series: judgement for _, judgement in pairs},
        findings=(replace(first, triage=Triage.expected), second),
    )
    report = reports.report(commits, ones, found)
    assert [finding.triage for finding in report.findings] == [Triage.open, Triage.expected]


def test_figures_count_what_did_not_change() -> None:
    figures = reports.releases().figures
    assert (figures.series, figures.unchanged, figures.exact, figures.blind) == (6, 3, 0, 0)
    assert figures.mde_median == pytest.approx(0.016)
    assert (figures.mde_worst, figures.mde_worst_series) == (0.061, "startup")


def test_a_series_without_power_is_not_called_unchanged_with_a_figure() -> None:
    figures = reports.single().figures
    assert (figures.blind, figures.mde_median, figures.mde_worst) == (1, None, None)


def test_failures_of_all_metrics_of_a_benchmark_are_one() -> None:
    commits = [reports.commit(n) for n in range(4)]
    failed = dict.fromkeys((1, 2), (State.timed_out, "after 60 s"))
    ones = [
        reports.history(
            reports.coordinate("parse", metric=metric), commits, lambda n: 1.0, failed=failed
        )
        for metric in ("time", "peak_memory")
    ]
    (failure,) = reports.report(commits, ones, reports.Found()).failures
    assert (failure.title, failure.state) == ("parse", State.timed_out)
    assert failure.commits == (commits[1].sha, commits[2].sha)


def test_series_are_told_apart_by_what_differs() -> None:
    commits = [reports.commit(0)]
    ones = [
        reports.history(reports.coordinate("parse", python=python, threads=threads), commits, float)
        for python, threads in [("cpython-3.11.7", 1), ("cpython-3.12.1", 1), ("cpython-3.12.1", 4)]
    ]
    names = {series.name for series in reports.report(commits, ones, reports.Found()).series}
    assert names == {
        "parse (cpython-3.11.7, threads 1)",
        "parse (cpython-3.12.1, threads 1)",
        "parse (cpython-3.12.1, threads 4)",
    }


@pytest.mark.parametrize(
    ("environments", "names"),
    [
        ("ab", {"parse (cpython-3.11.7)", "parse (cpython-3.12.1)"}),
        ("abb", {"parse (cpython-3.11.7)", "parse (cpython-3.12.1)"}),
        (
            "abc",
            {
                "parse (environment aaaaaa, cpython-3.11.7)",
                "parse (environment bbbbbb, cpython-3.12.1)",
                "parse (environment cccccc, cpython-3.12.1)",
            },
        ),
    ],
)
def test_an_environment_is_named_where_nothing_else_tells_series_apart(
    environments: str, names: set[str]
) -> None:
    commits = [reports.commit(0)]
    ones = [
        reports.history(
            reports.coordinate("parse", python=python, environment_class=64 * letter),
            commits,
            float,
        )
        for letter, python in dict(
            zip(environments, ("cpython-3.11.7", "cpython-3.12.1", "cpython-3.12.1"), strict=False)
        ).items()
    ]
    made = reports.report(commits, ones, reports.Found()).series
    assert {series.name for series in made} == names


def test_sizes_are_ordered_as_numbers() -> None:
    commits = [reports.commit(0)]
    ones = [
        reports.history(reports.coordinate("f", parameters=(("n", size),)), commits, float)
        for size in ("32", "8", "128")
    ]
    titles = [one.title for one in reports.report(commits, ones, reports.Found()).series]
    assert titles == ["f[n=8]", "f[n=32]", "f[n=128]"]


@pytest.mark.parametrize(
    ("template", "url"),
    [
        ("https://x.org/c/{sha}", "https://x.org/c/" + reports.commit(0).sha),
        ("https://x.org/v{label}", "https://x.org/va%2Fb%20%22c"),
        ("javascript:alert(1)//{sha}", ""),
        ("", ""),
    ],
)
def test_links_are_safe_to_follow(template: str, url: str) -> None:
    one = reports.commit(0, tag='a/b "c')
    report = reports.report([one], [], reports.Found(), commit_url=template)
    assert report.url(report.commits[0]) == url


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=40))
def test_the_interval_of_the_median_covers_what_it_says(values: list[float]) -> None:
    low, high = median_interval(values)
    ordered = sorted(values)
    assert low <= ordered[len(values) // 2] <= high
    assert median_interval([-value for value in values]) == (-high, -low)


@pytest.mark.parametrize("n", range(6, 40))
def test_the_interval_is_the_narrowest_with_95_percent(n: int) -> None:
    low, high = median_interval([float(value) for value in range(n)])
    assert (low, high) == (low, n - 1 - low)

    def coverage(rank: int) -> float:
        return float(1 - 2 * sum(comb(n, k) for k in range(rank + 1)) / 2**n)

    assert coverage(int(low)) >= 0.95 > coverage(int(low) + 1)


@pytest.mark.parametrize("make", ALL)
def test_every_report_fits_the_published_schema(make: Callable[[], Report]) -> None:
    document = to_json(make())
    validate(document, SCHEMA)
    text = json.dumps(document, allow_nan=False)
    assert list(json.loads(text)) == list(SCHEMA["properties"])


def test_the_schema_allows_nothing_else() -> None:
    assert allows_nothing_else(SCHEMA)


def test_unbounded_intervals_are_null() -> None:
    report = reports.releases()
    first = report.findings[0]
    assert first.headline.verdict is not None
    wide = replace(first.headline.verdict, low=float("-inf"), high=float("inf"))
    effect = replace(first.headline, verdict=wide)
    document = to_json(replace(report, findings=(replace(first, effects=(effect,)),)))
    validate(document, SCHEMA)
    assert document["findings"][0]["effects"][0]["verdict"]["high"] is None
