"""``tracker grafana``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.options import configured, load_settings, together

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.publish.grafana.api.push import Wanted
    from tracker.publish.grafana.api.server import Grafana
    from tracker.publish.grafana.api.steps import Step

#: Grafana is not as it would be after a push that nothing stands in the way of
EXIT_DIFFERS = 5

_NOTHING = "Grafana has all of it."


@click.group(epilog="Example:  tracker grafana push --dry-run")
def grafana() -> None:
    """Bring dashboards, findings and alerts to a Grafana.

    Grafana is found by --url and opened by a token of a service account with the role Admin, in
    TRACKER_GRAFANA_TOKEN or a file. The password of the login that reads the database for it is
    TRACKER_GRAFANA_PASSWORD.
    """


#: the options that say which Grafana is meant
reached = together(
    click.option(
        "--url",
        default="",
        envvar="TRACKER_GRAFANA_URL",
        help="Address of Grafana; default: TRACKER_GRAFANA_URL.",
    ),
    click.option(
        "--token-file",
        type=click.Path(path_type=Path),
        envvar="TRACKER_GRAFANA_TOKEN_FILE",
        help="A file with the token; default: what TRACKER_GRAFANA_TOKEN holds.",
    ),
)


@grafana.command(
    epilog="Examples:  tracker grafana push   |   tracker grafana push --dry-run   |   "
    "tracker grafana push --force"
)
@click.option("--dry-run", is_flag=True, help="Send nothing; show what would change.")
@click.option("--force", is_flag=True, help="Write over dashboards that were changed in Grafana.")
@reached
@configured
def push(
    dry_run: bool,
    force: bool,
    url: str,
    token_file: Path | None,
    config: Path | None,
    overrides: tuple[str, ...],
) -> None:
    """Make Grafana have what it should.

    That is: a folder, a data source, dashboards, an annotation for each finding, alert rules. What
    is so already stays untouched, and so does what is not the tracker's. Exit code 5 when
    something had to be left as it is.
    """
    from tracker.publish.grafana.api.push import steps, take
    from tracker.publish.grafana.api.steps import line

    with _opened(url, token_file, config, overrides) as (server, wanted):
        found = steps(server, wanted, force=force)
        if dry_run:
            _print(found, with_diff=True)
            return
        take(server, wanted, found, lambda step: click.echo(line(step)))
    if not found:
        click.echo(_NOTHING)
    if any(step.because for step in found):
        raise click.exceptions.Exit(EXIT_DIFFERS)


@grafana.command(epilog="Example:  tracker grafana check")
@reached
@configured
def check(
    url: str, token_file: Path | None, config: Path | None, overrides: tuple[str, ...]
) -> None:
    """Tell what a push would change.

    Also whether Grafana can read the database. Sends nothing. Exit code 5 when anything differs.
    """
    from tracker.publish.grafana.api.push import check_source, steps

    with _opened(url, token_file, config, overrides) as (server, wanted):
        found = steps(server, wanted)
        _print(found, with_diff=False)
        check_source(server)
    if found:
        raise click.exceptions.Exit(EXIT_DIFFERS)


@grafana.command(epilog="Example:  tracker grafana render /etc/grafana")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
def render(directory: Path) -> None:
    """Write it as files that Grafana reads.

    DIRECTORY gets directories dashboards and provisioning, the latter with data source and alert
    rules, which call whom TRACKER_GRAFANA_CONTACT says.
    """
    from tracker.publish.grafana.api.access import CONTACT, secret
    from tracker.publish.grafana.api.alerts import contact
    from tracker.publish.grafana.api.files import render as write

    for path in write(directory, contact(secret(CONTACT, os.environ))):
        click.echo(path)


@grafana.command(epilog="Example:  tracker grafana up")
def up() -> None:
    """Start a Grafana here, with docker compose.

    And a PostgreSQL; both listen on 127.0.0.1 alone.
    """
    from tracker.publish.grafana import compose

    compose.up(os.environ)
    click.echo(
        "Grafana is at http://127.0.0.1:3000, its user is admin. What makes it show something:\n"
        "  export TRACKER_DATABASE_URL=postgresql://tracker:$TRACKER_PASSWORD@127.0.0.1:5432"
        "/tracker\n"
        '  tracker db migrate --url "$TRACKER_DATABASE_URL"\n'
        f"  docker compose --file {compose.file()} run --rm reader\n"
        "  tracker run RANGE store=server"
    )


@contextmanager
def _opened(
    url: str, token_file: Path | None, config: Path | None, overrides: tuple[str, ...]
) -> Iterator[tuple[Grafana, Wanted]]:
    """Grafana, and what should be in it."""
    from tracker.config.places import Places
    from tracker.publish.grafana.api.access import CONTACT, PASSWORD, TOKEN, access, secret
    from tracker.publish.grafana.api.alerts import contact
    from tracker.publish.grafana.api.contents import source
    from tracker.publish.grafana.api.push import wanted
    from tracker.publish.grafana.api.server import Grafana
    from tracker.store.store import open_store

    environ = os.environ
    password, whom = secret(PASSWORD, environ), secret(CONTACT, environ)
    reached = access(url, secret(TOKEN, environ, token_file), password, whom)
    called = contact(whom)
    settings = load_settings(config, overrides)
    with Grafana(reached) as server:
        with open_store(settings.store, places=Places.of_user()) as store:
            database = source(store.address, environ, password)
            should = wanted(store, settings.project.name, database, called)
        yield server, should


def _print(found: Sequence[Step], *, with_diff: bool) -> None:
    from tracker.publish.grafana.api.steps import diff, line

    for step in found:
        click.echo(line(step))
        if with_diff:
            for text in diff(step):
                click.echo(text)
    if not found:
        click.echo(_NOTHING)
