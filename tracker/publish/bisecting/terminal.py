"""What a bisection found, in the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from tracker.model.comparisons import Bisected
from tracker.publish.bisecting.sentences import closing, evidence, headline, named
from tracker.publish.terminal import say


def render(found: Bisected, console: Console, *, plain: bool) -> None:
    """Print it: what the ends are to each other, each culprit with its evidence, what it took."""
    if plain:
        for line in plain_lines(found):
            say(console, line)
        return
    console.print(Text(headline(found), "bold"), highlight=False)
    for culprit in found.culprits:
        console.print()
        console.print(Text(f"● {named(culprit)}", "bold red"), highlight=False)
        for line in evidence(culprit):
            console.print(Text(f"  {line}"), highlight=False)
    console.print()
    for line in closing(found):
        console.print(Text(line, "dim"), highlight=False)


def plain_lines(found: Bisected) -> list[str]:
    """One line each, for logs."""
    told = [f"{named(one)}: {', '.join(evidence(one))}" for one in found.culprits]
    return [headline(found), *told, *closing(found)]
