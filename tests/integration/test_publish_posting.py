"""Verdicts told to services that behave as GitHub and GitLab say that theirs do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.support.comparisons import comparison, mixed, nothing, row, verdict
from tests.support.services import HANG, GitHub, GitLab, serving
from tests.support.values import cell
from tracker.errors import BuildError, PublishError
from tracker.model.findings import Outcome
from tracker.publish.posting.comments import marker
from tracker.publish.posting.github import client
from tracker.publish.posting.http import Client
from tracker.publish.posting.targets import Service, Target
from tracker.publish.posting.verdicts import Posting
from tracker.publish.trying import persistently

SHA = "a" * 40
MARK = marker("demo", "parse")


@pytest.fixture
def hub() -> Iterator[tuple[GitHub, Posting]]:
    """GitHub, and what is told there on pull request 12."""
    service = GitHub()
    with serving(service) as address:
        yield service, _posting(Service.github, address, "owner/name", 12, service.token)


def _posting(service: Service, base: str, name: str, number: int | None, token: str) -> Posting:
    return Posting(
        outcome=mixed(),
        target=Target(
            service=service,
            base=base,
            token=token,
            repository=name,
            number=number,
            sha=SHA,
            link="https://ci.example.org/1",
        ),
        project="demo",
        suite="parse",
        status=1,
    )


def test_a_comment_is_written_once_and_then_over_it(hub: tuple[GitHub, Posting]) -> None:
    service, posting = hub
    for number in range(105):
        service.wrote(f"{MARK}\nnot by us, number {number}", "somebody")
    posting.comment()
    replace(posting, outcome=nothing()).comment()
    assert len(service.comments) == 106
    text = service.comments[-1]["body"]
    assert text.startswith(f"{MARK}\n## 2 cells identical")
    assert all("not by us" in one["body"] for one in service.comments[:105])
    assert [one.method for one in service.asked].count("POST") == 1
    replace(posting, suite="other").comment()
    assert len(service.comments) == 107


def test_a_person_has_comments_too(hub: tuple[GitHub, Posting]) -> None:
    service, posting = hub
    service.login = "maintainer"
    service.wrote(f"{MARK}\nof an app", "github-actions[bot]", "Bot")
    posting.comment()
    posting.comment()
    assert [one["user"]["login"] for one in service.comments] == [
        "github-actions[bot]",
        "maintainer",
    ]


def test_a_status_says_it_in_a_few_words(hub: tuple[GitHub, Posting]) -> None:
    service, posting = hub
    posting.set_status()
    (status,) = service.statuses
    assert (status["sha"], status["state"], status["context"]) == (SHA, "failure", "tracker/parse")
    assert status["description"].startswith("2 slower, 1 faster")
    assert status["target_url"] == "https://ci.example.org/1"
    tree = replace(mixed().head, stands_for="work tree")
    nameless = replace(posting, target=replace(posting.target, sha=""))
    replace(nameless, outcome=replace(mixed(), head=tree)).set_status()
    replace(nameless, status=3).set_status()
    assert [one["state"] for one in service.statuses] == ["failure", "error"]
    assert service.statuses[-1]["sha"] == mixed().head.sha


def test_why_there_is_no_comparison_is_told_instead(hub: tuple[GitHub, Posting]) -> None:
    service, posting = hub
    posting.comment()
    why = BuildError("the head, 1f2a, does not build: @team <b>\n/close " + "x" * 3000)
    failed = replace(posting, outcome=why, status=3)
    failed.comment()
    failed.set_status()
    replace(failed, target=replace(failed.target, sha="")).set_status()
    (comment,) = service.comments
    assert comment["body"].startswith(f"{MARK}\n## Not compared\n\nthe head, 1f2a, does not build")
    assert len(comment["body"]) < 2_200
    assert "@team" not in comment["body"]
    assert "\n/close" not in comment["body"]
    (status,) = service.statuses
    assert (status["state"], len(status["description"])) == ("error", 140)


def test_what_is_too_long_is_shortened_and_says_so(hub: tuple[GitHub, Posting]) -> None:
    service, posting = hub
    cells = [cell(f"{number}-" + "x" * 100) for number in range(1000)]
    many = comparison([row(one, verdict(Outcome.slower, 0.1)) for one in cells])
    replace(posting, outcome=many).comment()
    text = service.comments[-1]["body"]
    assert 20_000 < len(text) <= 65_536
    assert "rows more than there is room for here." in text
    wide = comparison([row(cell("x" * 70_000), verdict(Outcome.slower, 0.1))])
    replace(posting, outcome=wide).comment()
    assert "1 row more than there is room for here." in service.comments[-1]["body"]
    endless = replace(mixed(), warnings=("y" * 70_000,))
    replace(posting, outcome=endless).comment()
    assert service.comments[-1]["body"].endswith("The rest is too long for this place.\n")


def test_names_mention_nobody_and_hold_no_markup(hub: tuple[GitHub, Posting]) -> None:
    service, posting = hub
    evil = "x`<img src=x>` @team #12 GH-7 !3 [a](https://evil.example.org)\r/close \n| --> y"
    side = replace(mixed().head, subject=evil)
    told = comparison([row(cell(evil), None, reason=evil)], head=side, warnings=(evil,))
    replace(posting, outcome=told).comment()
    text = service.comments[-1]["body"]
    for piece in ("<img", "@team", "#12", "GH-7", "!3", " [a]", "://evil", "\r"):
        assert piece not in text
    assert not [line for line in text.splitlines() if line.startswith("/")]


def test_notes_of_gitlab_are_kept_too() -> None:
    service = GitLab()
    service.wrote(f"{MARK}\nnot by us", 1)
    with serving(service) as address:
        named = _posting(Service.gitlab, address, "group/name", 7, service.token)
        named.comment()
        numbered = replace(named, target=replace(named.target, repository="5"))
        replace(numbered, outcome=nothing()).comment()
        named.set_status()
    assert [note["author"]["id"] for note in service.notes] == [1, 99]
    assert "identical" in service.notes[1]["body"]


def test_trouble_that_passes_is_waited_for(hub: tuple[GitHub, Posting]) -> None:
    service, posting = hub
    service.troubles += [500, 502]
    persistently(posting.comment, pauses=(0.0, 0.0))
    assert len(service.comments) == 1
    service.troubles += [503] * 3
    with pytest.raises(PublishError, match="GitHub answers 503") as lasting:
        persistently(posting.comment, pauses=(0.0, 0.0))
    assert lasting.value.code == "publish.unwell"
    assert not service.troubles


def test_who_may_not_is_told_once(hub: tuple[GitHub, Posting]) -> None:
    service, posting = hub
    service.troubles += [403]
    with pytest.raises(PublishError) as refused:
        persistently(posting.comment, [0.0])
    assert (refused.value.code, refused.value.passing) == ("publish.refused", False)
    assert "fork" in refused.value.hint
    stranger = replace(posting, target=replace(posting.target, token="other-s3cret"))  # noqa: S106
    with pytest.raises(PublishError, match="GitHub answers 401: Bad credentials") as unknown:
        stranger.comment()
    assert "s3cret" not in str(unknown.value)
    assert not service.comments


def test_a_token_goes_nowhere_else(hub: tuple[GitHub, Posting]) -> None:
    service, posting = hub
    service.troubles += [301]
    with pytest.raises(PublishError, match="GitHub answers 301") as moved:
        posting.comment()
    assert "new name" in moved.value.hint


def test_nobody_answers(hub: tuple[GitHub, Posting]) -> None:
    service, posting = hub
    service.troubles += [HANG]
    impatient = replace(client(posting.target.base, service.token), silence=0.2)
    with pytest.raises(PublishError, match="GitHub gives no answer: timed out") as hung:
        impatient.ask("GET", "/user")
    assert hung.value.passing
    with pytest.raises(PublishError, match="gives no answer"):
        Client(name="X", base="http://127.0.0.1:1", headers={}).ask("GET", "/")
    with pytest.raises(PublishError, match="no address"):
        Client(name="X", base="file:///etc/passwd", headers={}).ask("GET", "")
