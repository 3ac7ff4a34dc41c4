"""What is open, how the last nights went, what is covered, how often the tracker is wrong."""

from __future__ import annotations

from grafana_foundation_sdk.models import dashboard as model

from tracker.publish.grafana import links, parts
from tracker.publish.grafana.parts import chosen
from tracker.publish.grafana.variables import BRANCH, LAST, NEWEST, ON_BRANCH, PROJECT

_OPEN = (
    f"{chosen('f.project', 'project')} AND f.triage IN ('open', 'acknowledged', 'investigating')"
    " AND f.confirmation <> 'refuted'"
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
    WITH {NEWEST}, tallies AS (
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


def _nights(count: int) -> str:
    """The newest nights, and other runs only where nights are too few: for a WITH."""
    return f"""night AS (
        SELECT r.id FROM run r JOIN project p ON p.id = r.project_id
        WHERE {chosen("p.name", "project")}
        ORDER BY (r.command[2] IS NOT DISTINCT FROM 'nightly') DESC, r.started_at DESC LIMIT {count}
    ), nights AS (SELECT * FROM run_summary WHERE run_id IN (SELECT id FROM night))"""


_TOLD = "The newest tracker nightly; where there is none, the newest run."


def _open(title: str, kinds: str) -> parts.Panel:
    """How many findings of some kinds are open."""
    return parts.stat(
        title,
        f"""
        SELECT count(DISTINCT f.finding) AS findings FROM finding_detail f
        WHERE {_OPEN} AND f.kind {kinds}
        """,
        colours=parts.NONE_IS_GOOD,
    )


def overview() -> model.Dashboard:
    return parts.dashboard(
        "overview",
        "Overview",
        [PROJECT, BRANCH, LAST],
        [
            _open("Open regressions", "IN ('regression', 'quality-drift')"),
            _open("Benchmarks that fail or are missing", "IN ('failed', 'missing')"),
            _open(
                "Drifts, and what machines and environments moved",
                "IN ('drift', 'disagreement', 'environment-change', 'machine-change')",
            ),
            parts.stat(
                "False alarms per 1,000 decisions, measured",
                f"""
                WITH newest AS (
                    SELECT DISTINCT ON (c.suite_hash, c.machine_class, c.profile) c.*
                    FROM calibration c JOIN project p ON p.id = c.project_id
                    WHERE {chosen("p.name", "project")}
                    ORDER BY c.suite_hash, c.machine_class, c.profile, c.at DESC
                )
                SELECT 1000.0 * sum(alarms) / nullif(sum(decisions), 0) AS alarms FROM newest
                """,
                told="Commits held against themselves, in the newest tracker calibrate of each"
                " suite, class of machines and profile.",
            ),
            parts.stat(
                "Last night",
                f"WITH {_nights(1)} SELECT state FROM nights",
                words={"finished": "green", "running": "blue", "stopped": "orange"}
                | {"failed": "red"},
                told=_TOLD,
            ),
            parts.stat(
                "Since it began",
                f"""
                WITH {_nights(1)}
                SELECT extract(epoch FROM now() - started_at)::float AS seconds FROM nights
                """,
                unit="s",
                colours=((None, "green"), (30 * 3600, "red")),
                told=_TOLD,
            ),
            parts.stat(
                "Processes that failed in it",
                f"""
                WITH {_nights(1)}
                SELECT failed::float / nullif(processes, 0) AS share FROM nights
                """,
                unit="percentunit",
                colours=parts.FAILURES,
                told=_TOLD,
            ),
            parts.stat(
                "Cells measured at the newest commit",
                _COVERAGE,
                unit="percentunit",
                colours=((None, "red"), (0.5, "orange"), (0.95, "green")),
            ),
            parts.table(
                "Open findings",
                f"""
                SELECT f.finding, f.kind, f.confirmation, f.triage, f.short, f.sha, f.subject,
                       f.author, f.committed_at, f.title, f.metric, f.effect, f.low, f.high, f.q,
                       f.reason, s.benchmark, s.parameters
                FROM finding_detail f LEFT JOIN series_title s ON s.series = f.series
                WHERE {_OPEN} AND coalesce(f.rank, 0) = 0
                ORDER BY (f.kind IN ('regression', 'quality-drift')) DESC, f.committed_at DESC
                LIMIT 500
                """,
                ratios=("effect", "low", "high"),
                links=(links.COMMIT, links.SERIES),
                hidden=("sha", "benchmark", "parameters"),
            ),
            parts.table(
                "Nights",
                f"""
                WITH {_nights(10)}
                SELECT started_at, machine_name, state, seconds, processes, failed, command, note
                FROM nights ORDER BY started_at DESC
                """,
                height=7,
                seconds=("seconds",),
                told="Where there are fewer of them, with other runs.",
            ),
            parts.table(
                "Commits and what they have",
                _COMMITS,
                links=(links.COMMIT, links.PAGE),
                hidden=("sha",),
            ),
        ],
    )
