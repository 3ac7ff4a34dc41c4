"""What `tracker report` refuses before it reads anything, and files that cannot be written."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tracker.cli.report import report
from tracker.cli.reporting import write_texts
from tracker.errors import InfrastructureError, UsageError
from tracker.publish.grafana.api.files import render


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


def test_a_directory_that_is_a_file_is_told_in_one_line(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.touch()
    with pytest.raises(InfrastructureError, match=r"taken/report\.md cannot be written: \w+"):
        write_texts({"report.md": ""}, taken)
    with pytest.raises(InfrastructureError, match="cannot be written"):
        render(taken)
