"""What the user chooses, and the commits and series that follow from it."""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.models import dashboard as model

from tracker.publish.grafana.parts import chosen, one_of, some_of

_IN_PROJECT = chosen("project", "project")
_ON_BRANCH = f"{_IN_PROJECT} AND {chosen('branch', 'branch')}"

PROJECT = one_of("project", "Project", "SELECT name FROM project ORDER BY name")
BRANCH = one_of(
    "branch",
    "Branch",
    f"SELECT DISTINCT branch FROM line_commit WHERE {_IN_PROJECT} ORDER BY branch",
)


def _of_series(name: str, label: str, *after: str) -> build.QueryVariable:
    conditions = " AND ".join([_IN_PROJECT, *(chosen(column, column) for column in after)])
    return some_of(
        name, label, f"SELECT DISTINCT {name} FROM series_title WHERE {conditions} ORDER BY {name}"
    )


#: each narrows those after it
SERIES = (
    _of_series("benchmark", "Benchmark"),
    _of_series("parameters", "Parameters", "benchmark"),
    _of_series("metric", "Metric", "benchmark"),
    _of_series("machine", "Machine"),
    _of_series("environment", "Environment"),
)

LAST = (
    build.CustomVariable("last")
    .label("Last commits")
    .values("50,100,200,500,1000")
    .current(model.VariableOption(text="100", value="100", selected=True))
)

RUN = one_of(
    "run",
    "Run",
    f"""
    SELECT to_char(r.started_at, 'YYYY-MM-DD HH24:MI') || ' ' || array_to_string(r.command, ' ')
           AS __text, r.id AS __value
    FROM run r JOIN project p ON p.id = r.project_id
    WHERE {chosen("p.name", "project")} ORDER BY r.started_at DESC LIMIT 100
    """,
)

CHANNEL = some_of(
    "channel",
    "Sensor",
    "SELECT DISTINCT channel FROM telemetry_point"
    f" WHERE {chosen('run_id::text', 'run')} ORDER BY channel",
)


def commit(name: str, label: str) -> build.QueryVariable:
    """A variable with one commit of the branch, the newest at first."""
    return one_of(
        name,
        label,
        f"""
        SELECT short || ' ' || subject AS __text, sha AS __value
        FROM line_commit WHERE {_ON_BRANCH} ORDER BY position DESC LIMIT 1000
        """,
    )


#: the commits that the user looks at: for a WITH
RECENT = f"""recent AS (
    SELECT * FROM line_commit
    WHERE {_ON_BRANCH} AND $__timeFilter(at)
    ORDER BY position DESC LIMIT ${{last:sqlstring}}
)"""

#: the series that the user looks at, each with a name of its own for its line: for a WITH
WATCHED = f"""watched AS (
    SELECT *, concat_ws(' ', title, metric, '(' || unit || ')',
                        'subset: ' || substring(dataset FROM '@([0-9]+):[0-9a-f]{{8}}'),
                        machine, environment, profile)
              || CASE WHEN count(*) OVER alike > 1 THEN ' ' || left(series, 6) ELSE '' END AS line
    FROM series_title WHERE {_IN_PROJECT}
    AND {" AND ".join(chosen(v, v) for v in ("benchmark", "parameters", "metric"))}
    AND {" AND ".join(chosen(v, v) for v in ("machine", "environment"))}
    WINDOW alike AS (PARTITION BY title, metric, unit, dataset, machine, environment, profile)
)"""
