"""A scaling curve as JSON values. ``docs/report.schema.json`` says what may be in it."""

from __future__ import annotations

from typing import Any

from tracker.publish.scaling.contents import Rung, ScalingCurve


def scaling_curve(curve: ScalingCurve) -> dict[str, Any]:
    """Throughput is things a second, latency seconds, memory bytes."""
    end = curve.end
    return {
        "name": curve.name,
        "parameter": curve.parameter,
        "commit": curve.commit,
        "reference": curve.reference,
        "memory_metric": curve.memory_metric,
        "knee": curve.knee,
        "knee_before": curve.knee_before,
        "end": end
        and {
            "size": end.size,
            "state": end.state.value,
            "reason": end.reason,
            "last_good": end.last_good,
        },
        "sizes": [_rung(rung) for rung in curve.rungs],
    }


def _rung(rung: Rung) -> dict[str, Any]:
    latency = rung.latency
    return {
        "size": rung.size,
        "series": rung.series,
        "state": rung.state.value,
        "reason": rung.reason,
        "latency": latency
        and {
            "p50": latency.p50,
            "p95": latency.p95,
            "p99": latency.p99,
            "calls": latency.calls,
        },
        "throughput": rung.throughput,
        "low": rung.low,
        "high": rung.high,
        "efficiency": rung.efficiency,
        "memory": rung.memory,
        "before": rung.before,
    }
