"""The scaling curves of a comparison: throughput of both sides by size. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from tracker.model.comparisons import Compared, ComparedCurve
from tracker.model.measurements import State
from tracker.model.scaling import FEWEST
from tracker.publish.comparing.contents import Comparison
from tracker.publish.comparing.entries import name_of_curve
from tracker.publish.comparing.sentences import effect, word
from tracker.publish.scaling.contents import Rung, ScalingCurve
from tracker.publish.scaling.making import MEMORY
from tracker.publish.scaling.words import rate
from tracker.publish.wording import quantity
from tracker.statistics.scaling import efficiencies


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A curve as it is drawn, and as a table: a row a size."""

    #: throughput and memory of the head; ``before`` is the base's throughput
    curve: ScalingCurve
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    #: did any size become faster or slower, or give no values any more?
    changed: bool


def pictures(comparison: Comparison) -> tuple[Picture, ...]:
    """One for each benchmark whose timings have values at both sides for enough sizes."""
    held = {(row.cell.key, row.metric): row.head for row in comparison.rows}
    return tuple(
        _picture(one, comparison, held)
        for one in comparison.curves
        if one.is_timed and sum(_has_both(row) for row in one.rows) >= FEWEST
    )


def _has_both(row: Compared) -> bool:
    return bool(row.verdict and row.base and row.head)


def _picture(
    compared: ComparedCurve,
    comparison: Comparison,
    held: Mapping[tuple[str, str], float | None],
) -> Picture:
    metric = next(
        (one for one in MEMORY if any(held.get((row.cell.key, one)) for row in compared.rows)), ""
    )
    rungs = [_rung(size, row, held.get((row.cell.key, metric))) for size, row in compared.points]
    after = _efficiencies({one.size: one.throughput for one in rungs})
    before = _efficiencies({one.size: one.before for one in rungs if one.throughput})
    old_knee, knee = compared.knees
    curve = ScalingCurve(
        name=name_of_curve(compared, comparison),
        parameter=compared.parameter,
        commit=comparison.head.sha,
        reference=comparison.base.sha,
        rungs=tuple(replace(one, efficiency=after.get(one.size)) for one in rungs),
        memory_metric=metric,
        knee=knee,
        # what noise alone may have moved has not moved
        knee_before=old_knee if compared.bent else knee,
        end=None,
    )
    return Picture(
        curve=curve,
        head=_head(curve, comparison),
        rows=tuple(
            _row(row, rung, before.get(rung.size))
            for row, rung in zip(compared.rows, curve.rungs, strict=True)
        ),
        changed=any(word(row) in ("slower", "faster", "lost") for row in compared.rows),
    )


def _rung(size: float, row: Compared, memory: float | None) -> Rung:
    before = size / row.base if row.base else None
    if not _has_both(row) or row.verdict is None or row.base is None or row.head is None:
        return Rung(
            size=size,
            series="",
            state=State.benchmark_failed if row.is_lost else State.measured,
            reason=row.reason,
            before=before,
        )
    # around the base's level: what the interval of the change leaves possible
    slow, fast = row.base * (1 + row.verdict.high), row.base * (1 + row.verdict.low)
    return Rung(
        size=size,
        series=row.head_series,
        state=State.measured,
        reason="",
        throughput=size / row.head,
        low=size / slow,
        high=size / fast if fast > 0 else None,
        memory=memory,
        before=before,
    )


def _efficiencies(rates: Mapping[float, float | None]) -> dict[float, float]:
    told = {size: one for size, one in rates.items() if one}
    shares = efficiencies(np.array([*told]), np.array([*told.values()]))
    return dict(zip(told, shares.tolist(), strict=True))


def _head(curve: ScalingCurve, comparison: Comparison) -> tuple[str, ...]:
    base, head = comparison.base.label, comparison.head.label
    memory = curve.memory_metric.replace("_", " ") or "memory"
    return curve.parameter, f"throughput at {base}", f"at {head}", "time", "", "of linear", memory


def _row(row: Compared, rung: Rung, before: float | None) -> tuple[str, ...]:
    now = rung.efficiency
    linear = ""
    if before is not None and now is not None:
        linear = f"{100 * before:.0f} → {100 * now:.0f} %"
    return (
        f"{rung.size:g}",
        "" if rung.before is None else rate(rung.before),
        "" if rung.throughput is None else rate(rung.throughput),
        effect(row),
        word(row),
        linear,
        "" if rung.memory is None else quantity(rung.memory, "bytes"),
    )


def line(picture: Picture) -> str:
    """``forward: batch 1 25,755 → 24,120/s, 2 ...``: the picture in one line."""
    curve = picture.curve
    return f"{curve.name}: {curve.parameter} {', '.join(_steps(curve))}"


def _steps(curve: ScalingCurve) -> Iterator[str]:
    for rung in curve.rungs:
        sides = (rate(one) if one else "-" for one in (rung.before, rung.throughput))
        yield f"{rung.size:g} {' → '.join(sides)}"
