"""What users choose: for each variable of a dashboard, out of what it offers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.support import grafana

#: days that the charts go back
_RANGES = (30, 90, 365, 730)

#: the share of users who leave it at what comes first: the project, and its main branch
_FIRST = {"project": 1.0, "branch": 0.8}

#: what a variable offers
Ask = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """All variables of one dashboard, and the range of time."""

    values: dict[str, str | Sequence[str]]
    since: datetime
    until: datetime

    def expanded(self, sql: str) -> str:
        """The statement as Grafana sends it."""
        return grafana.expanded(sql, self.values, self.since, self.until)


def choices(dashboard: str, ask: Ask, count: int) -> Iterator[Choice]:
    """First what Grafana chooses by itself, then what a user may, the same every time.

    Args:
        ask: gives what the statement of a variable offers.
    """
    random = Random(dashboard)
    until = datetime.now(UTC)
    for number in range(count):
        days = _RANGES[2] if number == 0 else random.choice(_RANGES)
        choice = Choice(values={}, since=until - timedelta(days=days), until=until)
        for variable in grafana.dashboard(dashboard)["templating"]["list"]:
            choice.values[variable["name"]] = _chosen(
                variable, choice, ask, None if number == 0 else random
            )
        yield choice


def _chosen(
    variable: dict[str, Any], choice: Choice, ask: Ask, random: Random | None
) -> str | Sequence[str]:
    """One value, several or all; without ``random`` as it is before anybody chooses."""
    if variable["type"] != "query":
        offered = str(variable["query"]).split(",")
        return random.choice(offered) if random else str(variable["current"]["value"])
    offered = list(ask(choice.expanded(variable["query"]))) or [""]
    if not variable.get("multi"):
        if random is None or random.random() < _FIRST.get(variable["name"], 0):
            return offered[0]
        return random.choice(offered)
    if variable.get("includeAll") and (random is None or random.random() < 0.5):
        return offered
    if random is None:
        return offered[:1]
    return random.sample(offered, min(len(offered), random.randint(1, 4)))
