"""What pages show of a scaling curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tracker.publish.drawn import Key
from tracker.publish.scaling.contents import ScalingCurve
from tracker.publish.scaling.words import Labels, ending, title, told
from tracker.publish.wording import scale_for


def curve_page(
    curve: ScalingCurve,
    labels: Labels,
    head: Sequence[str],
    rows: Sequence[tuple[Key | None, Sequence[str]]],
) -> dict[str, Any]:
    """Text made here, and columns of numbers for the charts: one entry a size.

    Args:
        labels: what commits are called.
        head: titles of the columns of the table.
        rows: of each size the key of the series that it leads to, if any, and its cells.
    """
    rungs = curve.rungs
    linear = next(rung.throughput / rung.size for rung in curve.measured if rung.throughput)
    measured = [rung.size if rung.throughput else None for rung in rungs]
    latencies = [rung.latency for rung in rungs]
    return {
        "title": title(curve, labels),
        "told": list(told(curve, labels)),
        "parameter": curve.parameter,
        "labels": [labels.label(curve.commit), labels.label(curve.reference)],
        "head": list(head),
        "rows": [[leads, *cells] for leads, cells in rows],
        "sizes": [rung.size for rung in rungs],
        "knee": curve.knee,
        "end": curve.end and [curve.end.size, ending(curve.end.state)],
        "memory_metric": curve.memory_metric.replace("_", " "),
        "throughput": _scaled(
            "",
            [rung.throughput for rung in rungs],
            [rung.low for rung in rungs],
            [rung.high for rung in rungs],
            [rung.before for rung in rungs],
            [size and linear * size for size in measured],
        ),
        "latency": _scaled(
            "s",
            *(
                [None if latency is None else getattr(latency, name) for latency in latencies]
                for name in ("p50", "p95", "p99")
            ),
        ),
        "memory": _scaled("bytes", [rung.memory for rung in rungs]),
    }


def _scaled(unit: str, *columns: Sequence[float | None]) -> dict[str, Any]:
    """Columns in one readable unit, that of the largest value of the first."""
    scale = scale_for(max((value for value in columns[0] if value is not None), default=0.0), unit)
    return {
        "symbol": scale.symbol,
        "columns": [
            [None if value is None else float(f"{value / scale.size:.6g}") for value in column]
            for column in columns
        ],
    }
