"""Where a verdict goes: as typed, or as the variables of a CI system say. Pure but for one file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from tracker.errors import UsageError
from tracker.publish.posting import github, gitlab

#: "github:owner/name#12", "gitlab:group/name!12"
_TYPED = re.compile(r"(github|gitlab):([\w.-]+(?:/[\w.-]+)+)(?:[#!](\d+))?")
AUTOMATIC = "auto"


class Service(StrEnum):
    """Who keeps the discussion."""

    github = "github"
    gitlab = "gitlab"


#: variable with the token of each
TOKENS = {Service.github: "GITHUB_TOKEN", Service.gitlab: "GITLAB_TOKEN"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a verdict goes."""

    service: Service
    #: address of the interface
    base: str
    token: str = field(repr=False)
    #: ``owner/name``, or a number of GitLab
    repository: str
    #: of the pull or merge request; None: only the status of a commit
    number: int | None
    #: the commit that has the status; "": the head of the comparison
    sha: str = ""
    #: what ran there; "" where nothing did
    link: str = ""


def target(text: str, variables: Mapping[str, str]) -> Target:
    """The target that was typed, or with ``auto`` that of the CI job that goes on.

    Args:
        variables: of the environment.

    Raises:
        UsageError: ``publish.target``: it names nothing; ``publish.token``: no token is there.
    """
    if text == AUTOMATIC:
        if in_actions(variables):
            return _of_actions(variables)
        if variables.get("GITLAB_CI") == "true":
            return _of_gitlab(variables)
        raise _nowhere(
            "this is no job of GitHub Actions or GitLab", "github:owner/name#12 names a place"
        )
    typed = _TYPED.fullmatch(text)
    if typed is None or (typed[1] == Service.gitlab and typed[3] is None):
        raise _nowhere(
            f"{text!r} is no place to post to",
            "auto in a CI job, else github:owner/name#12 or gitlab:group/name!12",
        )
    return Target(
        service=Service(typed[1]),
        base=_base(Service(typed[1]), variables),
        token=_token(Service(typed[1]), variables),
        repository=typed[2],
        number=None if typed[3] is None else int(typed[3]),
    )


def in_actions(variables: Mapping[str, str]) -> bool:
    """Is this a job of GitHub Actions?"""
    return variables.get("GITHUB_ACTIONS") == "true"


def _of_actions(variables: Mapping[str, str]) -> Target:
    event = _event(variables.get("GITHUB_EVENT_PATH", ""))
    request = event.get("pull_request") or {}
    repository = _needed("GITHUB_REPOSITORY", variables)
    run = variables.get("GITHUB_RUN_ID", "")
    site = variables.get("GITHUB_SERVER_URL", "https://github.com")
    return Target(
        service=Service.github,
        base=_base(Service.github, variables),
        token=_token(Service.github, variables),
        repository=repository,
        number=request.get("number"),
        # what a job of a pull request has checked out is a merge that nobody looks at
        sha=request.get("head", {}).get("sha") or _needed("GITHUB_SHA", variables),
        link=f"{site}/{repository}/actions/runs/{run}" if run else "",
    )


def _of_gitlab(variables: Mapping[str, str]) -> Target:
    number = variables.get("CI_MERGE_REQUEST_IID", "")
    if not number.isdigit():
        raise _nowhere(
            "this job belongs to no merge request",
            'give it the rule `if: $CI_PIPELINE_SOURCE == "merge_request_event"`',
        )
    # the request of a fork lies in the project that it wants to be merged into
    own = variables.get("CI_MERGE_REQUEST_PROJECT_ID")
    return Target(
        service=Service.gitlab,
        base=_base(Service.gitlab, variables),
        token=_token(Service.gitlab, variables),
        repository=own or _needed("CI_PROJECT_ID", variables),
        number=int(number),
        link=variables.get("CI_JOB_URL", ""),
    )


def _base(service: Service, variables: Mapping[str, str]) -> str:
    if service is Service.github:
        return variables.get("GITHUB_API_URL", github.PUBLIC)
    return variables.get("CI_API_V4_URL", gitlab.PUBLIC)


def _token(service: Service, variables: Mapping[str, str]) -> str:
    name = TOKENS[service]
    token = variables.get(name, "").strip()
    if token and token.isprintable() and token.isascii():
        return token
    raise UsageError(
        f"{name} is {'no token' if token else 'not set'}: posting needs one",
        code="publish.token",
        hint="env: GITHUB_TOKEN: ${{ github.token }}"
        if service is Service.github
        else "a project's access token with the scope api; a job's own token may not write notes",
    )


def _event(path: str) -> Mapping[str, Any]:
    """What made the job run; nothing where that cannot be read."""
    try:
        read = json.loads(Path(path).read_text("utf-8")) if path else {}
    except (OSError, ValueError) as error:
        raise _nowhere(f"GITHUB_EVENT_PATH cannot be read: {error}", "") from error
    return read if isinstance(read, dict) else {}


def _needed(name: str, variables: Mapping[str, str]) -> str:
    if value := variables.get(name):
        return value
    raise _nowhere(f"{name} is not set", "github:owner/name#12 names a place")


def _nowhere(message: str, hint: str) -> UsageError:
    return UsageError(message, code="publish.target", hint=hint)
