"""What dashboards ask: a view for each kind of question."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

DROPPED = """
    DROP INDEX measurement_failed, finding_effect_series;
    DROP VIEW telemetry_point, machine_condition, coverage, run_summary, finding_detail,
              process_value, series_title, line_commit;
    DROP FUNCTION parameter_text;
"""


def upgrade() -> None:
    connection = op.get_bind().connection.driver_connection
    assert connection is not None  # noqa: S101  Alembic works on a live connection
    connection.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    op.execute(DROPPED)
