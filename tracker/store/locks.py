"""Locks that are the connection's that holds them: a command that is killed leaves none behind."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

#: first half of the lock's key, the second is the project: "nigh" as a number
_NIGHT = 0x6E696768

_HOLDER = sa.text(
    "SELECT application_name, backend_start FROM pg_locks JOIN pg_stat_activity USING (pid)"
    " WHERE locktype = 'advisory' AND granted AND objsubid = 2"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND classid = :kind AND objid = :project"
)


@contextmanager
def night(engine: sa.Engine, project_id: int) -> Iterator[str | None]:
    """Hold the lock on the nights of a project; None, or who holds it already, and since when."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # back in the pool it would keep the lock
        connection.detach()
        key = {"kind": _NIGHT, "project": project_id}
        # what other nights are told; a server cuts it off after 63 bytes
        name = f"process {os.getpid()} on {platform.node()}"
        connection.execute(
            sa.text("SELECT set_config('application_name', :name, false)"), {"name": name}
        )
        ours = connection.scalar(sa.text("SELECT pg_try_advisory_lock(:kind, :project)"), key)
        yield None if ours else _described(connection.execute(_HOLDER, key).one_or_none())


def _described(holder: sa.Row[Any] | None) -> str:
    if holder is None:  # it ended since we asked
        return "another command"
    # of another role's command one may see no more than that it is there
    since = f" since {holder.backend_start.astimezone():%H:%M}" if holder.backend_start else ""
    return f"{holder.application_name}{since}"
