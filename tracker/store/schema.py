"""Which schema a database has, and how it gets the one that this program knows."""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa

from tracker import resources
from tracker.errors import StoreError

#: any number; the same for everybody who changes the schema of one database
_LOCK = 7_402_113

#: what migrations add, the role that only reads may read too, where this user may say so
_LET_READERS_READ = sa.text("""
    DO $$
    BEGIN
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tracker_reader') THEN
            EXECUTE format('GRANT USAGE ON SCHEMA %I TO tracker_reader', current_schema());
            EXECUTE format(
                'GRANT SELECT ON ALL TABLES IN SCHEMA %I TO tracker_reader', current_schema()
            );
        END IF;
    END $$
""")

#: the oldest server whose SQL the migrations are written in
OLDEST_SERVER = 15


@cache
def newest() -> int:
    """The schema that this program works with: the number of its last migration."""
    files = resources.directory("sql").joinpath("versions").glob("[0-9]*_*.py")
    return max(int(file.name.split("_")[0]) for file in files)


def current(connection: sa.Connection) -> int:
    """The schema of a database; 0 for none."""
    if connection.scalar(sa.text("SELECT to_regclass('alembic_version')")) is None:
        return 0
    return int(connection.scalar(sa.text("SELECT version_num FROM alembic_version")) or 0)


def server_version(connection: sa.Connection) -> str:
    """What the server calls its version, such as "18.4"."""
    return str(connection.scalar(sa.text("SHOW server_version")))


def check(connection: sa.Connection) -> None:
    """Check that the schema is the one this program knows.

    Raises:
        StoreError: older, or newer.
    """
    found = current(connection)
    if found > newest():
        raise StoreError(
            f"the database has schema {found}, this version of the tracker knows {newest()}",
            code="store.newer-schema",
            hint="upgrade the tracker: it was a newer one that wrote to this database",
        )
    if found < newest():
        raise StoreError(
            f"the database has schema {found}, this version of the tracker needs {newest()}",
            code="store.old-schema",
            hint="`tracker db migrate` brings it up to date and keeps everything in it",
        )


def migrate(engine: sa.Engine, *, to: int | None = None) -> tuple[int, int]:
    """Bring a database to a schema, by default the newest, in one transaction.

    Returns:
        The schema before and after.

    Raises:
        StoreError: the server is too old, or the schema is newer than this program knows.
    """
    # Alembic takes a third of a second to import: only who migrates pays for it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    target = newest() if to is None else to
    with engine.begin() as connection:
        _check_server(connection)
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        before = current(connection)
        if before > newest():
            check(connection)
        config = Config()
        config.set_main_option(
            "script_location", str(resources.directory("sql")).replace("%", "%%")
        )
        config.attributes["connection"] = connection
        if target > before:
            command.upgrade(config, f"{target:04}")
            connection.execute(_LET_READERS_READ)
        elif target < before:
            command.downgrade(config, f"{target:04}" if target else "base")
    return before, target


def _check_server(connection: sa.Connection) -> None:
    version = int(connection.scalar(sa.text("SHOW server_version_num")) or 0) // 10_000
    if version < OLDEST_SERVER:
        raise StoreError(
            f"the server is PostgreSQL {version}; {OLDEST_SERVER} or later is needed",
            code="store.old-server",
            hint="leave store.url empty to use the embedded server",
        )
