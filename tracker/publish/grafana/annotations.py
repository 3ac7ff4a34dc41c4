"""What stands above charts along commits: findings, and the commits themselves."""

from __future__ import annotations

from tracker.publish.grafana import parts
from tracker.publish.grafana.parts import escaped
from tracker.publish.grafana.variables import RECENT

FINDINGS = parts.marks(
    "Findings",
    f"""
    WITH {RECENT}
    SELECT c.at AS time,
           f.kind || ' ' || c.short || ' '
           || {escaped("c.subject || ': ' || coalesce(f.title, '')")}
           || coalesce(to_char(100 * f.effect, ' FMSG990.0') || ' %', '') AS text,
           f.kind || ',' || f.confirmation || ',' || f.triage AS tags
    FROM recent c JOIN finding_detail f ON f.commit_id = c.commit_id AND coalesce(f.rank, 0) = 0
    WHERE f.confirmation <> 'refuted' AND f.triage <> 'false-alarm'
    ORDER BY 1
    """,
    "red",
)

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
