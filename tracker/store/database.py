"""A database: how it is reached, and which schema it has."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Concatenate, ParamSpec, Self, TypeVar

import psycopg
import sqlalchemy as sa

from tracker.config.places import Places
from tracker.errors import StoreError
from tracker.model.canonical import digest
from tracker.store import knowledge, schema
from tracker.store.address import Address
from tracker.store.failures import explained

#: seconds between tries to reach a server that went away: at first, and at most
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 10.0

P = ParamSpec("P")
T = TypeVar("T")


class Database:
    """Connections, transactions and the schema; what is in it, ``Store`` knows.

    Safe to use from several threads. Every method may raise ``StoreError`` when the server goes
    away and ``DiskFullError`` when it is full. An embedded server that was killed is started again.
    """

    def __init__(
        self, locate: Callable[[], Address], *, is_embedded: bool, patience: float = 0.0
    ) -> None:
        """A database that need not be there yet.

        Args:
            locate: where it is, started where that is ours to do.
            patience: seconds that a server which goes away has to come back.
        """
        self._locate = locate
        self._patience = patience
        self._is_embedded = is_embedded
        self.address = locate()
        self.engine = sa.create_engine(
            "postgresql+psycopg://", creator=self._connect, pool_pre_ping=True, pool_size=4
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back. An embedded server goes on for others."""
        self.engine.dispose()

    def spool(self, places: Places) -> Path:
        """Where measurements for this store wait on disk; not to be mixed with another's."""
        if self._is_embedded:
            return places.spool / "embedded"
        where = [self.address.parameters.get(name, "") for name in ("host", "port", "dbname")]
        return places.spool / digest(where)[:16]

    def prepare(self) -> None:
        """Make sure of the schema: made where there is none, upgraded in the embedded server.

        Raises:
            StoreError: it is newer, or older in a server that others may use too.
        """
        found = self.schema()
        if found == 0 or (self._is_embedded and found < schema.newest()):
            self.migrate()
        self.do(schema.check)

    def migrate(self, *, to: int | None = None) -> tuple[int, int]:
        """Bring the schema to the newest, or to another; what it was and what it is."""
        with explained(self.address):
            return schema.migrate(self.engine, to=to)

    def schema(self) -> int:
        """The number of the schema; 0 for none."""
        return self.do(schema.current)

    def version(self) -> str:
        """What the server calls itself."""
        return f"PostgreSQL {self.do(schema.server_version)}"

    def counts(self) -> dict[str, int]:
        """How much is stored, by table."""
        return self.do(knowledge.counts)

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """A transaction whose faults are explained; for what has no method here.

        Raises:
            StoreError, DiskFullError: the server went away or is full.
        """
        with explained(self.address), self.engine.begin() as connection:
            yield connection

    def do(
        self, work: Callable[Concatenate[sa.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Work in a transaction of its own; once more on a new connection if this one breaks.

        All work can be done twice: who lost the connection while it committed does not know.
        """
        for pause in _pauses(self._patience):
            try:
                with self.transaction() as connection:
                    return work(connection, *args, **kwargs)
            except StoreError as error:
                if error.code != StoreError.default_code:
                    raise
            time.sleep(pause)
        with self.transaction() as connection:
            return work(connection, *args, **kwargs)

    def _connect(self) -> psycopg.Connection:
        try:
            return self.address.connect()
        except psycopg.OperationalError:
            if not self._is_embedded:
                raise
            self.address = self._locate()
            return self.address.connect()


def _pauses(patience: float) -> Iterator[float]:
    """Seconds between tries: none before the second one, then more and more of the patience."""
    yield 0.0
    pause = _FIRST_PAUSE
    while patience > 0:
        yield min(pause, patience)
        patience -= pause
        pause = min(2 * pause, _LONGEST_PAUSE)
