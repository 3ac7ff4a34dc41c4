"""What `tracker report` refuses before it reads anything."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from tracker.cli.report import report
from tracker.errors import UsageError


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--commit", "v2", "v1..v3"], "--commit v2 and the range v1..v3 are two reports"),
        (["--against", "v1"], "--against needs --commit"),
        (["v1..v3", "--against", "v1"], "--against needs --commit"),
    ],
)
def test_options_that_contradict_each_other(arguments: list[str], message: str) -> None:
    error = CliRunner().invoke(report, arguments).exception
    assert isinstance(error, UsageError)
    assert str(error) == message
    assert error.hint
