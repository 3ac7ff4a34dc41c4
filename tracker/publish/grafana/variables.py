"""What the user chooses, and the commits and series that follow from it."""

from __future__ import annotations

from collections.abc import Iterator

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.models import dashboard as model

from tracker.publish.grafana.parts import chosen, one_of, some_of

IN_PROJECT = chosen("project", "project")
ON_BRANCH = f"{IN_PROJECT} AND {chosen('branch', 'branch')}"

#: a chart has so many lines at most: with more of them nobody sees one
LINES = 12
#: points whose processes and intervals are drawn, the newest: of more of them a grey cloud is left
DETAILS = 1000

PROJECT = one_of("project", "Project", "SELECT name FROM project ORDER BY name")


def branch(name: str, label: str) -> build.QueryVariable:
    """A variable with one branch, the repository's own at first."""
    return one_of(
        name,
        label,
        f"""
        SELECT coalesce(nullif(l.branch, ''), '(default)') AS branch
        FROM line_position l JOIN project p ON p.id = l.project_id
        WHERE {chosen("p.name", "project")} AND l.position = 0 ORDER BY 1
        """,
    )


BRANCH = branch("branch", "Branch")


def of_series(name: str, label: str, *after: str) -> build.QueryVariable:
    """A variable with the values of a column of ``series_title``, narrowed by earlier ones."""
    conditions = " AND ".join([IN_PROJECT, *(chosen(column, column) for column in after)])
    return some_of(
        name, label, f"SELECT DISTINCT {name} FROM series_title WHERE {conditions} ORDER BY {name}"
    )


BENCHMARK = of_series("benchmark", "Benchmark")
PARAMETERS = of_series("parameters", "Parameters", "benchmark")
METRIC = of_series("metric", "Metric", "benchmark")
MACHINE = of_series("machine", "Machine")
ENVIRONMENT = of_series("environment", "Environment")

#: one metric at first: others have other units, and so other axes
ONE_METRIC = one_of(
    "metric",
    "Metric",
    f"""
    SELECT metric FROM series_title WHERE {IN_PROJECT} AND {chosen("benchmark", "benchmark")}
    GROUP BY metric ORDER BY (metric = 'time') DESC, metric
    """,
).multi(True)

#: each narrows those after it
SERIES = (BENCHMARK, PARAMETERS, METRIC, MACHINE, ENVIRONMENT)


def last(*numbers: int, at_first: int) -> build.CustomVariable:
    """How many commits are shown."""
    return (
        build.CustomVariable("last")
        .label("Last commits")
        .values(",".join(map(str, numbers)))
        .current(model.VariableOption(text=str(at_first), value=str(at_first), selected=True))
    )


LAST = last(10, 50, 100, 200, 500, 1000, at_first=100)

# Grafana offers each text once: runs that several machines began in one minute stay apart
RUN = one_of(
    "run",
    "Run",
    f"""
    SELECT to_char(r.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC '
           || k.name || ' ' || array_to_string(r.command[2:], ' ') AS __text, r.id::text AS __value
    FROM run r JOIN project p ON p.id = r.project_id JOIN machine k ON k.id = r.machine_id
    WHERE {chosen("p.name", "project")} ORDER BY r.started_at DESC LIMIT 100
    """,
)

#: the run that was chosen: for a WITH. A text that is no number of a run is no run
CHOSEN_RUN = f"""chosen_run AS (
    SELECT r.id AS run_id, r.started_at, r.finished_at
    FROM run r JOIN project p ON p.id = r.project_id
    WHERE {chosen("p.name", "project")} AND {chosen("r.id::text", "run")}
)"""

CHANNEL = some_of(
    "channel",
    "Sensor",
    f"""
    WITH {CHOSEN_RUN}
    SELECT DISTINCT channel FROM run_sensor WHERE run_id IN (SELECT run_id FROM chosen_run)
    ORDER BY channel
    """,
)


def commits(branch: str, besides: str = "") -> str:
    """The commits of the branch that a variable chose, those that were tried, the newest first.

    Args:
        besides: a variable with a commit that comes last; what comes first is chosen at first.
    """
    last = f"{chosen('sha', besides)}, " if besides else ""
    return f"""
    SELECT short || ' ' || subject AS __text, sha AS __value FROM line_commit c
    WHERE {IN_PROJECT} AND {chosen("branch", branch)}
          AND EXISTS (SELECT FROM commit_build b WHERE b.commit_id = c.commit_id)
    ORDER BY {last}position DESC LIMIT 1000
    """


def commit(name: str, label: str) -> build.QueryVariable:
    """A variable with one commit of the branch, the newest at first."""
    return one_of(name, label, commits("branch"))


# Materialized: PostgreSQL takes them for single rows, and would ask for them again and again.

#: the newest commits of the branch, ``recent``, and with what they install, ``built``: for a WITH
NEWEST = f"""recent AS MATERIALIZED (
    SELECT * FROM line_commit WHERE {ON_BRANCH}
    ORDER BY position DESC LIMIT ${{last:sqlstring}}
), built AS MATERIALIZED (
    SELECT c.*, b.build_id FROM recent c CROSS JOIN LATERAL (
        SELECT DISTINCT build_id FROM commit_build
        WHERE commit_id = c.commit_id AND build_id IS NOT NULL
    ) b
)"""

#: the same, of those in the range of time
RECENT = NEWEST.replace(ON_BRANCH, f"{ON_BRANCH} AND $__timeFilter(at)")

#: a name of its own for each line, where two series read alike
_LINE = """name || CASE WHEN count(*) OVER (PARTITION BY name) > 1
                     THEN ' ' || left(series, 6) ELSE '' END AS line"""


def named(*conditions: str) -> str:
    """The series that meet conditions: for a WITH."""
    return f"""named AS (
    SELECT *, concat_ws(' ', title, metric, '(' || unit || ')',
                        'subset: ' || substring(dataset FROM '@([0-9]+):[0-9a-f]{{8}}'),
                        machine, environment, profile) AS name
    FROM series_title WHERE {" AND ".join((IN_PROJECT, *conditions))}
)"""


#: the series that the user looks at
NAMED = named(
    *(chosen(v, v) for v in ("benchmark", "parameters", "metric", "machine", "environment"))
)

#: each with its line, after ``named``
WATCHED = f"watched AS (SELECT *, {_LINE} FROM named)"

#: those of them that a chart has room for, after ``named``
DRAWN = f"""drawn AS MATERIALIZED (
    SELECT *, {_LINE}, row_number() OVER (ORDER BY name, series) AS place
    FROM (SELECT * FROM named ORDER BY name, series LIMIT {LINES}) n
)"""

# One walk along the key for each series, not a search for each point: commits that follow each
# other have builds that do.

#: their values at those commits, after ``built`` and ``drawn``
POINTS = """points AS (
    SELECT c.at, c.position, c.short, c.sha, c.subject, c.author, c.link,
           s.series_id, s.line, s.place, s.kind, s.unit, s.direction,
           p.values, p.processes, p.median, p.low, p.high
    FROM drawn s
    CROSS JOIN LATERAL (
        SELECT * FROM build_point WHERE series_id = s.series_id AND build_id BETWEEN
            (SELECT min(build_id) FROM built) AND (SELECT max(build_id) FROM built) OFFSET 0
    ) p
    JOIN built c ON c.build_id = p.build_id
)"""


def newest(most: int) -> str:
    """The newest of ``points``: for a WITH, after them."""
    return f"detailed AS (SELECT * FROM points ORDER BY position DESC, line LIMIT {most})"


#: units that Grafana knows by the same name; a line has its unit in its name, see ``named``
UNITS = ("s", "bytes")


def _ends() -> Iterator[str]:
    for kind in (*UNITS, "other"):
        own = f"unit = '{kind}'" if kind in UNITS else f"unit NOT IN {UNITS}"
        for number in range(1, LINES + 1):
            for end in ("low", "high"):
                shown = f"place = {number} AND {own}"
                yield f"max({end}) FILTER (WHERE {shown}) AS {end}_{kind}_{number}"


#: the intervals of ``detailed``, a column for each end of each line, for ``parts.bands``
BANDS = f"SELECT at AS time, {', '.join(_ends())} FROM detailed GROUP BY at ORDER BY at"
