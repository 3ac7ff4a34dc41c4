"""Secrets in a configuration are neither stored nor shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.values import cell
from tracker.cli.errors import text
from tracker.config.secrets import hidden, secret_parameters, shown_command, without_secrets
from tracker.errors import ConfigurationError, Problem
from tracker.harnesses.base import check_options

TOKEN = "hf_" + "Ab1" * 11


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("store.url=postgresql://me:s3cret@host/db", "store.url=postgresql://me:***@host/db"),
        ("+notify.to.chat=slack://a/s3cret", "+notify.to.chat=***"),
        ("notify.to={chat: slack://a/s3cret}", "notify.to=***"),
        ("notify.level=all", "notify.level=all"),
        ("policy.processes=3", "policy.processes=3"),
        (f"environment.requires=[{TOKEN}]", "environment.requires=[***]"),
        ("project.repository=https://me:s3cret@h/r", "project.repository=https://me:***@h/r"),
    ],
)
def test_a_stored_command_line_holds_no_secrets(typed: str, shown: str) -> None:
    assert shown_command(["tracker", "run", typed]) == ("tracker", "run", shown)


def test_a_stored_configuration_holds_no_secrets() -> None:
    resolved = {
        "store": {"url": "postgresql://me:s3/cret@host/db"},
        "notify": {"to": {"chat": "slack://a/s3cret"}},
        "environment": {"requires": [f"it @ https://me:{TOKEN}@host/it.whl", "torch"]},
        "policy": {"processes": 5},
    }
    assert without_secrets(resolved) == {
        "store": {"url": "postgresql://me:***@host/db"},
        "notify": {"to": {"chat": "***"}},
        "environment": {"requires": ["it @ https://me:***@host/it.whl", "torch"]},
        "policy": {"processes": 5},
    }


def test_an_error_shows_no_secrets() -> None:
    typed = f"environment.requires=[it@https://me:{TOKEN}@host/it.whl]"
    problem = Problem(message=f"what is {TOKEN}?", where="command line", value=typed)
    shown = text(ConfigurationError("an override is wrong", problems=[problem]))
    assert shown.splitlines() == [
        "error: an override is wrong   [config.invalid]",
        "  - command line: what is ***? (got environment.requires=[it@https://me:***@host/it.whl])",
    ]


@pytest.mark.parametrize(
    "harmless",
    ["http://localhost:8080/path@revision", "git+ssh://git@host:22/it.git@v1", "hf_internal/tiny"],
)
def test_what_only_looks_like_one_is_shown(harmless: str) -> None:
    assert hidden(harmless) == harmless


@pytest.mark.parametrize(
    ("name", "text", "is_secret"),
    [
        ("model", f"'{TOKEN}'", True),
        ("hf_token", "'of the night'", True),
        ("api_key", "'of the night'", True),
        ("api_key", "''", False),
        ("api_key", "None", False),
        ("token", "'word'", False),
        ("key", "'name'", False),
        ("secret_bits", "256", False),
    ],
)
def test_a_parameter_that_is_a_secret_is_refused_untold(
    name: str, text: str, is_secret: bool
) -> None:
    problems = list(secret_parameters(2 * [replace(cell(), parameters=((name, text),))]))
    assert len(problems) == is_secret
    for problem in problems:
        assert name in problem.where
        assert text not in str(problem)


def test_an_unknown_option_that_looks_like_a_secret_is_not_repeated() -> None:
    with pytest.raises(ConfigurationError) as refused:
        check_options({"api_key": "s3cret", "size": "large"}, (), where="suite.options")
    assert [problem.value for problem in refused.value.problems] == ["", "large"]
