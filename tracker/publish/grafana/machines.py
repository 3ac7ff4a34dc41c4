"""Dashboards about what measures: sensors during a run, machines, runs, failures."""

from __future__ import annotations

from grafana_foundation_sdk.models import dashboard as model

from tracker.publish.grafana import parts
from tracker.publish.grafana.parts import chosen, escaped
from tracker.publish.grafana.variables import CHANNEL, PROJECT, RUN

_PROJECT = chosen("project", "project")
_SEEN = f"{_PROJECT} AND {chosen('run_id::text', 'run')} AND {chosen('channel', 'channel')}"

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
            parts.chart(
                "Sensors during the run",
                f"""
                SELECT at AS time, channel || ' (' || unit || ')' AS metric, avg(value) AS value
                FROM telemetry_point WHERE {_SEEN} AND $__timeFilter(at)
                GROUP BY at, channel, unit ORDER BY 1
                """,
                height=16,
            ),
            parts.table(
                "Of each process",
                f"""
                SELECT started_at, machine_name, benchmark, parameters, round, channel, unit,
                       min(value) AS lowest, avg(value) AS mean, max(value) AS highest
                FROM telemetry_point WHERE {_SEEN}
                GROUP BY measurement_id, started_at, machine_name, benchmark, parameters, round,
                         channel, unit
                ORDER BY started_at DESC, channel LIMIT 2000
                """,
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
