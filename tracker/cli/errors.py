"""How an error looks: what is wrong, where, and what to do about it."""

from __future__ import annotations

import click

from tracker.config.secrets import hidden
from tracker.errors import Problem, TrackerError


def show(error: TrackerError) -> None:
    """Print the error to standard error, as one block that a person can act on."""
    click.echo(text(error), err=True)


def text(error: TrackerError) -> str:
    """The error as plain text: message, code, problems, hint."""
    lines = [f"error: {error.line}"]
    lines += [line for problem in error.problems for line in _problem(problem)]
    if error.hint:
        lines.append(f"  hint: {error.hint}")
    return hidden("\n".join(lines))


def _problem(problem: Problem) -> list[str]:
    place = f"{problem.where}: " if problem.where else ""
    value = f" (got {problem.value})" if problem.value else ""
    lines = [f"  - {place}{problem.message}{value}"]
    if problem.hint:
        lines.append(f"    hint: {problem.hint}")
    return lines
