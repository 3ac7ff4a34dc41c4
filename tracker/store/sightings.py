"""Findings along time, for those that show them beside other things of the same time."""

from __future__ import annotations

import sqlalchemy as sa

from tracker.model.sightings import Sighting
from tracker.store import findings
from tracker.store import tables as t

#: the repository's own branch before others; a commit on no line has its own date
_MOMENTS = sa.text("""
    SELECT DISTINCT ON (c.sha) c.sha, c.subject, coalesce(l.at, c.committed_at) AS at
    FROM commit c LEFT JOIN line_commit l ON l.commit_id = c.id
    WHERE c.project_id = :project
          AND c.id IN (SELECT commit_id FROM finding WHERE project_id = :project)
    ORDER BY c.sha, (l.branch = '(default)') DESC NULLS LAST, l.branch
""")


def sightings(connection: sa.Connection, project: str) -> tuple[Sighting, ...]:
    """The findings of a project in the order they were first found; none where it is unknown."""
    number = connection.scalar(sa.select(t.project.c.id).where(t.project.c.name == project))
    if number is None:
        return ()
    moments = {row.sha: row for row in connection.execute(_MOMENTS, {"project": number})}
    return tuple(
        Sighting(finding=one, subject=moments[one.commit].subject, at=moments[one.commit].at)
        for one in findings.load(connection, number)
    )
