"""Which findings somebody is told of, and how."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support import reports
from tracker.config.settings import Level
from tracker.model.findings import Confirmation, Finding, FindingKind, Triage
from tracker.publish.notifying.messages import chosen, digest

REPORT = reports.releases()
#: told at "quiet", at "normal", at "all"
CONFIRMED, SUSPECTED, FAILED, BETTER = (
    next(one for one in REPORT.findings if (one.kind, one.confirmation) == wanted)
    for wanted in (
        (FindingKind.regression, Confirmation.confirmed),
        (FindingKind.regression, Confirmation.suspected),
        (FindingKind.failed, Confirmation.suspected),
        (FindingKind.improvement, Confirmation.suspected),
    )
)
PROVEN = replace(BETTER, confirmation=Confirmation.confirmed)
REFUTED = replace(SUSPECTED, confirmation=Confirmation.refuted)


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (Level.quiet, [CONFIRMED]),
        (Level.normal, [CONFIRMED, FAILED, PROVEN]),
        (Level.all, [CONFIRMED, SUSPECTED, FAILED, BETTER, PROVEN]),
    ],
)
def test_levels(level: Level, expected: list[Finding]) -> None:
    findings = [BETTER, PROVEN, FAILED, REFUTED, CONFIRMED, SUSPECTED]
    assert sorted(chosen(findings, level), key=str) == sorted(expected, key=str)
    assert chosen(findings, level)[0] == CONFIRMED
    settled = [replace(one, triage=Triage.acknowledged) for one in findings]
    assert chosen(settled, level) == ()


def test_faster_but_wrong_is_told_first() -> None:
    worse = replace(CONFIRMED, kind=FindingKind.quality_drift)
    wrong = replace(worse, effects=(*worse.effects, *BETTER.effects))
    assert chosen([CONFIRMED, worse, wrong], Level.quiet) == (wrong, worse, CONFIRMED)


def test_one_message_tells_all_of_it() -> None:
    message = digest(REPORT, [CONFIRMED, PROVEN])
    assert message.title == "jsonschema: 1 regression, 1 improvement"
    assert message.bad
    lines = message.text.splitlines()
    assert lines[2].startswith('regression at v4.18.0 "Use the `referencing` library')
    assert lines[2].endswith("● confirmed")
    assert lines[3].startswith("  validate[schema=refs] +40.0 % [+38.5, +41.5] 6.0 → 8.4 ms")
    assert lines[3].endswith(" q < 0.001, and 1 more")
    assert lines[4].startswith("  https://git.example.org/jsonschema/commit/")
    assert lines[5] == "  tracker findings show 12"
    assert lines[-1].startswith("Note: load average")


def test_others_who_may_be_to_blame_are_named() -> None:
    at = [commit.sha for commit in REPORT.commits].index(CONFIRMED.commit)
    unsure = replace(CONFIRMED, after=REPORT.commits[at - 3].sha)
    assert "  or one of 2 commits before it that gave no values" in digest(REPORT, [unsure]).text


def test_what_a_commit_says_mentions_nobody() -> None:
    evil = "<!channel> @everyone #12 <@U123> https://evil.example.org \x1b[31m\n/close"
    commits = tuple(replace(commit, subject=evil) for commit in REPORT.commits)
    message = digest(replace(REPORT, commits=commits, warnings=(evil,)), [CONFIRMED])
    for piece in ("<!", "@everyone", "#12", "<@", "://evil", "\x1b", "\n/close"):
        assert piece not in message.text + message.title


def test_a_commit_out_of_sight_is_told_by_its_number() -> None:
    elsewhere = replace(CONFIRMED, commit="f" * 40)
    assert "regression at ffffffff: ● confirmed" in digest(REPORT, [elsewhere]).text


def test_a_message_is_short_and_says_what_it_leaves_out() -> None:
    message = digest(REPORT, [CONFIRMED] * 30)
    assert message.title == "jsonschema: 30 regressions"
    assert len(message.text) < 1_900
    assert "more findings: tracker findings list" in message.text
    long = digest(replace(REPORT, warnings=("x" * 5_000,)), ())
    assert (long.title, long.bad) == ("jsonschema: nothing new", False)
    assert len(long.text) < 1_900
