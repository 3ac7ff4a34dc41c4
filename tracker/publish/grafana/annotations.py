"""What stands above charts along commits: findings, and the commits themselves."""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard as build

from tracker.publish.grafana import parts
from tracker.publish.grafana.parts import escaped
from tracker.publish.grafana.variables import RECENT


def findings(named: str) -> tuple[build.AnnotationQuery, build.AnnotationQuery]:
    """The findings about series that the chart is of, each once, and by the worst of them.

    Args:
        named: the series, as ``variables.named`` gives them.
    """
    return (
        parts.marks("Findings", _findings(named, "<> 'improvement'"), "red"),
        parts.marks("Improvements", _findings(named, "= 'improvement'"), "green"),
    )


def _findings(named: str, kinds: str) -> str:
    return f"""
    WITH {RECENT}, {named}, about AS (
        SELECT DISTINCT ON (f.finding) f.*, c.at,
               count(*) OVER (PARTITION BY f.finding) AS series_shown
        FROM recent c JOIN finding_detail f ON f.commit_id = c.commit_id AND f.kind {kinds}
        WHERE f.confirmation <> 'refuted' AND f.triage <> 'false-alarm'
              AND (f.series IS NULL OR f.series IN (SELECT series FROM named))
        ORDER BY f.finding, f.rank
    )
    SELECT at AS time,
           kind || ' ' || short || ' ' || {escaped("subject || coalesce(': ' || title, '')")}
           || coalesce(to_char(100 * effect, ' FMSG999990.0') || ' %', '')
           || CASE WHEN series_shown > 1 THEN ', and ' || series_shown - 1 || ' more'
                   ELSE '' END AS text,
           kind || ',' || confirmation || ',' || triage AS tags
    FROM about ORDER BY 1
    """


COMMITS = parts.marks(
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

CHANGES = parts.marks(
    "Machine changed",
    f"""
    SELECT changed_at AS time,
           {escaped("machine_name || ' changed: ' || changes::text")} AS text,
           'machine' AS tags
    FROM machine_condition WHERE $__timeFilter(changed_at) ORDER BY 1
    """,
    "purple",
)
