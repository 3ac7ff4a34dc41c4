"""The program that hands one message to Apprise. It imports nothing of the tracker.

A process of its own, since a service that sends its answer byte by byte would otherwise hold the
night for ever: Apprise waits for its threads when the interpreter ends. What Apprise logs may hold
parts of a URL and goes nowhere; the number of an HTTP status alone is read from it.

Reads JSON from standard input, and writes a line of it: to a list of URLs those that Apprise does
not understand; to a URL with a message whether it was taken, and the status if it was not.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from typing import Any

_STATUS = re.compile(r"\berror=(\d{3})\b")


class _Statuses(logging.Handler):
    """Keeps the HTTP statuses that are logged."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen += _STATUS.findall(record.getMessage())


def main() -> None:
    import apprise  # noqa: PLC0415  it takes a second

    asked: Any = json.load(sys.stdin)
    statuses = _Statuses()
    log = logging.getLogger("apprise")
    log.addHandler(statuses)
    log.propagate = False
    if isinstance(asked, list):
        answer: Any = [url for url in asked if apprise.Apprise.instantiate(url) is None]
    else:
        service = apprise.Apprise()
        service.add(asked["url"])
        taken = service.notify(
            title=asked["title"],
            body=asked["text"],
            notify_type=apprise.NotifyType.WARNING if asked["bad"] else apprise.NotifyType.INFO,
            body_format=apprise.NotifyFormat.TEXT,
        )
        answer = {"taken": bool(taken), "status": "".join(statuses.seen[-1:])}
    print(json.dumps(answer))  # noqa: T201


if __name__ == "__main__":
    main()
