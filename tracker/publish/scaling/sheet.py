"""The scaling curves of a report as CSV: a row a size."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO

from tracker.publish.scaling.contents import ScalingCurve

_HEAD = (
    "benchmark",
    "commit",
    "parameter",
    "size",
    "state",
    "p50",
    "p95",
    "p99",
    "throughput",
    "throughput_low",
    "throughput_high",
    "efficiency",
    "memory",
    "knee",
)


def render(curves: Sequence[ScalingCurve]) -> str:
    """Seconds, things a second and bytes, empty where there is no value; ``knee``: is this it?"""
    out = StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(_HEAD)
    for curve in curves:
        for rung in curve.rungs:
            latency = rung.latency
            rows.writerow(
                (
                    curve.name,
                    curve.commit,
                    curve.parameter,
                    f"{rung.size:g}",
                    rung.state.value,
                    *((latency.p50, latency.p95, latency.p99) if latency else ("", "", "")),
                    rung.throughput,
                    rung.low,
                    rung.high,
                    rung.efficiency,
                    rung.memory,
                    str(rung.size == curve.knee).lower(),
                )
            )
    return out.getvalue()
