"""Any series along the commits, each process a dot."""

from __future__ import annotations

from grafana_foundation_sdk.models import dashboard as model

from tracker.publish.grafana import links, parts
from tracker.publish.grafana.annotations import COMMITS, findings
from tracker.publish.grafana.spans import Span
from tracker.publish.grafana.variables import (
    BANDS,
    BENCHMARK,
    BRANCH,
    DETAILS,
    DRAWN,
    ENVIRONMENT,
    LAST,
    LINES,
    MACHINE,
    NAMED,
    NEWEST,
    ONE_METRIC,
    PARAMETERS,
    POINTS,
    PROJECT,
    RECENT,
    UNITS,
    newest,
)

#: rows of the table: who wants more of them chooses fewer series
_ROWS = 2000

_DRAWN = f"WITH {RECENT}, {NAMED}, {DRAWN}, {POINTS}"

# Grafana wants one value a line and moment: processes stand a millisecond apart
_PROCESSES = f"""
    {_DRAWN}, {newest(DETAILS)}
    SELECT c.at + interval '1 millisecond' * o.n AS time, c.line || ', a process' AS metric,
           o.value
    FROM detailed c
    CROSS JOIN LATERAL unnest(c.values) WITH ORDINALITY AS o (value, n)
    ORDER BY 1
"""

_BANDS = f"{_DRAWN}, {newest(DETAILS)} {BANDS}"

_SPAN = Span(uid="series", rows=NEWEST, source="recent", first="min(at)", last="max(at)")

_TABLE = f"""
    {_DRAWN}, {newest(_ROWS)}
    SELECT position, short, sha, subject, author, line, median, low, high, processes,
           median / nullif(lag(median) OVER (PARTITION BY series_id ORDER BY position), 0) - 1
               AS change,
           link
    FROM detailed ORDER BY position DESC, line
"""


def series() -> model.Dashboard:
    chart = parts.chart(
        "Along the commits",
        f"{_DRAWN} SELECT at AS time, line AS metric, median AS value FROM points ORDER BY 1",
        _PROCESSES,
        _BANDS,
        height=16,
        told=f"At most {LINES} series; dots and 95 % intervals of the newest {DETAILS} points.",
    )
    return parts.dashboard(
        "series",
        "Series",
        [
            *(PROJECT, BRANCH, BENCHMARK, PARAMETERS, ONE_METRIC, MACHINE, ENVIRONMENT, LAST),
            *_SPAN.variables(),
        ],
        [
            parts.stat(
                "Series chosen", f"WITH {NAMED} SELECT count(*) AS series FROM named", width=24
            ),
            parts.bands(parts.dots(chart, "B"), "C", LINES, UNITS),
            parts.table(
                "Values by commit",
                _TABLE,
                height=12,
                told=f"At most {LINES} series and {_ROWS} rows.",
                ratios=("change",),
                links=(links.COMMIT, links.PAGE),
                hidden=("sha",),
            ),
        ],
        [*findings(NAMED), COMMITS],
        links=[_SPAN.link()],
    )
