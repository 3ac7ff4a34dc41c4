"""Logins that can only read."""

from __future__ import annotations

import sqlalchemy as sa

_IS_READER = sa.text("""
    SELECT EXISTS (
        SELECT FROM pg_roles own JOIN pg_roles readers ON readers.rolname = 'tracker_reader'
        WHERE own.rolname = :login AND own.rolcanlogin
              AND pg_has_role(own.oid, readers.oid, 'USAGE')
    )
""")


def is_reader(connection: sa.Connection, login: str) -> bool:
    """Is there a login of that name that may read what the tracker stores?"""
    return bool(connection.scalar(_IS_READER, {"login": login}))
