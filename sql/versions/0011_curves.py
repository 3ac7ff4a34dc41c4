"""Scaling curves that a finding is about."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0011"
down_revision = "0008"
branch_labels = None
depends_on = None

DROPPED = "ALTER TABLE finding DROP curves;"


def upgrade() -> None:
    connection = op.get_bind().connection.driver_connection
    assert connection is not None  # noqa: S101  Alembic works on a live connection
    connection.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    op.execute(DROPPED)
