"""What processes were measured for."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: only histories were known before
DROPPED = """
    DELETE FROM measurement m USING batch b WHERE b.id = m.batch_id AND b.purpose <> 'history';
    ALTER TABLE measurement ADD run_id uuid REFERENCES run;
    UPDATE measurement m SET run_id = b.run_id FROM batch b WHERE b.id = m.batch_id;
    DROP VIEW series_point;
    ALTER TABLE measurement ALTER run_id SET NOT NULL, ALTER commit_id SET NOT NULL, DROP batch_id;
    CREATE INDEX measurement_run ON measurement (run_id);
    DROP TABLE batch;
"""


def upgrade() -> None:
    connection = op.get_bind().connection.driver_connection
    assert connection is not None  # noqa: S101  Alembic works on a live connection
    connection.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    op.execute(DROPPED)
    first = Path(__file__).with_name("0001_model.sql").read_text("utf-8")
    view = first[first.index("CREATE VIEW series_point") : first.index("CREATE VIEW failure")]
    op.execute(view)
