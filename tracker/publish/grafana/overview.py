"""What is open, how the last nights went, what is covered, how often the tracker is wrong."""

from __future__ import annotations

from grafana_foundation_sdk.models import dashboard as model

from tracker.publish.grafana import links, parts
from tracker.publish.grafana.parts import chosen
from tracker.publish.grafana.variables import BRANCH, IN_PROJECT, LAST, ON_BRANCH, PROJECT, RECENT

_OPEN = (
    f"{IN_PROJECT} AND triage IN ('open', 'acknowledged', 'investigating')"
    " AND confirmation <> 'refuted'"
)

_COVERAGE = f"""
    SELECT sum(y.measured)::float / nullif(sum(y.cells), 0) AS share
    FROM build_tally y JOIN project p ON p.id = y.project_id
    WHERE {chosen("p.name", "project")} AND y.build_id IN (
        SELECT build_id FROM commit_build WHERE commit_id = (
            SELECT commit_id FROM line_commit WHERE {ON_BRANCH} ORDER BY position DESC LIMIT 1
        )
    )
"""

_COMMITS = f"""
    WITH {RECENT}, tallies AS (
        SELECT b.commit_id, sum(y.measured) AS measured, sum(y.cells - y.measured) AS without,
               sum(y.failed) AS failed
        FROM built b JOIN build_tally y ON y.build_id = b.build_id
        JOIN project p ON p.id = y.project_id AND {chosen("p.name", "project")}
        GROUP BY b.commit_id
    )
    SELECT c.position, c.short, c.sha, c.subject, c.author, c.committed_at,
           coalesce(t.measured, 0) AS measured, coalesce(t.without, 0) AS without,
           coalesce(t.failed, 0) AS failed, c.link
    FROM recent c LEFT JOIN tallies t ON t.commit_id = c.commit_id
    ORDER BY c.position DESC
"""


def overview() -> model.Dashboard:
    return parts.dashboard(
        "overview",
        "Overview",
        [PROJECT, BRANCH, LAST],
        [
            parts.stat(
                "Open regressions",
                "SELECT count(DISTINCT finding) AS findings FROM finding_detail"
                f" WHERE {_OPEN} AND kind IN ('regression', 'quality-drift')",
                good=False,
            ),
            parts.stat(
                "Since the last run began",
                f"""
                SELECT extract(epoch FROM now() - max(r.started_at)) AS seconds
                FROM run r JOIN project p ON p.id = r.project_id
                WHERE {chosen("p.name", "project")}
                """,
                unit="s",
            ),
            parts.stat(
                "Cells measured at the newest commit", _COVERAGE, unit="percentunit", good=True
            ),
            parts.stat(
                "False alarms per 1,000 decisions, measured",
                f"""
                SELECT 1000.0 * sum(c.alarms) / nullif(sum(c.decisions), 0) AS alarms
                FROM calibration c JOIN project p ON p.id = c.project_id
                WHERE {chosen("p.name", "project")}
                """,
            ),
            parts.table(
                "Open findings",
                f"""
                SELECT finding, kind, confirmation, triage, short, sha, subject, author,
                       committed_at, title, metric, effect, low, high, q, reason
                FROM finding_detail WHERE {_OPEN} AND coalesce(rank, 0) = 0
                ORDER BY (kind IN ('regression', 'quality-drift')) DESC, committed_at DESC LIMIT 500
                """,
                ratios=("effect", "low", "high"),
                links=(links.COMMIT, links.SERIES),
            ),
            parts.table("Commits and what they have", _COMMITS, links=(links.COMMIT, links.PAGE)),
        ],
    )
