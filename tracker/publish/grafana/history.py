"""Dashboards about the history: what is open, a series, a commit, two commits."""

from __future__ import annotations

from grafana_foundation_sdk.models import dashboard as model

from tracker.publish.grafana import parts
from tracker.publish.grafana.parts import chosen, escaped
from tracker.publish.grafana.variables import (
    BRANCH,
    LAST,
    PROJECT,
    RECENT,
    SERIES,
    WATCHED,
    commit,
)

_PROJECT = chosen("project", "project")
_OPEN = (
    f"{_PROJECT} AND triage IN ('open', 'acknowledged', 'investigating')"
    " AND confirmation <> 'refuted'"
)
_TO_SERIES = "/d/commit-tracker-series?${__url_time_range}&var-project=${project:percentencode}"
_TO_COMMIT = (
    "/d/commit-tracker-commit?var-project=${project:percentencode}"
    "&var-branch=${branch:percentencode}&var-commit=${__data.fields.sha}"
)
_COMMIT_LINKS = (("short", "The commit", _TO_COMMIT), ("link", "Its page", "${__value.raw}"))

_POINTS = f"""
WITH {RECENT}, {WATCHED}, points AS (
    SELECT c.at, c.position, c.short, c.sha, c.subject, c.author, c.link,
           s.line, s.series_id,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY v.value) AS median,
           min(v.value) AS lowest, max(v.value) AS highest, count(*) AS processes
    FROM watched s
    JOIN process_value v ON v.series_id = s.series_id
    JOIN recent c ON c.commit_id = v.commit_id
    GROUP BY c.at, c.position, c.short, c.sha, c.subject, c.author, c.link,
             s.line, s.series_id
)
"""

_FINDING_MARKS = f"""
WITH {RECENT}
SELECT c.at AS time,
       f.kind || ' ' || c.short || ' ' || {escaped("c.subject || ': ' || coalesce(f.title, '')")}
       || coalesce(to_char(100 * f.effect, ' FMSG990.0') || ' %', '') AS text,
       f.kind || ',' || f.confirmation || ',' || f.triage AS tags
FROM recent c JOIN finding_detail f ON f.commit_id = c.commit_id AND coalesce(f.rank, 0) = 0
WHERE f.confirmation <> 'refuted' AND f.triage <> 'false-alarm'
ORDER BY 1
"""

_FINDINGS = parts.marks("Findings", _FINDING_MARKS, "red")

_COMMITS = parts.marks(
    "Commits",
    f"""
    WITH {RECENT}
    SELECT at AS time,
           CASE WHEN link = '' THEN short ELSE '<a href="' || link || '">' || short || '</a>' END
           || ' ' || {escaped("subject || ', ' || author")} AS text,
           'commit' AS tags
    FROM recent ORDER BY 1
    """,
    "gray",
)


def overview() -> model.Dashboard:
    """What is open, how the last nights went, what is covered, how often the tracker is wrong."""
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
                "Cells measured at the newest commit",
                f"""
                SELECT count(*) FILTER (WHERE measured > 0)::float / nullif(count(*), 0) AS share
                FROM coverage WHERE commit_id = (
                    SELECT commit_id FROM line_commit
                    WHERE {_PROJECT} AND {chosen("branch", "branch")}
                    ORDER BY position DESC LIMIT 1
                )
                """,
                unit="percentunit",
                good=True,
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
                links=(("short", "The commit", _TO_COMMIT), ("title", "Its series", _TO_SERIES)),
            ),
            parts.table(
                "Commits and what they have",
                f"""
                WITH {RECENT}
                SELECT c.position, c.short, c.sha, c.subject, c.author, c.committed_at,
                       v.measured, v.without, v.failed, c.link
                FROM recent c CROSS JOIN LATERAL (
                    SELECT count(*) FILTER (WHERE measured > 0) AS measured,
                           count(*) FILTER (WHERE measured = 0) AS without,
                           coalesce(sum(failed), 0)::bigint AS failed
                    FROM coverage WHERE commit_id = c.commit_id
                ) v
                ORDER BY c.position DESC
                """,
                links=_COMMIT_LINKS,
            ),
        ],
    )


def series() -> model.Dashboard:
    """Any series along the commits, each process a dot."""
    chart = parts.chart(
        "Along the commits",
        f"{_POINTS} SELECT at AS time, line AS metric, median AS value FROM points ORDER BY 1",
        # Grafana wants one value a line and moment: processes stand a millisecond apart
        f"""
        WITH {RECENT}, {WATCHED}
        SELECT c.at + interval '1 millisecond' * row_number() OVER (
                   PARTITION BY s.series_id, c.commit_id ORDER BY v.measurement_id
               ) AS time,
               s.line || ', a process' AS metric, v.value
        FROM watched s
        JOIN process_value v ON v.series_id = s.series_id
        JOIN recent c ON c.commit_id = v.commit_id
        ORDER BY 1
        """,
        f"""
        {_POINTS}
        SELECT at AS time, line || ', ' || bound AS metric, value
        FROM points CROSS JOIN LATERAL (VALUES ('lowest', lowest), ('highest', highest))
             AS b (bound, value)
        ORDER BY 1
        """,
        height=16,
    )
    return parts.dashboard(
        "series",
        "Series",
        [PROJECT, BRANCH, *SERIES, LAST],
        [
            parts.dashed(parts.dots(chart, "B"), "C"),
            parts.table(
                "Values by commit",
                f"""
                {_POINTS}
                SELECT position, short, sha, subject, author, line, median, lowest, highest,
                       processes, median / nullif(lag(median) OVER (
                           PARTITION BY series_id ORDER BY position
                       ), 0) - 1 AS change, link
                FROM points ORDER BY position DESC, line
                """,
                height=12,
                ratios=("change",),
                links=_COMMIT_LINKS,
            ),
        ],
        [_FINDINGS, _COMMITS],
    )


def _against(base: str, head: str) -> str:
    """The medians of two commits, given as statements for their ``commit_id``, side by side."""
    return f"""
    WITH {WATCHED}, base AS ({base}), head AS ({head}), medians AS (
        SELECT v.series_id, v.commit_id, count(*) AS processes,
               percentile_cont(0.5) WITHIN GROUP (ORDER BY v.value) AS median
        FROM process_value v
        WHERE v.commit_id IN (SELECT commit_id FROM base UNION SELECT commit_id FROM head)
        GROUP BY v.series_id, v.commit_id
    )
    SELECT s.line, s.direction, b.median AS before, h.median AS after,
           h.median / nullif(b.median, 0) - 1 AS change,
           b.processes AS processes_before, h.processes AS processes_after
    FROM watched s
    LEFT JOIN medians b ON b.series_id = s.series_id
         AND b.commit_id = (SELECT commit_id FROM base)
    LEFT JOIN medians h ON h.series_id = s.series_id
         AND h.commit_id = (SELECT commit_id FROM head)
    WHERE b.series_id IS NOT NULL OR h.series_id IS NOT NULL
    ORDER BY abs(ln(nullif(greatest(h.median / nullif(b.median, 0), 0), 0))) DESC NULLS LAST,
             s.line
    """


def _named(variable: str) -> str:
    return f"""SELECT c.id AS commit_id FROM commit c JOIN project p ON p.id = c.project_id
        WHERE {chosen("p.name", "project")} AND {chosen("c.sha", variable)} LIMIT 1"""


_PARENT = f"""SELECT before.commit_id FROM line_commit before JOIN line_commit own
          ON own.project = before.project AND own.branch = before.branch
             AND own.position > before.position
        CROSS JOIN LATERAL (
            SELECT FROM process_value v WHERE v.commit_id = before.commit_id LIMIT 1
        ) measured
        WHERE {chosen("own.project", "project")} AND {chosen("own.branch", "branch")}
              AND {chosen("own.sha", "commit")}
        ORDER BY before.position DESC LIMIT 1"""


def one_commit() -> model.Dashboard:
    """One commit against the measured one before it, over the whole matrix."""
    return parts.dashboard(
        "commit",
        "Commit",
        [PROJECT, BRANCH, commit("commit", "Commit"), *SERIES],
        [
            parts.table(
                "The commit",
                f"""
                SELECT position, sha, subject, author, committed_at, link FROM line_commit
                WHERE {_PROJECT} AND {chosen("branch", "branch")} AND {chosen("sha", "commit")}
                """,
                height=4,
                links=(("link", "Its page", "${__value.raw}"),),
            ),
            parts.table(
                "Against the measured commit before it",
                _against(_PARENT, _named("commit")),
                height=14,
                ratios=("change",),
            ),
            parts.table(
                "Findings",
                f"""
                SELECT finding, kind, confirmation, triage, title, metric, unit, effect, low, high,
                       mde, q, before, after, reason
                FROM finding_detail WHERE {_PROJECT} AND {chosen("sha", "commit")}
                ORDER BY finding, rank
                """,
                ratios=("effect", "low", "high", "mde"),
            ),
            parts.table(
                "Failures",
                f"""
                SELECT at, state, reason, benchmark, parameter_text(parameters) AS parameters,
                       recipe, python, round
                FROM failure WHERE {_PROJECT} AND {chosen("sha", "commit")}
                ORDER BY at DESC LIMIT 500
                """,
            ),
        ],
    )


def compare() -> model.Dashboard:
    """Two commits over the whole matrix."""
    return parts.dashboard(
        "compare",
        "Compare",
        [PROJECT, BRANCH, commit("base", "Base"), commit("head", "Head"), *SERIES],
        [
            parts.table(
                "Head against base",
                _against(_named("base"), _named("head")),
                height=18,
                ratios=("change",),
            )
        ],
    )
