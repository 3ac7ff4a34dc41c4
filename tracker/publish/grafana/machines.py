"""Dashboards about what measures: sensors during a run, machines, runs, failures."""

from __future__ import annotations

from grafana_foundation_sdk.models import dashboard as model

from tracker.publish.grafana import parts
from tracker.publish.grafana.parts import chosen, escaped
from tracker.publish.grafana.variables import CHANNEL, CHOSEN_RUN, PROJECT, RUN

_PROJECT = chosen("project", "project")

#: processes of a run whose sensors are shown one by one, the newest
_PROCESSES = 50
_LISTED = 200


def _newest(most: int, condition: str) -> str:
    """The newest processes of the chosen run that meet a condition: for a WITH."""
    one_batch = f"""
        SELECT m.* FROM measurement m WHERE m.batch_id = h.id AND {condition}
        ORDER BY m.started_at DESC LIMIT {most}
    """
    return f"""{CHOSEN_RUN}, newest AS (
        SELECT m.* FROM batch h CROSS JOIN LATERAL ({one_batch}) m
        WHERE h.run_id IN (SELECT run_id FROM chosen_run)
        ORDER BY m.started_at DESC LIMIT {most}
    )"""


_CHANGES = parts.marks(
    "Machine changed",
    f"""
    SELECT changed_at AS time,
           {escaped("machine_name || ' changed: ' || changes::text")} AS text,
           'machine' AS tags
    FROM machine_condition WHERE $__timeFilter(changed_at) ORDER BY 1
    """,
    "purple",
)


def device() -> model.Dashboard:
    """Utilization, memory, power and temperature while a run measured."""
    return parts.dashboard(
        "device",
        "Device",
        [PROJECT, RUN, CHANNEL],
        [
            parts.dots(
                parts.chart(
                    "Sensors during the run",
                    f"""
                    WITH {CHOSEN_RUN}
                    SELECT {parts.EVERY.format("minute")} AS time,
                           channel || ' (' || unit || ')' AS metric,
                           sum(total) / sum(readings) AS value
                    FROM run_sensor
                    WHERE run_id IN (SELECT run_id FROM chosen_run)
                          AND {chosen("channel", "channel")} AND $__timeFilter(minute)
                    GROUP BY 1, 2 ORDER BY 1
                    """,
                    f"""
                    WITH {_newest(_PROCESSES, "$__timeFilter(m.started_at)")}
                    SELECT m.started_at + o.seconds * interval '1 second' AS time,
                           t.channel || ' (' || t.unit || '), read' AS metric, avg(o.value) AS value
                    FROM newest m
                    JOIN telemetry t ON t.measurement_id = m.id AND {chosen("t.channel", "channel")}
                    CROSS JOIN LATERAL unnest(t.offsets, t.values) AS o (seconds, value)
                    GROUP BY 1, 2 ORDER BY 1
                    """,
                    height=16,
                    told=f"As dots what was read of the newest {_PROCESSES} processes.",
                ),
                "B",
            ),
            parts.table(
                "Of each process",
                f"""
                WITH {_newest(_LISTED, "true")}
                SELECT m.started_at, k.name AS machine_name, x.benchmark,
                       parameter_text(x.parameters) AS parameters, m.round, t.channel, t.unit,
                       v.lowest, v.mean, v.highest
                FROM newest m
                JOIN machine k ON k.id = m.machine_id
                JOIN cell x ON x.id = m.cell_id
                JOIN telemetry t ON t.measurement_id = m.id AND {chosen("t.channel", "channel")}
                CROSS JOIN LATERAL (
                    SELECT min(o) AS lowest, avg(o) AS mean, max(o) AS highest
                    FROM unnest(t.values) AS o
                ) v
                ORDER BY m.started_at DESC, t.channel
                """,
                told=f"The newest {_LISTED} processes.",
            ),
        ],
        [_CHANGES],
        since="now-7d",
    )


def fleet() -> model.Dashboard:
    """Machines, runs, what is being measured, and what fails."""
    return parts.dashboard(
        "fleet",
        "Fleet",
        [PROJECT],
        [
            parts.stat(
                "Being measured now",
                f"""
                SELECT count(*) AS units FROM lease l JOIN project p ON p.id = l.project_id
                WHERE {chosen("p.name", "project")} AND l.expires_at > now()
                """,
                width=12,
            ),
            parts.stat(
                "Processes that failed, of the last run",
                f"""
                SELECT failed::float / nullif(processes, 0) AS share FROM run_summary
                WHERE {_PROJECT} ORDER BY started_at DESC LIMIT 1
                """,
                width=12,
                unit="percentunit",
                good=False,
            ),
            parts.table(
                "Machines",
                """
                SELECT machine_name, machine, fingerprint, first_seen_at, last_seen_at, changed_at,
                       changes::text AS changes, facts::text AS facts
                FROM machine_condition ORDER BY last_seen_at DESC LIMIT 500
                """,
            ),
            parts.chart(
                "How long runs took",
                f"""
                SELECT started_at AS time, machine_name AS metric, max(seconds)::float AS value
                FROM run_summary
                WHERE {_PROJECT} AND $__timeFilter(started_at) AND seconds IS NOT NULL
                GROUP BY started_at, machine_name ORDER BY 1
                """,
                unit="s",
                width=12,
            ),
            parts.chart(
                "Failures a day",
                f"""
                SELECT date_trunc('day', at) AS time, state AS metric, count(*)::float AS value
                FROM failure WHERE {_PROJECT} AND $__timeFilter(at) GROUP BY 1, 2 ORDER BY 1
                """,
                width=12,
            ),
            parts.table(
                "Runs",
                f"""
                SELECT started_at, machine_name, state, command, processes, failed, seconds,
                       tool_version, note
                FROM run_summary WHERE {_PROJECT} AND $__timeFilter(started_at)
                ORDER BY started_at DESC LIMIT 200
                """,
            ),
            parts.table(
                "Failures",
                f"""
                SELECT at, left(sha, 8) AS short, subject, state, benchmark,
                       parameter_text(parameters) AS parameters, python, reason
                FROM failure WHERE {_PROJECT} AND $__timeFilter(at) ORDER BY at DESC LIMIT 500
                """,
            ),
        ],
        [_CHANGES],
        since="now-30d",
    )
