"""A bisection while it goes on: a live picture for people, plain lines for logs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from tracker.findings.line import Survey
from tracker.model.comparisons import Compared
from tracker.publish.bisecting.sentences import asked, left, strip, verdict
from tracker.publish.comparing.progress import ComparingProgress, LiveComparing, PlainComparing
from tracker.publish.comparing.sentences import between, effect, name
from tracker.publish.wording import clean, counted

#: columns of the picture of a line
_WIDTH = 60


class Listener(Protocol):
    """Whoever is told how a bisection goes on; the ends are compared first."""

    def note(self, text: str) -> None: ...

    def standing(self, rows: Sequence[Compared], decided: int, cells: int) -> None:
        """Hear the main row of each cell that is compared, and how many are decided."""

    def surveyed(self, survey: Survey) -> None:
        """Hear what is known of the line now."""


class BisectingProgress(ComparingProgress, Listener, Protocol):
    """Whoever shows it, and all that an engine does for it."""


def open_bisecting(console: Console, *, plain: bool, most: int) -> BisectingProgress:
    """What shows a bisection on this console.

    Args:
        console: where to print.
        plain: lines that stay.
        most: pairs for an answer, at most.
    """
    if plain:
        return PlainBisecting(console)
    return LiveBisecting(console, most=most, budget=None)


class PlainBisecting(PlainComparing):
    """One line for each commit that gave its answer."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self._told: set[tuple[str, str]] = set()

    def surveyed(self, survey: Survey) -> None:
        for place, answer in survey.answers.items():
            commit = survey.line.commits[place]
            key = (survey.line.base.sha, commit.sha)
            if place == survey.line.last or not answer.is_believed or key in self._told:
                continue
            self._told.add(key)
            self.note(f"{asked(commit, answer, survey)}; {left(survey)}")


class LiveBisecting(LiveComparing):
    """The line with the chances of its commits, drawn again after every round."""

    _survey: Survey | None = None

    def surveyed(self, survey: Survey) -> None:
        self._survey = survey

    def _picture(self) -> RenderableType:
        survey = self._survey
        if survey is None or survey.row is None or not survey.step:
            return super()._picture()
        line = survey.line
        lines = [
            Text(f"{name(survey.row)}  {effect(survey.row)} {between(survey.row)}", "bold"),
            Text.assemble(
                (f"{line.base.label} ", "dim"),
                (strip(survey.likely.tolist(), _WIDTH), "yellow"),
                (f" {line.commits[-1].label}", "dim"),
            ),
            Text(left(survey)),
        ]
        return Group(*lines, Text(), _answers(survey), Text(), self._foot())


def _answers(survey: Survey) -> Table:
    """What each commit says that was asked, along the line."""
    drawn = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    for place, answer in survey.answers.items():
        commit = survey.line.commits[place]
        if place != survey.line.last:
            said = verdict(answer, survey) if answer.is_believed else "asking"
            rounds = counted(answer.rounds, "round") if answer.rounds else ""
            drawn.add_row(commit.label, said, rounds, Text(clean(commit.subject), "dim"))
    return drawn
