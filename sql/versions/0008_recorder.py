"""What was measured, as the tables of the metrics recorder of the transformers benchmark."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

DROPPED = """
    DROP VIEW recorder.device_measurements, recorder.model_measurements, recorder.benchmarks;
    DROP SCHEMA recorder;
"""


def upgrade() -> None:
    connection = op.get_bind().connection.driver_connection
    assert connection is not None  # noqa: S101  Alembic works on a live connection
    connection.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    op.execute(DROPPED)
