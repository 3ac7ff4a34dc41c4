"""Whether the answers are right beside how fast they come."""

from __future__ import annotations

from grafana_foundation_sdk.models import dashboard as model

from tracker.publish.grafana import links, parts
from tracker.publish.grafana.annotations import COMMITS, findings
from tracker.publish.grafana.parts import chosen, one_of, some_of
from tracker.publish.grafana.spans import Span
from tracker.publish.grafana.variables import (
    BANDS,
    BRANCH,
    DETAILS,
    DRAWN,
    ENVIRONMENT,
    IN_PROJECT,
    LAST,
    LINES,
    MACHINE,
    NEWEST,
    POINTS,
    PROJECT,
    RECENT,
    UNITS,
    named,
    newest,
)

#: points behind the table, the newest
_COMPARED = 4000

_JUDGED = some_of(
    "benchmark",
    "Quality of",
    f"""
    SELECT DISTINCT benchmark FROM series_title WHERE {IN_PROJECT} AND kind = 'quality'
    ORDER BY benchmark
    """,
)

#: at first that of the same name, where there is one
_TIMED = one_of(
    "beside",
    "Speed of",
    f"""
    SELECT benchmark FROM series_title WHERE {IN_PROJECT} AND kind = 'performance'
    GROUP BY benchmark ORDER BY ({chosen("benchmark", "benchmark")}) DESC, benchmark
    """,
).multi(True)

_QUALITY = f"kind = 'quality' AND {chosen('benchmark', 'benchmark')}"
# quality is that of no machine
_SPEED = (
    f"kind = 'performance' AND {chosen('benchmark', 'beside')}"
    f" AND {chosen('machine', 'machine')} AND {chosen('environment', 'environment')}"
)


def _drawn(condition: str) -> str:
    return f"WITH {RECENT}, {named(condition)}, {DRAWN}, {POINTS}"


def _lines(condition: str) -> tuple[str, str]:
    return (
        f"""
        {_drawn(condition)}
        SELECT at AS time, line AS metric, median AS value FROM points ORDER BY 1
        """,
        f"{_drawn(condition)}, {newest(DETAILS)} {BANDS}",
    )


_SHOWN = named(f"({_QUALITY} OR {_SPEED})")

_BOTH = f"""
    WITH {RECENT}, {_SHOWN}, drawn AS MATERIALIZED (
        SELECT *, name AS line FROM (
            SELECT *, row_number() OVER (PARTITION BY kind ORDER BY name, series) AS place
            FROM named
        ) n WHERE place <= {LINES}
    ), {POINTS}, {newest(_COMPARED)}, steps AS (
        SELECT *, lag(median) OVER (PARTITION BY series_id ORDER BY position) AS before
        FROM detailed
    )
    SELECT position, short, sha, subject, author,
           min((median - before) / nullif(abs(before), 0) * CASE direction
               WHEN 'higher' THEN 1 WHEN 'lower' THEN -1 END
           ) FILTER (WHERE kind = 'quality') AS quality,
           exp(avg(ln(median / before)) FILTER (
               WHERE kind = 'performance' AND unit = 's' AND median > 0 AND before > 0
           )) - 1 AS time,
           link
    FROM steps GROUP BY position, short, sha, subject, author, link ORDER BY position DESC
"""

_TOLD = f"At most {LINES} series."

_SPAN = Span(uid="quality", rows=NEWEST, source="recent", first="min(at)", last="max(at)")


def quality_and_speed() -> model.Dashboard:
    return parts.dashboard(
        "quality",
        "Quality and speed",
        [PROJECT, BRANCH, _JUDGED, _TIMED, MACHINE, ENVIRONMENT, LAST, *_SPAN.variables()],
        [
            parts.bands(parts.chart("Quality", *_lines(_QUALITY), told=_TOLD), "B", LINES, UNITS),
            parts.bands(parts.chart("Speed", *_lines(_SPEED), told=_TOLD), "B", LINES, UNITS),
            parts.table(
                "What commits changed",
                _BOTH,
                height=12,
                told="Quality: of the series that lost the most, below 0 for a loss. Time: the"
                f" geometric mean of series in seconds. {_TOLD}",
                ratios=("quality", "time"),
                links=(links.COMMIT, links.PAGE),
                hidden=("sha",),
            ),
        ],
        [*findings(_SHOWN), COMMITS],
        links=[_SPAN.link()],
    )
