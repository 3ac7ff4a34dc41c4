"""``--post``: a comparison told where the change is talked about."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker.config.settings import Settings
    from tracker.errors import TrackerError
    from tracker.publish.comparing.contents import Comparison
    from tracker.publish.posting.targets import Target


def post(
    outcome: Comparison | TrackerError,
    target: Target,
    settings: Settings,
    status: int,
    say: Callable[[str], None],
) -> None:
    """Write comment and status of a comparison, or why there is none.

    What fails is said, and changes nothing else.

    A verdict is one whether or not a service takes it: the token of a fork's pull request may
    not write.
    """
    from tracker.errors import PublishError
    from tracker.publish.posting.verdicts import Posting
    from tracker.publish.trying import PAUSES, persistently

    posting = Posting(
        outcome=outcome,
        target=target,
        project=settings.project.name,
        suite=settings.suite.name,
        status=status,
    )
    for what, work in (("comment", posting.comment), ("status", posting.set_status)):
        try:
            persistently(work, PAUSES)
        except PublishError as error:
            hint = f"; {error.hint}" if error.hint else ""
            say(f"{what} not posted: {error.message}{hint}   [{error.code}]")
