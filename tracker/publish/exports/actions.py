"""Alerts as the lines that a job of GitHub Actions prints to have them shown beside the code.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands

They need no token, so that the pull request of a fork has them too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from tracker.publish.exports.alerts import Alert, Severity
from tracker.publish.exports.places import Whereabouts
from tracker.publish.wording import clean, counted

_COMMANDS = {Severity.error: "error", Severity.warning: "warning", Severity.note: "notice"}
#: of one command, GitHub shows so many a step
_MOST = 10


def lines(alerts: Iterable[Alert], places: Whereabouts) -> Iterator[str]:
    """A line for each alert, the worst first; what GitHub would leave out is counted."""
    order = list(_COMMANDS)
    found = sorted(alerts, key=lambda alert: order.index(alert.severity))
    for severity, group in groupby(found, key=lambda alert: alert.severity):
        of_one = list(group)
        shown = of_one if len(of_one) <= _MOST else of_one[: _MOST - 1]
        for alert in shown:
            place = places.of(alert.benchmark)
            where = {"file": place.file, "line": str(place.line), "title": alert.rule}
            yield _command(severity, where, clean(alert.text))
        if more := len(of_one) - len(shown):
            yield _command(severity, {}, f"{counted(more, 'more alert')} like these")


def _command(severity: Severity, properties: Mapping[str, str], text: str) -> str:
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{f'{_COMMANDS[severity]} {told}'.rstrip()}::{_data(text)}"


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
