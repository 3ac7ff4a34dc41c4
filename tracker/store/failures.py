"""What the database says when it fails, as errors that a person can act on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from psycopg import errors as pg
from sqlalchemy import exc

from tracker.errors import DiskFullError, StoreError, TrackerError

if TYPE_CHECKING:
    from tracker.store.address import Address


@contextmanager
def explained(address: Address) -> Iterator[None]:
    """Turn faults of the server, not of a query, into errors of the tree.

    Raises:
        StoreError: the server is away, refuses this user, or lacks permissions.
        DiskFullError: it has no space left.
    """
    try:
        yield
    except exc.DBAPIError as error:
        if not isinstance(error.orig, psycopg.Error):
            raise
        if (known := _explain(error.orig, address)) is None:
            raise
        raise known from error
    except psycopg.Error as error:
        if (known := _explain(error, address)) is None:
            raise
        raise known from error


def _explain(error: psycopg.Error, address: Address) -> TrackerError | None:
    if isinstance(error, pg.DiskFull):
        return DiskFullError(
            f"the disk of the database {address} is full",
            hint="free space there; what was measured meanwhile is kept in the spool",
        )
    if isinstance(error, pg.InsufficientPrivilege):
        return StoreError(
            f"the user of {address} may not do that: {_line(error)}",
            code="store.permission",
            hint="the tracker must own its tables: give it a database of its own",
        )
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return StoreError(
            f"the database {address} is not available: {_line(error)}", hint=_advice(address)
        )
    return None


def _line(error: psycopg.Error) -> str:
    """What the server, or libpq, says is wrong, without what it guesses about it."""
    if error.diag.message_primary:
        return error.diag.message_primary
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if "failed: " in line] or lines or [type(error).__name__]
    return telling[0].rpartition("failed: ")[2]


def _advice(address: Address) -> str:
    host = address.parameters.get("host", "")
    return f"is the server on {host or 'this machine'} running, and its address in store.url right?"
