"""Who works on what now, so that two commands do not measure the same thing."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

# One statement: what is measured, or leased by a run that is alive, is not granted.
# The order of the units keeps two commands from waiting for each other.
_CLAIM = sa.text("""
    INSERT INTO lease AS held (project_id, unit, run_id, fence, expires_at)
    SELECT run.project_id, wanted.unit, run.id, 1, clock_timestamp() + make_interval(secs => :ttl)
    FROM run CROSS JOIN unnest(CAST(:units AS text[])) AS wanted (unit)
    WHERE run.id = CAST(:run AS uuid)
      AND NOT EXISTS (
          SELECT FROM measurement m WHERE m.project_id = run.project_id AND m.unit = wanted.unit
      )
    ORDER BY wanted.unit
    ON CONFLICT (project_id, unit) DO UPDATE
    SET run_id = excluded.run_id,
        expires_at = excluded.expires_at,
        fence = held.fence + CASE WHEN held.run_id = excluded.run_id THEN 0 ELSE 1 END
    WHERE held.run_id = excluded.run_id OR held.expires_at < clock_timestamp()
    RETURNING unit
""")

_RENEW = sa.text("""
    UPDATE lease SET expires_at = clock_timestamp() + make_interval(secs => :ttl)
    WHERE run_id = CAST(:run AS uuid)
""")

_RELEASE = sa.text("DELETE FROM lease WHERE run_id = CAST(:run AS uuid)")


def claim(connection: sa.Connection, run: str, units: Sequence[str], ttl_seconds: float) -> bool:
    wanted = sorted(set(units))
    rows = connection.scalars(_CLAIM, {"run": run, "units": wanted, "ttl": ttl_seconds})
    if len(rows.all()) == len(wanted):
        return True
    # two that each hold a part of what the other wants would wait for each other for ever
    release(connection, run)
    return False


def renew(connection: sa.Connection, run: str, ttl_seconds: float) -> None:
    connection.execute(_RENEW, {"run": run, "ttl": ttl_seconds})


def release(connection: sa.Connection, run: str) -> None:
    connection.execute(_RELEASE, {"run": run})
