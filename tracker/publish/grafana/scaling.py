"""Throughput, latency and memory against a parameter, such as the size of a batch."""

from __future__ import annotations

from grafana_foundation_sdk.models import dashboard as model

from tracker.publish.grafana import parts, plots
from tracker.publish.grafana.parts import chosen, one_of, some_of
from tracker.publish.grafana.variables import (
    BRANCH,
    ENVIRONMENT,
    IN_PROJECT,
    LINES,
    MACHINE,
    ON_BRANCH,
    PROJECT,
    commits,
)

_SWEPT = f"{IN_PROJECT} AND number IS NOT NULL"

_BENCHMARK = some_of(
    "benchmark",
    "Benchmark",
    f"SELECT DISTINCT benchmark FROM series_parameter WHERE {_SWEPT} ORDER BY benchmark",
)

#: sizes of batches first
_PARAMETER = one_of(
    "parameter",
    "Parameter",
    f"""
    SELECT parameter FROM series_parameter WHERE {_SWEPT} AND {chosen("benchmark", "benchmark")}
    GROUP BY parameter ORDER BY (parameter ILIKE '%batch%') DESC, parameter
    """,
)

_CURVES = f"""
WITH offered AS (
    SELECT r.series_id, r.number, s.unit,
           concat_ws(' ', r.title, s.metric, s.machine, s.environment, s.profile) AS line
    FROM series_parameter r JOIN series_title s ON s.series_id = r.series_id
    WHERE {chosen("r.project", "project")} AND r.number IS NOT NULL
    AND {chosen("r.benchmark", "benchmark")} AND {chosen("r.parameter", "parameter")}
    AND {chosen("s.machine", "machine")} AND {chosen("s.environment", "environment")}
    AND s.kind = 'performance'
), swept AS MATERIALIZED (
    SELECT * FROM (
        SELECT *, dense_rank() OVER (PARTITION BY unit ORDER BY line) AS place FROM offered
    ) o WHERE place <= {LINES}
), kept AS MATERIALIZED (
    SELECT DISTINCT c.short, c.position, b.build_id
    FROM line_commit c
    JOIN commit_build b ON b.commit_id = c.commit_id AND b.build_id IS NOT NULL
    WHERE {ON_BRANCH} AND {chosen("sha", "commits")}
), curve AS (
    SELECT k.short || ' ' || s.line AS line, k.position, s.unit, s.number,
           p.median, p.low, p.high,
           first_value(p.median) OVER (
               PARTITION BY k.position, s.line, s.unit ORDER BY s.number
           ) AS of_first
    FROM swept s CROSS JOIN kept k
    JOIN build_point p ON p.series_id = s.series_id AND p.build_id = k.build_id
)
"""


def _curve(value: str, name: str, unit: str) -> str:
    return f"""
    {_CURVES}
    SELECT number AS x, {value} AS {name}, line
    FROM curve WHERE unit = '{unit}' ORDER BY position DESC, line, number
    """


_TOLD = f"At most {LINES} curves a commit."


def scaling() -> model.Dashboard:
    return parts.dashboard(
        "scaling",
        "Scaling",
        [
            PROJECT,
            BRANCH,
            one_of("commits", "Commits", commits("branch")).multi(True),
            _BENCHMARK,
            _PARAMETER,
            MACHINE,
            ENVIRONMENT,
        ],
        [
            plots.curves(
                "Throughput",
                _curve("number / nullif(median, 0)", "throughput", "s"),
                width=24,
                told=f"The parameter divided by the time: of a batch, items a second. {_TOLD}",
            ),
            plots.curves("Time", _curve("median", "seconds", "s"), width=12, unit="s"),
            plots.curves("Memory", _curve("median", "bytes", "bytes"), width=12, unit="bytes"),
            parts.table(
                "Efficiency",
                f"""
                {_CURVES}
                SELECT line, number AS parameter, median AS seconds, low, high,
                       number / nullif(median, 0) AS throughput,
                       of_first / nullif(median, 0) AS efficiency
                FROM curve WHERE unit = 's' ORDER BY position DESC, line, number
                """,
                ratios=("efficiency",),
                told="The throughput beside that of the smallest, times as much as the parameter.",
            ),
        ],
    )
