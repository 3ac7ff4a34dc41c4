"""The tables as queries see them. What they mean is written down in ``sql/versions``."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, DOUBLE_PRECISION, JSONB, TIMESTAMP, UUID

metadata = sa.MetaData()

TIME = TIMESTAMP(timezone=True)
TEXTS = ARRAY(sa.Text)
FLOATS = ARRAY(DOUBLE_PRECISION)


def _table(name: str, *columns: Any) -> sa.Table:
    identity = sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True)
    has_key = any(isinstance(c, sa.Column) and c.primary_key for c in columns)
    return sa.Table(name, metadata, *(() if has_key else (identity,)), *columns)


def _text(*names: str, nullable: bool = False) -> tuple[sa.Column[str], ...]:
    return tuple(sa.Column(name, sa.Text, nullable=nullable) for name in names)


def _to(table: str, name: str = "", **options: Any) -> sa.Column[Any]:
    target = sa.ForeignKey(f"{table}.id", ondelete=options.pop("ondelete", None))
    return sa.Column(name or f"{table}_id", target, **({"nullable": False} | options))


def _required(name: str, kind: Any, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, **options)


project = _table(
    "project",
    *_text("name", "repository", "subdirectory", "branch", "package", "commit_url"),
    _required("created_at", TIME, server_default=sa.func.now()),
)
commit = _table(
    "commit",
    _to("project"),
    *_text("sha", "tree", "author", "subject"),
    _required("parents", TEXTS),
    _required("authored_at", TIME),
    _required("committed_at", TIME),
    _required("tags", TEXTS),
)
line_position = _table(
    "line_position",
    _to("project", primary_key=True),
    sa.Column("branch", sa.Text, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    *_text("sha"),
)
suite = _table(
    "suite",
    _to("project"),
    *_text("hash", "name", "harness", "version"),
    _required("gold", sa.Boolean),
    _required("created_at", TIME, server_default=sa.func.now()),
)
benchmark = _table(
    "benchmark",
    _to("suite", ondelete="CASCADE"),
    *_text("name", "kind", "metric", "unit", "direction", "location"),
    _required("axes", JSONB),
    sa.Column("timeout", DOUBLE_PRECISION),
)
cell = _table(
    "cell",
    *_text("key"),
    *_text("suite_hash", "benchmark", "recipe", "python", "device", "profile", nullable=True),
    sa.Column("parameters", JSONB),
    sa.Column("threads", sa.Integer),
)
environment_class = _table(
    "environment_class",
    *_text("hash", "recipe", "python", "lock"),
    _required("requires", TEXTS),
    _required("created_at", TIME, server_default=sa.func.now()),
)
environment = _table(
    "environment",
    *_text("hash", "python", "platform", "lock"),
    _to("environment_class"),
)
build = _table(
    "build",
    *_text("key", "content"),
    _to("environment"),
    _required("packages", JSONB),
    _required("installed_bytes", sa.BigInteger),
    _required("created_at", TIME, server_default=sa.func.now()),
)
commit_build = _table(
    "commit_build",
    _to("commit"),
    *_text("recipe", "python", "settings"),
    _to("environment_class", nullable=True),
    _to("build", nullable=True),
    *_text("reason", "log", nullable=True),
    _required("seconds", DOUBLE_PRECISION),
    _required("recorded_at", TIME, server_default=sa.func.now()),
)
machine = _table(
    "machine",
    *_text("fingerprint", "name", "machine_class"),
    _required("facts", JSONB),
    _required("first_seen_at", TIME, server_default=sa.func.now()),
    _required("last_seen_at", TIME, server_default=sa.func.now()),
)
machine_event = _table(
    "machine_event",
    _to("machine"),
    _to("machine", "previous_machine_id"),
    _required("changes", JSONB),
    _required("at", TIME, server_default=sa.func.now()),
)
run = _table(
    "run",
    sa.Column("id", UUID(as_uuid=False), primary_key=True),
    _to("project"),
    _to("machine"),
    _required("command", TEXTS),
    *_text("tool_version", "note", "state"),
    _required("tool_dirty", sa.Boolean),
    _required("configuration", JSONB),
    _required("sources", JSONB),
    _required("seed", sa.BigInteger),
    _required("started_at", TIME),
    sa.Column("finished_at", TIME),
    _required("summary", JSONB, server_default=sa.text("'{}'")),
)
series = _table(
    "series",
    *_text("hash", "suite", "suite_hash", "benchmark", "kind", "metric", "unit", "direction"),
    *_text("harness", "backend", "precision", "dataset", "device", "python"),
    *_text("environment_class", "machine_class", "profile"),
    _to("project"),
    _required("parameters", JSONB),
    _required("exact", sa.Boolean),
    _required("threads", sa.Integer),
    _required("shown_parameters", sa.Text, server_default=sa.FetchedValue()),
)
batch = _table(
    "batch",
    _to("run"),
    *_text("purpose", "key", "name"),
)
measurement = _table(
    "measurement",
    _required("project_id", sa.BigInteger),
    _to("batch"),
    _to("machine"),
    _to("commit", nullable=True),
    _to("build"),
    _to("cell"),
    *_text("unit", "state", "reason", "output"),
    _required("round", sa.Integer),
    _required("position", sa.Integer),
    _required("started_at", TIME),
    _required("seconds", DOUBLE_PRECISION),
    sa.Column("exit_code", sa.Integer),
    _required("flags", TEXTS),
    sa.Column("provenance", JSONB),
    *_text("exceeded", "watched_by", nullable=True),
    sa.Column("peak_bytes", sa.BigInteger),
    sa.Column("peak_device_bytes", sa.BigInteger),
    sa.Column("sampler_seconds", DOUBLE_PRECISION),
)
telemetry = _table(
    "telemetry",
    _to("measurement", primary_key=True, ondelete="CASCADE"),
    sa.Column("channel", sa.Text, primary_key=True),
    *_text("unit"),
    _required("offsets", FLOATS),
    _required("values", FLOATS),
)
reading = _table(
    "reading",
    _to("series", primary_key=True),
    _to("measurement", primary_key=True, ondelete="CASCADE"),
    _required("value", DOUBLE_PRECISION),
    _required("loops", sa.Integer),
    _required("samples", FLOATS),
    _required("warmup", FLOATS),
)
answer_sheet = _table(
    "answer_sheet",
    *_text("hash"),
    _required("answers", JSONB),
)
reading_answers = _table(
    "reading_answers",
    sa.Column("series_id", sa.BigInteger, primary_key=True),
    sa.Column("measurement_id", sa.BigInteger, primary_key=True),
    _to("answer_sheet"),
    sa.ForeignKeyConstraint(
        ["series_id", "measurement_id"],
        ["reading.series_id", "reading.measurement_id"],
        ondelete="CASCADE",
    ),
)
build_point = _table(
    "build_point",
    sa.Column("series_id", sa.BigInteger, primary_key=True),
    sa.Column("build_id", sa.BigInteger, primary_key=True),
    _required("values", FLOATS),
    _required("processes", sa.Integer, server_default=sa.FetchedValue()),
    *(
        _required(name, DOUBLE_PRECISION, server_default=sa.FetchedValue())
        for name in ("median", "low", "high")
    ),
)
build_tally = _table(
    "build_tally",
    _to("project", primary_key=True),
    _to("build", primary_key=True),
    *(_required(name, sa.Integer) for name in ("cells", "measured", "failed")),
)
run_build = _table(
    "run_build",
    _to("run", primary_key=True),
    _to("build", primary_key=True),
    *(_required(name, sa.Integer) for name in ("processes", "failed")),
    *(_required(name, TIME) for name in ("first_at", "last_at")),
)
run_sensor = _table(
    "run_sensor",
    _to("run", primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("minute", TIME, primary_key=True),
    *_text("unit"),
    _required("readings", sa.Integer),
    *(
        _required(name, DOUBLE_PRECISION)
        for name in ("total", "lowest", "highest", "rise", "seconds")
    ),
)
lease = _table(
    "lease",
    _to("project", primary_key=True),
    sa.Column("unit", sa.Text, primary_key=True),
    _to("run"),
    _required("fence", sa.BigInteger),
    _required("expires_at", TIME),
)
finding = _table(
    "finding",
    _to("project"),
    _to("commit"),
    *_text("kind", "after", "confirmation", "triage", "takes_back"),
    _required("curves", JSONB),
    _to("run", "first_run_id"),
    _to("run", "last_run_id"),
    _required("created_at", TIME, server_default=sa.func.now()),
    _required("updated_at", TIME, server_default=sa.func.now()),
)
finding_effect = _table(
    "finding_effect",
    _to("finding", primary_key=True, ondelete="CASCADE"),
    sa.Column("rank", sa.Integer, primary_key=True),
    *_text("series", "title", "metric", "unit", "reason"),
    *_text("outcome", nullable=True),
    *(
        sa.Column(name, DOUBLE_PRECISION)
        for name in ("effect", "low", "high", "mde", "p", "before", "after", "q")
    ),
)
finding_event = _table(
    "finding_event",
    _to("finding", ondelete="CASCADE"),
    _required("at", TIME, server_default=sa.func.now()),
    *_text("who", "triage", "confirmation", "note"),
)
destination = _table(
    "destination",
    _to("project"),
    *_text("name"),
    _required("since", TIME, server_default=sa.func.now()),
)
notification = _table(
    "notification",
    _to("destination", primary_key=True, ondelete="CASCADE"),
    _to("finding", primary_key=True, ondelete="CASCADE"),
    _required("at", TIME, server_default=sa.func.now()),
)
calibration = _table(
    "calibration",
    _to("project"),
    _to("run"),
    *_text("machine_class", "suite_hash", "profile"),
    _required("at", TIME),
    _required("decisions", sa.Integer),
    _required("alarms", sa.Integer),
    _required("powers", JSONB),
    _required("seconds_a_commit", DOUBLE_PRECISION),
)
calibration_cell = _table(
    "calibration_cell",
    _to("calibration", primary_key=True, ondelete="CASCADE"),
    sa.Column("cell", sa.Text, primary_key=True),
    sa.Column("metric", sa.Text, primary_key=True),
    *_text("title"),
    *(_required(name, DOUBLE_PRECISION) for name in ("noise", "mde", "rounds", "seconds")),
)
