"""The tables of the model."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

#: views first, then what refers before what is referred to
DROPPED = """
    DROP VIEW failure, series_point;
    DROP TABLE finding_event, finding_effect, finding, lease, reading, measurement, series, run,
        machine_event, machine, commit_build, build, environment, environment_class, cell,
        benchmark, suite, line_position, commit, project;
"""


def upgrade() -> None:
    connection = op.get_bind().connection.driver_connection
    assert connection is not None  # noqa: S101  Alembic works on a live connection
    connection.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    op.execute(DROPPED)
