"""Options that several commands share, and what they mean."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tracker.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from tracker.config.settings import Settings

_NO_WIDTH = 1000

F = TypeVar("F", bound=Callable[..., Any])

CONFIGURATION = "tracker.yaml"


def as_seconds(_ctx: click.Context, _param: click.Parameter, value: str | None) -> float | None:
    """Callback of options that take a duration as people write it: 90, 90s, 10m, 1h."""
    from tracker.config.quantities import seconds

    if value is None:
        return None
    try:
        return seconds(float(value) if value.isdigit() else value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is not {error}") from error


def together(*options: Callable[[Any], Any]) -> Callable[[F], F]:
    """A decorator that adds options, which help shows in this order."""

    def decorate(command: F) -> F:
        for add in reversed(options):
            command = add(command)
        return command

    return decorate


#: ``--config`` and the trailing ``OVERRIDES`` in Hydra's syntax
configured = together(
    click.option(
        "--config",
        type=click.Path(path_type=Path),
        help=f"The configuration; default: {CONFIGURATION} here or in a parent directory.",
    ),
    click.argument("overrides", nargs=-1, metavar="[OVERRIDES]..."),
)
#: the options that choose commits
ranged = together(
    click.option("--path", "paths", multiple=True, help="Only commits that touch this path."),
    click.option("--every", type=click.IntRange(1), metavar="N", help="Every Nth commit."),
    click.option("--tags", metavar="GLOB", multiple=True, help="Only tagged commits."),
    click.option("--since", metavar="DATE", help="Only commits after a date git understands."),
    click.option("--first-parent", is_flag=True, help="Only commits on the main line."),
)
#: no colours, no redrawing, no dependence on the width of the terminal
plainly = click.option(
    "--plain", is_flag=True, help="Plain lines; automatic without a terminal and in CI."
)
fails_on = click.option(
    "--fail-on",
    type=click.Choice(["confirmed", "suspected", "never"]),
    default="confirmed",
    show_default=True,
    help="Which regressions end with exit code 1.",
)
exported = together(
    click.option(
        "--junit",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write each cell as a test case of JUnit's XML.",
    ),
    click.option(
        "--sarif",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write what was found as SARIF, for code scanning.",
    ),
)


def split_range(arguments: Sequence[str], default: str = "") -> tuple[str, tuple[str, ...]]:
    """The range, if the first argument is one, and the overrides."""
    if arguments and not _is_override(arguments[0]):
        return arguments[0], tuple(arguments[1:])
    return default, tuple(arguments)


def split_words(arguments: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words before the first override, and the overrides."""
    first = next((at for at, word in enumerate(arguments) if _is_override(word)), len(arguments))
    return tuple(arguments[:first]), tuple(arguments[first:])


def _is_override(argument: str) -> bool:
    return "=" in argument or argument.startswith(("~", "+"))


def load_settings(config: Path | None, overrides: Sequence[str], **history: Any) -> Settings:
    """The configuration that a command works with; history options win over it.

    Raises:
        ConfigurationError: with all problems.
    """
    from tracker.config.compose import load

    for override in overrides:
        if not _is_override(override):
            raise UsageError(
                f"{override!r} is neither a range nor an override",
                hint="one range comes first, then overrides such as policy.processes=7",
            )
    config = config or find_configuration(Path.cwd())
    root = config.parent if config else Path.cwd()
    settings = load(config=config, overrides=overrides, root=root.absolute())
    given = {name: value for name, value in history.items() if value}
    return replace(settings, history=replace(settings.history, **given))


def find_configuration(start: Path) -> Path | None:
    """The nearest configuration file, from a directory upwards."""
    for directory in (start, *start.parents):
        if (directory / CONFIGURATION).is_file():
            return directory / CONFIGURATION
    return None


def console(*, plain: bool, stderr: bool = False) -> Console:
    """Where a command prints for people; standard error while standard output is for programs."""
    from rich.console import Console

    return Console(
        no_color=plain or None,
        highlight=False,
        stderr=stderr,
        # plain lines are for programs: a table there has no edge to fit into
        width=_NO_WIDTH if plain else None,
    )


def is_plain(flag: bool) -> bool:
    """Plain output was asked for, or nobody sits there to see anything else."""
    wishes = os.environ.get("CI"), os.environ.get("NO_COLOR")
    return flag or any(wishes) or not sys.stdout.isatty()
