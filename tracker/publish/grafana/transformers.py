"""What the dashboard of the Hugging Face transformers benchmark shows, for any history.

The measures have the names that the torch harness gives them, or those of the benchmark's own
recorder.
"""

from __future__ import annotations

from grafana_foundation_sdk.models import dashboard as model

from tracker.publish.grafana import links, parts, plots
from tracker.publish.grafana.parts import chosen, one_of
from tracker.publish.grafana.spans import Span
from tracker.publish.grafana.variables import (
    BENCHMARK,
    BRANCH,
    DRAWN,
    LINES,
    NEWEST,
    PARAMETERS,
    POINTS,
    PROJECT,
    last,
    named,
)

_GPU = one_of(
    "gpu",
    "GPU",
    f"""
    SELECT DISTINCT coalesce(k.facts ->> 'gpu', 'none') AS gpu
    FROM machine k JOIN run r ON r.machine_id = k.id JOIN project p ON p.id = r.project_id
    WHERE {chosen("p.name", "project")} ORDER BY gpu
    """,
)

#: each commit is a group of bars
_LAST = last(5, 10, 20, 50, 100, at_first=10)

#: machines with the chosen GPU, and what their runs did of the newest commits: for a WITH
_THERE = f"""there AS (
    SELECT id AS machine_id, machine_class, coalesce(facts ->> 'gpu', 'none') AS gpu FROM machine
    WHERE {chosen("coalesce(facts ->> 'gpu', 'none')", "gpu")}
)"""
_DONE = """done AS (
    SELECT b.commit_id, r.id AS run_id, t.gpu, w.processes, w.first_at, w.last_at
    FROM built b
    JOIN run_build w ON w.build_id = b.build_id
    JOIN run r ON r.id = w.run_id
    JOIN there t ON t.machine_id = r.machine_id
)"""
_WORK = f"WITH {NEWEST}, {_THERE}, {_DONE}"


_SPAN = Span(
    uid="transformers",
    rows=f"{NEWEST}, {_THERE}, {_DONE}",
    source="done",
    first="min(first_at)",
    last="max(last_at)",
)

_COMMITS = f"""
    {_WORK}
    SELECT c.sha AS commit_id, c.subject AS commit_message, d.gpu AS gpu_name,
           min(d.first_at) AS date, c.committed_at, sum(d.processes) AS processes, c.link
    FROM recent c JOIN done d ON d.commit_id = c.commit_id
    GROUP BY c.position, c.sha, c.subject, c.committed_at, c.link, d.gpu
    ORDER BY c.position DESC
"""

#: parameters such as compiled=True or mode='compile', and not compiled=False or compile='none'
_COMPILED = (
    "(parameters ~* 'compil' AND parameters !~* 'compil\\w*=(false|none|0|''(none|no|off|)'')')"
)


def _bars(
    title: str, measure: str, of_recorder: str, condition: str = "", width: int = 12
) -> parts.Panel:
    own = f"metric = '{measure}'" + (f" AND {condition}" if condition else "")
    shown = named(
        chosen("benchmark", "benchmark"),
        chosen("parameters", "parameters"),
        "machine IN (SELECT machine_class FROM there)",
        f"({own} OR metric = '{of_recorder}')",
    )
    sql = f"""
    WITH {NEWEST}, {_THERE}, {shown}, {DRAWN}, {POINTS}
    SELECT short, line, median AS value FROM points ORDER BY position, line
    """
    return plots.bars(title, sql, width=width, told=f"At most {LINES} series.")


def _usage(title: str, channel: str, value: str, unit: str, told: str = "") -> parts.Panel:
    """What sensors read while the newest commits were measured."""
    return parts.chart(
        title,
        f"""
        {_WORK}
        SELECT {parts.EVERY.format("s.minute")} AS time, s.channel AS metric, {value} AS value
        FROM run_sensor s
        WHERE s.run_id IN (SELECT run_id FROM done) AND {channel} AND $__timeFilter(s.minute)
        GROUP BY 1, 2 ORDER BY 1
        """,
        width=12,
        unit=unit,
        told=told,
    )


_MEAN = "sum(s.total) / sum(s.readings)"
_EAGER = f"NOT {_COMPILED}"


def transformers() -> model.Dashboard:
    return parts.dashboard(
        "transformers",
        "Transformers",
        [PROJECT, BRANCH, _GPU, BENCHMARK, PARAMETERS, _LAST, *_SPAN.variables()],
        [
            parts.table(
                "Commits", _COMMITS, links=(links.commit("commit_id", "commit_id"), links.PAGE)
            ),
            parts.row("Eager forward pass"),
            _bars(
                "First eager forward pass",
                "first_call",
                "first_eager_forward_pass_time_secs",
                _EAGER,
            ),
            _bars(
                "Second eager forward pass",
                "second_call",
                "second_eager_forward_pass_time_secs",
                _EAGER,
            ),
            parts.row("Time to next token"),
            _bars("Time to first token", "first_token", "time_to_first_token_secs"),
            _bars("Time to second token", "second_token", "time_to_second_token_secs"),
            _bars("Time to third token", "third_token", "time_to_third_token_secs"),
            _bars(
                "Time to subsequent next tokens, mean",
                "later_token",
                "time_to_next_token_mean_secs",
            ),
            parts.row("Compiled generate"),
            _bars(
                "First compile generate",
                "first_call",
                "first_compile_generate_time_secs",
                _COMPILED,
            ),
            _bars(
                "Second compile generate",
                "second_call",
                "second_compile_generate_time_secs",
                _COMPILED,
            ),
            _bars(
                "Third compile generate",
                "third_call",
                "third_compile_generate_time_secs",
                _COMPILED,
                8,
            ),
            _bars(
                "Fourth compile generate",
                "fourth_call",
                "fourth_compile_generate_time_secs",
                _COMPILED,
                8,
            ),
            _bars("Later calls", "time", "time", _COMPILED, 8),
            parts.row("Usage metrics"),
            _usage(
                "CPU utilization",
                "s.channel = 'cpu_time'",
                "sum(s.rise) / nullif(sum(s.seconds), 0)",
                "percentunit",
                "100 % is a core.",
            ),
            _usage("Memory usage", "s.channel = 'memory'", _MEAN, "bytes"),
            _usage("GPU utilization", "s.channel ~ '^gpu.*_utilization'", _MEAN, "percentunit"),
            _usage("GPU memory usage", "s.channel ~ '^gpu.*_memory'", _MEAN, "bytes"),
        ],
        links=[_SPAN.link()],
    )
