"""What was seen of processes from outside."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

DROPPED = """
    DROP TABLE telemetry;
    ALTER TABLE measurement DROP exceeded, DROP watched_by, DROP peak_bytes,
        DROP peak_device_bytes, DROP sampler_seconds;
"""


def upgrade() -> None:
    connection = op.get_bind().connection.driver_connection
    assert connection is not None  # noqa: S101  Alembic works on a live connection
    connection.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    op.execute(DROPPED)
