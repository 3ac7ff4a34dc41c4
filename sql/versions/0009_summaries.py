"""What dashboards draw, added up while it is stored."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

#: views that were replaced, as they were
_BEFORE = ("line_commit", "run_summary", "series_title")

DROPPED = """
    ALTER TABLE series DROP shown_parameters;
    DROP INDEX line_position_named, measurement_failed_commit, measurement_batch;
    CREATE INDEX measurement_batch ON measurement (batch_id);
    DROP VIEW series_parameter, fresh_run_sensor, sensor_reading, fresh_run_build,
              fresh_build_tally, fresh_build_point;
    DROP TABLE run_sensor, run_build, build_tally, build_point;
    DROP FUNCTION median_rank;
"""


def upgrade() -> None:
    connection = op.get_bind().connection.driver_connection
    assert connection is not None  # noqa: S101  Alembic works on a live connection
    connection.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    earlier = Path(__file__).with_name("0006_reading.sql").read_text("utf-8")
    for view in _BEFORE:
        begin = earlier.index(f"CREATE VIEW {view} ")
        statement = earlier[begin : earlier.index(";", begin)]
        op.execute(statement.replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1))
    op.execute(DROPPED)
