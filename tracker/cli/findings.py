"""``tracker findings``."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.options import configured, console, is_plain, load_settings, plainly

if TYPE_CHECKING:
    from rich.console import Console

    from tracker.config.settings import Settings
    from tracker.model.findings import Decision, Finding
    from tracker.store.store import Store

#: command -> the state it puts a finding in, and what it says about itself
_DECISIONS = {
    "ack": ("acknowledged", "Take note of a finding: somebody knows."),
    "investigate": ("investigating", "Say that somebody is at it."),
    "expect": ("expected", "Say that the change is wanted; it fails no run."),
    "false-alarm": (
        "false-alarm",
        "Say that there is nothing: the tracker was wrong.",
    ),
    "reopen": ("open", "Put a finding back among those that nobody looked at."),
}


@click.group(
    epilog='Examples:  tracker findings list   |   tracker findings ack 12 --because "known"'
)
def findings() -> None:
    """The findings of a project, and what people decided about them."""


@findings.command("list", epilog="Example:  tracker findings list --all")
@click.option("--all", "every", is_flag=True, help="Settled and refuted ones too.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option(
    "--sarif",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write them as SARIF too, for code scanning.",
)
@plainly
@configured
def list_(
    every: bool,
    as_json: bool,
    sarif: Path | None,
    plain: bool,
    config: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """List findings, newest first; by default those that are open to somebody.

    Below them: how many of all that the tracker ever found were none.
    """
    from tracker.cli.exporting import write_sarif
    from tracker.publish.document import finding as as_document
    from tracker.publish.exports.alerts import of_findings
    from tracker.publish.sentences import track_record

    settings = load_settings(config, overrides)
    with _opened(settings) as (store, project_id):
        known = store.findings(project_id)
        where = store.places(project_id)
    shown = [one for one in known[::-1] if every or _is_open(one)]
    if sarif is not None:
        write_sarif(sarif, of_findings(shown), where, settings)
    if as_json:
        click.echo(json.dumps([as_document(one) for one in shown], indent=2))
        return
    out = console(plain=is_plain(plain))
    for one in shown:
        _line(one, out)
    if not shown:
        out.print("No open findings." if not every else "No findings.")
    if record := track_record(known):
        out.print(record)


@findings.command("show", epilog="Example:  tracker findings show 12")
@click.argument("number", type=int)
@plainly
@configured
def show(number: int, plain: bool, config: Path | None, overrides: tuple[str, ...]) -> None:
    """Show a finding with its evidence, and every decision about it."""
    from tracker.errors import UsageError
    from tracker.publish.members import member_lines

    with _opened(load_settings(config, overrides)) as (store, project_id):
        found = [one for one in store.findings(project_id) if one.id == number]
        decisions = store.decisions(project_id, number)
    if not found:
        raise UsageError(
            f"there is no finding {number}",
            code="finding.unknown",
            hint="`tracker findings list --all` has their numbers",
        )
    out = console(plain=is_plain(plain))
    _line(found[0], out)
    for line in member_lines(found[0]):
        out.print(line, markup=False)
    for decision in decisions:
        out.print(f"  {_told(decision)}", markup=False)


def _decide(command: str) -> Callable[..., None]:
    state, text = _DECISIONS[command]

    @click.argument("number", type=int)
    @click.option("--because", required=command != "reopen", help="Why.")
    @click.option("--who", default=None, help="Who decides; default: the user of this session.")
    @configured
    def decide(
        number: int,
        because: str | None,
        who: str | None,
        config: Path | None,
        overrides: tuple[str, ...],
    ) -> None:
        from tracker.model.findings import Triage

        with _opened(load_settings(config, overrides)) as (store, project_id):
            person = who or getpass.getuser()
            store.decide(project_id, number, Triage(state), who=person, note=because or "")
        click.echo(f"finding {number}: {state}")

    decide.__doc__ = text
    return decide


for _name in _DECISIONS:
    findings.command(_name, epilog=f'Example:  tracker findings {_name} 12 --because "..."')(
        _decide(_name)
    )


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[Store, int]]:
    from tracker.config.places import Places
    from tracker.store.store import open_store

    with open_store(settings.store, places=Places.of_user()) as store:
        yield store, store.project_id(settings.project.name)


def _is_open(finding: Finding) -> bool:
    return not finding.is_settled and finding.confirmation.value != "refuted"


def _line(finding: Finding, out: Console) -> None:
    from tracker.publish.members import members
    from tracker.publish.sentences import called, status

    first, *others = members(finding)
    size, _, levels, _ = first.words
    more = f" and {len(others)} more" if others else ""
    words: list[Any] = [
        f"{finding.id:>4}",
        f"{called(finding):16}",
        finding.commit[:8],
        first.name + more,
        size,
        levels if first.points else "",
        finding.headline.reason,
        status(finding),
    ]
    out.print("  ".join(filter(None, words)), markup=False)


def _told(decision: Decision) -> str:
    why = f': "{decision.note}"' if decision.note else ""
    states = f"{decision.triage.value}, {decision.confirmation.value}"
    return f"{decision.at:%Y-%m-%d %H:%M}  {decision.who}  {states}{why}"
