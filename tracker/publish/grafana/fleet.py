"""What measures: machines, runs, what waits and what is measured now, failures."""

from __future__ import annotations

from grafana_foundation_sdk.models import dashboard as model

from tracker.publish.grafana import parts
from tracker.publish.grafana.annotations import CHANGES
from tracker.publish.grafana.parts import FAILURES, chosen
from tracker.publish.grafana.variables import PROJECT

_PROJECT = chosen("project", "project")

#: commits after the newest measured one of the project's branch
_WAITING = f"""
    WITH line AS NOT MATERIALIZED (
        SELECT l.position, c.id AS commit_id
        FROM project p
        JOIN line_position l ON l.project_id = p.id AND l.branch = p.branch
        JOIN commit c ON c.project_id = p.id AND c.sha = l.sha
        WHERE {chosen("p.name", "project")}
    )
    SELECT count(*) AS commits FROM line WHERE position > coalesce((
        SELECT position FROM line l WHERE EXISTS (
            SELECT FROM commit_build b JOIN build_tally y ON y.build_id = b.build_id
            WHERE b.commit_id = l.commit_id AND y.measured > 0
        ) ORDER BY position DESC LIMIT 1
    ), -1)
"""

_CLAIMED = f"""
    SELECT k.name AS machine_name, array_to_string(r.command[2:], ' ') AS command, r.started_at,
           count(*) AS units, count(*) FILTER (WHERE l.expires_at <= now()) AS lapsed,
           max(l.expires_at) AS claimed_until
    FROM lease l
    JOIN project p ON p.id = l.project_id
    JOIN run r ON r.id = l.run_id
    JOIN machine k ON k.id = r.machine_id
    WHERE {chosen("p.name", "project")}
    GROUP BY r.id, k.name ORDER BY r.started_at
"""


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
                width=8,
            ),
            parts.stat(
                "Commits newer than the newest measured one",
                _WAITING,
                width=8,
                told="Of the branch of the project.",
            ),
            parts.stat(
                "Processes that failed, of the last run",
                f"""
                SELECT failed::float / nullif(processes, 0) AS share FROM run_summary
                WHERE {_PROJECT} ORDER BY started_at DESC LIMIT 1
                """,
                width=8,
                unit="percentunit",
                colours=FAILURES,
            ),
            parts.table(
                "Queue: what is claimed",
                _CLAIMED,
                height=6,
                told="Units are processes to be measured. Lapsed are those of a run that has died;"
                " others take them over.",
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
                seconds=("seconds",),
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
        [CHANGES],
        since="now-30d",
    )
