"""The badge of a subset in the names of series."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

#: views that were replaced, and where they are as they were
_BEFORE = {"finding_detail": "0006_reading.sql", "series_parameter": "0009_summaries.sql"}


def upgrade() -> None:
    connection = op.get_bind().connection.driver_connection
    assert connection is not None  # noqa: S101  Alembic works on a live connection
    connection.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))


def downgrade() -> None:
    for view, file in _BEFORE.items():
        earlier = Path(__file__).with_name(file).read_text("utf-8")
        begin = earlier.index(f"CREATE VIEW {view} ")
        statement = earlier[begin : earlier.index(";", begin)]
        op.execute(statement.replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1))
    op.execute("DROP FUNCTION badged")
