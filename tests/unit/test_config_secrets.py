from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.values import cell
from tracker.config.secrets import secret_parameters, shown_command
from tracker.errors import ConfigurationError
from tracker.harnesses.base import check_options


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("store.url=postgresql://me:s3cret@host/db", "store.url=postgresql://me:***@host/db"),
        ("+notify.to.chat=slack://a/s3cret", "+notify.to.chat=***"),
        ("notify.to={chat: slack://a/s3cret}", "notify.to=***"),
        ("notify.level=all", "notify.level=all"),
        ("policy.processes=3", "policy.processes=3"),
    ],
)
def test_a_stored_command_line_holds_no_secrets(typed: str, shown: str) -> None:
    assert shown_command(["tracker", "run", typed]) == ("tracker", "run", shown)


TOKEN = "hf_" + 24 * "a"


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
