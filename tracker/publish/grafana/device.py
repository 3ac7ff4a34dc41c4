"""What sensors read during a run."""

from __future__ import annotations

from grafana_foundation_sdk.models import dashboard as model

from tracker.publish.grafana import parts
from tracker.publish.grafana.annotations import CHANGES
from tracker.publish.grafana.parts import chosen
from tracker.publish.grafana.spans import Span
from tracker.publish.grafana.variables import CHANNEL, CHOSEN_RUN, PROJECT, RUN

#: processes of the run whose sensors are shown one by one, the newest
_PROCESSES = 50
_LISTED = 200

#: sums, such as time of processors: how fast they grew counts
_SUMS = "s"

_SPAN = Span(
    uid="device",
    rows=CHOSEN_RUN,
    source="chosen_run",
    first="min(started_at)",
    last="max(coalesce(finished_at, now()))",
)


def _newest(most: int, condition: str) -> str:
    """The newest processes of the chosen run that meet a condition: for a WITH."""
    one_batch = f"""
        SELECT m.* FROM measurement m WHERE m.batch_id = h.id AND {condition}
        ORDER BY m.started_at DESC LIMIT {most}
    """
    return f"""{CHOSEN_RUN}, newest AS (
        SELECT m.* FROM batch h CROSS JOIN LATERAL ({one_batch}) m
        WHERE h.run_id IN (SELECT run_id FROM chosen_run)
        ORDER BY m.started_at DESC LIMIT {most}
    )"""


def _sensors(
    title: str, units: tuple[str, ...], unit: str, *, width: int, told: str = ""
) -> parts.Panel:
    """Means along the run, and as dots what was read of its newest processes.

    Args:
        units: of the sensors, as they are stored.
        unit: that of the chart, as Grafana calls it.
    """
    named = ", ".join(f"'{one}'" for one in units)
    shown = f"r.unit IN ({named}) AND {chosen('r.channel', 'channel')}"
    return parts.dots(
        parts.chart(
            title,
            f"""
            WITH {CHOSEN_RUN}
            SELECT {parts.EVERY.format("minute")} AS time, channel AS metric,
                   CASE unit WHEN '{_SUMS}' THEN sum(rise) / nullif(sum(seconds), 0)
                             ELSE sum(total) / sum(readings) END AS value
            FROM run_sensor r
            WHERE run_id IN (SELECT run_id FROM chosen_run)
                  AND {shown} AND $__timeFilter(minute)
            GROUP BY 1, channel, unit HAVING unit <> '{_SUMS}' OR sum(seconds) > 0 ORDER BY 1
            """,
            f"""
            WITH {_newest(_PROCESSES, "$__timeFilter(m.started_at)")}, looked AS (
                SELECT r.at, r.channel,
                       CASE r.unit WHEN '{_SUMS}' THEN r.rise / nullif(r.seconds, 0)
                                   ELSE r.value END AS value
                FROM newest m JOIN sensor_reading r ON r.measurement_id = m.id WHERE {shown}
            )
            SELECT at AS time, channel || ', read' AS metric, avg(value) AS value
            FROM looked WHERE value IS NOT NULL GROUP BY 1, 2 ORDER BY 1
            """,
            width=width,
            unit=unit,
            told=f"As dots what was read of the newest {_PROCESSES} processes. {told}".strip(),
        ),
        "B",
    )


def device() -> model.Dashboard:
    """Utilization, memory, power and temperature while a run measured."""
    return parts.dashboard(
        "device",
        "Device",
        [PROJECT, RUN, CHANNEL, *_SPAN.variables()],
        [
            _sensors(
                "Utilization",
                (_SUMS, "share"),
                "percentunit",
                width=12,
                told="Of processor time, 100 % is a core; throttled is slowed down.",
            ),
            _sensors("Memory", ("bytes",), "bytes", width=12),
            _sensors("Power", ("W",), "watt", width=8),
            _sensors("Temperature", ("°C",), "celsius", width=8),
            _sensors("Frequency", ("Hz",), "hertz", width=8),
            parts.table(
                "Of each process",
                f"""
                WITH {_newest(_LISTED, "true")}
                SELECT m.started_at, k.name AS machine_name, x.benchmark,
                       parameter_text(x.parameters) AS parameters, m.round, t.channel, t.unit,
                       v.lowest, v.mean, v.highest
                FROM newest m
                JOIN machine k ON k.id = m.machine_id
                JOIN cell x ON x.id = m.cell_id
                JOIN telemetry t ON t.measurement_id = m.id AND {chosen("t.channel", "channel")}
                CROSS JOIN LATERAL (
                    SELECT min(o) AS lowest, avg(o) AS mean, max(o) AS highest
                    FROM unnest(t.values) AS o
                ) v
                ORDER BY m.started_at DESC, t.channel
                """,
                told=f"The newest {_LISTED} processes.",
            ),
        ],
        [CHANGES],
        since="now-7d",
        links=[_SPAN.link()],
    )
