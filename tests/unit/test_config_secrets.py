from __future__ import annotations

import pytest

from tracker.config.secrets import shown_command


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
