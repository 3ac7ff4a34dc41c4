"""One commit against the measured one before it, and two commits, over the whole matrix."""

from __future__ import annotations

from grafana_foundation_sdk.models import dashboard as model

from tracker.publish.grafana import links, parts
from tracker.publish.grafana.parts import chosen, one_of
from tracker.publish.grafana.variables import (
    BRANCH,
    IN_PROJECT,
    NAMED,
    ON_BRANCH,
    PROJECT,
    SERIES,
    WATCHED,
    branch,
    commit,
    commits,
)


def _named(variable: str) -> str:
    return f"""SELECT c.id AS commit_id FROM commit c JOIN project p ON p.id = c.project_id
        WHERE {chosen("p.name", "project")} AND {chosen("c.sha", variable)} LIMIT 1"""


_PARENT = f"""SELECT before.commit_id FROM line_commit before JOIN line_commit own
          ON own.project = before.project AND own.branch = before.branch
             AND own.position > before.position
        WHERE {chosen("own.project", "project")} AND {chosen("own.branch", "branch")}
              AND {chosen("own.sha", "commit")}
              AND {chosen("before.project", "project")} AND {chosen("before.branch", "branch")}
              AND before.commit_id IN (
                  SELECT b.commit_id FROM commit_build b
                  JOIN build_tally y ON y.build_id = b.build_id AND y.measured > 0
              )
        ORDER BY before.position DESC LIMIT 1"""


def _points(side: str) -> str:
    """The values of a commit, given as the CTE of that name."""
    return f"""{side}_point AS (
        SELECT series_id, median, processes FROM build_point WHERE build_id IN (
            SELECT build_id FROM commit_build WHERE commit_id = (SELECT commit_id FROM {side})
        )
    )"""


def _against(base: str, head: str) -> str:
    """The values of two commits, given as statements for their ``commit_id``, side by side."""
    return f"""
    WITH {NAMED}, {WATCHED}, base AS ({base}), {_points("base")}, head AS ({head}),
         {_points("head")}
    SELECT s.line, s.direction, b.median AS before, h.median AS after,
           h.median / nullif(b.median, 0) - 1 AS change,
           b.processes AS processes_before, h.processes AS processes_after
    FROM watched s
    LEFT JOIN base_point b ON b.series_id = s.series_id
    LEFT JOIN head_point h ON h.series_id = s.series_id
    WHERE b.series_id IS NOT NULL OR h.series_id IS NOT NULL
    ORDER BY abs(ln(nullif(greatest(h.median / nullif(b.median, 0), 0), 0))) DESC NULLS LAST,
             s.line
    """


def _sides(title: str, head: str, base: str, before: str) -> parts.Panel:
    """Two commits, given as conditions of ``line_commit``, and what the second of them is."""
    return parts.table(
        title,
        f"""
        SELECT side, short, sha, branch, position, subject, author, committed_at, link
        FROM (
            SELECT 'head' AS side, * FROM line_commit WHERE {head}
            UNION ALL
            SELECT '{before}', * FROM line_commit WHERE {base}
        ) c
        """,
        height=5,
        links=(links.COMMIT, links.PAGE),
    )


def one_commit() -> model.Dashboard:
    """One commit against the measured one before it."""
    return parts.dashboard(
        "commit",
        "Commit",
        [PROJECT, BRANCH, commit("commit", "Commit"), *SERIES],
        [
            _sides(
                "The commit, and the measured one before it",
                f"{ON_BRANCH} AND {chosen('sha', 'commit')}",
                f"{ON_BRANCH} AND commit_id = ({_PARENT})",
                "before",
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
                FROM finding_detail WHERE {IN_PROJECT} AND {chosen("sha", "commit")}
                ORDER BY finding, rank
                """,
                ratios=("effect", "low", "high", "mde"),
            ),
            parts.table(
                "Failures",
                f"""
                SELECT at, state, reason, benchmark, parameter_text(parameters) AS parameters,
                       recipe, python, round
                FROM failure WHERE {IN_PROJECT} AND {chosen("sha", "commit")}
                ORDER BY at DESC LIMIT 500
                """,
            ),
        ],
    )


_BASE_BRANCH = branch("base_branch", "Base branch")

#: another than the head at first
_BASE = one_of("base", "Base", commits("base_branch", besides="head"))


def compare() -> model.Dashboard:
    """Two commits, or the newest of two branches."""
    return parts.dashboard(
        "compare",
        "Compare",
        [PROJECT, BRANCH, commit("head", "Head"), _BASE_BRANCH, _BASE, *SERIES],
        [
            _sides(
                "The commits",
                f"{ON_BRANCH} AND {chosen('sha', 'head')}",
                f"{IN_PROJECT} AND {chosen('branch', 'base_branch')} AND {chosen('sha', 'base')}",
                "base",
            ),
            parts.table(
                "Head against base",
                _against(_named("base"), _named("head")),
                height=18,
                ratios=("change",),
            ),
        ],
    )
