"""What a report says of a scaling curve: the same words in every form of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from tracker.model.measurements import State
from tracker.publish.scaling.contents import End, Rung, ScalingCurve
from tracker.publish.wording import percent, quantity

#: how a size ends that does not work, where the words of the state do not say it
_ENDINGS = {State.resource_exceeded: "killed for its memory"}
#: eighths of a character
_BLOCKS = " ▏▎▍▌▋▊▉"


class Labels(Protocol):
    """Whoever knows what commits are called."""

    def label(self, sha: str) -> str:
        """``v4.18.0``, or the start of the SHA."""


def head(curve: ScalingCurve) -> tuple[str, ...]:
    """Titles of the columns of ``row``."""
    memory = curve.memory_metric.replace("_", " ")
    return (curve.parameter, "p50", "p95", "p99", "throughput", "of linear", memory or "memory")


def row(rung: Rung) -> tuple[str, ...]:
    """One size: its latency, what it gets done, and what it takes; or why it has no values."""
    if rung.throughput is None or rung.efficiency is None:
        return f"{rung.size:g}", ending(rung.state), "", "", "", "", ""
    latency = rung.latency
    times = (latency.p50, latency.p95, latency.p99) if latency else ()
    return (
        f"{rung.size:g}",
        *(quantity(time, "s") for time in times),
        *[""] * (3 - len(times)),
        rate(rung.throughput),
        percent(rung.efficiency, sign=False),
        "" if rung.memory is None else quantity(rung.memory, "bytes"),
    )


def rate(throughput: float) -> str:
    """``1,204/s``"""
    return f"{quantity(throughput, '')}/s"


def told(curve: ScalingCurve, report: Labels) -> Iterator[str]:
    """Sentences about the shape of a curve and its end."""
    before = ""
    if curve.reference != curve.commit and curve.knee_before != curve.knee:
        old = "none" if curve.knee_before is None else f"{curve.knee_before:g}"
        before = f" ({old} at {report.label(curve.reference)})"
    if curve.knee is None:
        yield f"no knee: throughput grows to the last size{before}"
    else:
        yield f"knee at {curve.parameter} {curve.knee:g}{before}"
    if curve.end:
        yield _end(curve.end, curve.parameter)
    if any(rung.latency and rung.latency.calls > 1 for rung in curve.rungs):
        yield "percentiles are of samples that are means over several calls"


def _end(end: End, parameter: str) -> str:
    how = f"{ending(end.state)} from {parameter} {end.size:g}"
    # whose limit it was: out of memory is the device's, and this is that of whoever killed it
    why = f" ({end.reason})" if end.state is State.resource_exceeded and end.reason else ""
    return f"{how}{why}; {end.last_good:g} is the last good"


def ending(state: State) -> str:
    """How a size that gave no values ended."""
    return _ENDINGS.get(state, state.words)


def title(curve: ScalingCurve, report: Labels) -> str:
    """``forward[dtype=f32] at v4.18.0``"""
    return f"{curve.name} at {report.label(curve.commit)}"


def line(curve: ScalingCurve, report: Labels) -> str:
    """The curve in one line."""
    sizes = ", ".join(
        f"{rung.size:g} {rate(rung.throughput) if rung.throughput else ending(rung.state)}"
        for rung in curve.rungs
    )
    return f"{title(curve, report)}: {curve.parameter} {sizes}; {'; '.join(told(curve, report))}"


def bar(rung: Rung, curve: ScalingCurve, width: int = 12) -> str:
    """Throughput as a bar, the longest of the curve as wide as that."""
    most = max(one.throughput or 0.0 for one in curve.rungs)
    eighths = round(8 * width * (rung.throughput or 0.0) / most)
    return "█" * (eighths // 8) + _BLOCKS[eighths % 8].strip()
