"""``tracker db``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.options import find_configuration, load_settings, together
from tracker.errors import UsageError

if TYPE_CHECKING:
    from tracker.config.settings import StoreSettings

EXIT_NOT_RUNNING = 4


@click.group(epilog="Example:  tracker db status")
def db() -> None:
    """Look after the database.

    Without an address in the configuration (store.url) the tracker keeps results in a
    PostgreSQL of its own, below your state directory. It is started when a command needs it
    and goes on afterwards, for the next command and for dashboards.
    """


#: the options that say which database is meant
located = together(
    click.option(
        "--config",
        type=click.Path(path_type=Path),
        help="The configuration; default: tracker.yaml here or in a parent directory.",
    ),
    click.option(
        "--url",
        help="Address of a PostgreSQL server; default: the configuration's, else the embedded.",
    ),
)


@db.command(epilog="Example:  tracker db start")
@located
def start(url: str | None, config: Path | None) -> None:
    """Start the embedded server, and make it where there is none."""
    from tracker.config.places import Places
    from tracker.store.store import open_store

    settings = _embedded_only(url, config)
    with open_store(settings, places=Places.of_user()) as store:
        click.echo(f"running at {store.address}")


@db.command(epilog="Example:  tracker db stop")
@located
def stop(url: str | None, config: Path | None) -> None:
    """Stop the embedded server. What it holds is kept; the next command starts it again."""
    from tracker.config.places import Places
    from tracker.store.embedded import Embedded

    _embedded_only(url, config)
    click.echo("stopped" if Embedded(Places.of_user()).stop() else "it was not running")


@db.command(epilog="Example:  tracker db status")
@located
def status(url: str | None, config: Path | None) -> None:
    """Show where the database is, its schema, and how much it holds.

    Starts nothing. Exit code 4 when the embedded server does not run.
    """
    from tracker.config.places import Places
    from tracker.store import schema
    from tracker.store.embedded import Embedded
    from tracker.store.store import connect

    settings, places = _settings(url, config), Places.of_user()
    if not settings.url:
        click.echo(f"{'embedded in':12} {places.database}")
        if Embedded(places).running() is None:
            click.echo("not running; `tracker db start` starts it, as every command that needs it")
            raise click.exceptions.Exit(EXIT_NOT_RUNNING)
    with connect(settings, places=places) as store:
        click.echo(f"{'address':12} {store.address}")
        click.echo(f"{'server':12} {store.version()}")
        click.echo(f"{'schema':12} {store.schema()} of {schema.newest()}")
        if store.schema() == schema.newest():
            for name, count in store.counts().items():
                click.echo(f"{name:12} {count}")
    if waiting := sorted(store.spool(places).glob("*.jsonl*")):
        click.echo(f"{'spooled':12} {len(waiting)} files in {store.spool(places)}")


@db.command(epilog='Example:  psql "$(tracker db url)"')
@located
@click.option("--no-password", is_flag=True, help="Leave the password out.")
def url(no_password: bool, url: str | None, config: Path | None) -> None:
    """Print the address of the database, password included, for other programs.

    Starts the embedded server where it does not run.
    """
    from tracker.config.places import Places
    from tracker.store.store import connect

    with connect(_settings(url, config), places=Places.of_user()) as store:
        click.echo(str(store.address) if no_password else store.address.url)


@db.command(epilog="Example:  tracker db migrate")
@located
@click.option("--to", type=click.IntRange(0), help="A schema by number; default: the newest.")
@click.option("--yes", is_flag=True, help="Do not ask before going back to an older schema.")
def migrate(to: int | None, yes: bool, url: str | None, config: Path | None) -> None:
    """Bring the schema of the database to the one that this version of the tracker needs."""
    from tracker.config.places import Places
    from tracker.store import schema
    from tracker.store.store import connect

    if to is not None and to > schema.newest():
        raise UsageError(f"there is no schema {to}", hint=f"the newest is {schema.newest()}")
    with connect(_settings(url, config), places=Places.of_user()) as store:
        if to is not None and to < store.schema() and not yes:
            click.confirm(
                f"Going back to schema {to} deletes what it cannot hold. Go on?", abort=True
            )
        before, after = store.migrate(to=to)
    click.echo(f"schema {after}" + (f", was {before}" if before != after else ", as it was"))


@db.command(epilog="Example:  tracker db verify")
@located
def verify(url: str | None, config: Path | None) -> None:
    """Check what is stored: hashes, samples, positions. Exit code 4 when something is wrong."""
    from tracker.config.places import Places
    from tracker.errors import StoreError
    from tracker.store.store import connect
    from tracker.store.verify import verify as verified

    wrong = 0
    with connect(_settings(url, config), places=Places.of_user()) as store:
        for result in verified(store):
            click.echo(result)
            wrong += len(result.problems)
    if wrong:
        raise StoreError(
            f"{wrong} things in the database are not as they should be",
            code="store.inconsistent",
            hint="keep a copy with `tracker db dump` before anything else writes to it",
        )


@db.command(epilog="Example:  tracker db dump results.sql")
@located
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def dump(file: Path, url: str | None, config: Path | None) -> None:
    """Write everything that is stored to FILE, as SQL that psql reads into an empty database."""
    from tracker.config.places import Places
    from tracker.store.dump import dump as write
    from tracker.store.store import connect

    with connect(_settings(url, config), places=Places.of_user()) as store:
        write(store.address, file)
    click.echo(f"{file} ({file.stat().st_size / 2**20:.1f} MiB)")


def _settings(url: str | None, config: Path | None) -> StoreSettings:
    from tracker.config.settings import StoreSettings

    if url:
        return StoreSettings(url=url)
    if config or find_configuration(Path.cwd()):
        return load_settings(config, ()).store
    return StoreSettings(url="")


def _embedded_only(url: str | None, config: Path | None) -> StoreSettings:
    settings = _settings(url, config)
    if settings.url:
        raise UsageError(
            "the database has an address: its server is not the tracker's to start or stop",
            hint="`tracker db status` says whether it answers",
        )
    return settings
