"""Where a verdict goes, by what is typed and by the variables of CI systems."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tracker.errors import UsageError
from tracker.publish.posting.targets import Service, target

TOKENS = {"GITHUB_TOKEN": "gh-s3cret", "GITLAB_TOKEN": "gl-s3cret"}
SHA = "a" * 40


def actions(tmp_path: Path, event: object) -> dict[str, str]:
    path = tmp_path / "event.json"
    path.write_text(json.dumps(event), "utf-8")
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_TOKEN": "gh-s3cret",
        "GITHUB_REPOSITORY": "owner/name",
        "GITHUB_SHA": "b" * 40,
        "GITHUB_EVENT_PATH": str(path),
        "GITHUB_RUN_ID": "77",
        "GITHUB_API_URL": "https://github.example.org/api/v3",
    }


def test_a_pull_request_of_actions_is_told_at_its_head(tmp_path: Path) -> None:
    event = {"pull_request": {"number": 12, "head": {"sha": SHA}}}
    found = target("auto", actions(tmp_path, event))
    assert (found.service, found.repository, found.number) == (Service.github, "owner/name", 12)
    assert (found.sha, found.base) == (SHA, "https://github.example.org/api/v3")
    assert found.link == "https://github.com/owner/name/actions/runs/77"
    assert "s3cret" not in repr(found)


def test_a_push_has_a_status_and_no_comment(tmp_path: Path) -> None:
    found = target("auto", actions(tmp_path, {"ref": "refs/heads/main"}))
    assert (found.number, found.sha) == (None, "b" * 40)


def test_a_merge_request_of_gitlab_may_lie_in_another_project() -> None:
    variables = TOKENS | {
        "GITLAB_CI": "true",
        "CI_PROJECT_ID": "5",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_API_V4_URL": "https://git.example.org/api/v4",
    }
    found = target("auto", variables)
    assert (found.service, found.repository, found.number) == (Service.gitlab, "5", 7)
    assert found.base == "https://git.example.org/api/v4"
    fork = target("auto", variables | {"CI_MERGE_REQUEST_PROJECT_ID": "4"})
    assert fork.repository == "4"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("github:owner/name#12", (Service.github, "owner/name", 12)),
        ("github:owner/name", (Service.github, "owner/name", None)),
        ("gitlab:group/sub/name!7", (Service.gitlab, "group/sub/name", 7)),
    ],
)
def test_places_as_they_are_typed(text: str, expected: tuple[object, ...]) -> None:
    found = target(text, TOKENS)
    assert (found.service, found.repository, found.number) == expected
    assert found.base.startswith("https://")


@pytest.mark.parametrize(
    ("text", "variables", "code"),
    [
        ("github:owner", TOKENS, "publish.target"),
        ("gitlab:group/name", TOKENS, "publish.target"),
        ("bitbucket:owner/name#1", TOKENS, "publish.target"),
        ("github:owner/name#12", {}, "publish.token"),
        ("github:owner/name#12", {"GITHUB_TOKEN": "two\nlines"}, "publish.token"),
        ("gitlab:group/name!7", {"CI_JOB_TOKEN": "x"}, "publish.token"),
        ("auto", TOKENS, "publish.target"),
        ("auto", TOKENS | {"GITLAB_CI": "true", "CI_PROJECT_ID": "5"}, "publish.target"),
        ("auto", TOKENS | {"GITHUB_ACTIONS": "true"}, "publish.target"),
        (
            "auto",
            TOKENS | {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": "/nowhere"},
            "publish.target",
        ),
    ],
)
def test_mistakes_are_told_without_secrets(text: str, variables: dict[str, str], code: str) -> None:
    with pytest.raises(UsageError) as refused:
        target(text, variables)
    assert refused.value.code == code
    assert "s3cret" not in str(refused.value) + refused.value.hint
    assert "two" not in str(refused.value)
