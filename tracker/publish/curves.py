"""What is said of several points of a curve as one: which sizes, their change, the shape."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from tracker.model.findings import Verdict
from tracker.model.scaling import Bend
from tracker.statistics.ratios import mean_ratio


def sizes(told: Collection[float], all_sizes: Sequence[float]) -> str:
    """``8 and up``, ``up to 4``, ``1 to 64`` for all of them, else ``1, 8, 64``.

    Args:
        told: some of them.
        all_sizes: of the curve, smallest first.
    """
    ordered = sorted(told)
    if ordered == [*all_sizes]:
        return f"{ordered[0]:g} to {ordered[-1]:g}"
    if ordered == [*all_sizes[-len(ordered) :]]:
        return f"{ordered[0]:g} and up"
    if ordered == [*all_sizes[: len(ordered)]]:
        return f"up to {ordered[-1]:g}"
    return ", ".join(f"{size:g}" for size in ordered)


def last_good(lost: Collection[float], all_sizes: Sequence[float]) -> str:
    """``32 is the last good``; nothing where sizes work that are larger than a lost one."""
    good = [size for size in all_sizes if size not in lost]
    is_end = good and all(size in lost for size in all_sizes[len(good) :])
    return f"{good[-1]:g} is the last good" if is_end else ""


def without_figures(reason: str) -> str:
    """A reason by which points are told apart: how much memory was taken is no other reason."""
    return re.sub(r"\d+", "", reason)


def mean_change(verdicts: Sequence[Verdict]) -> tuple[float, float, float]:
    """The geometric mean of effects, and its interval."""
    return mean_ratio([(one.effect, one.low, one.high) for one in verdicts])


def shape(curve: Bend, largest: float) -> str:
    """``knee 16 → 8, efficiency at 64: 45 → 30 %``; nothing where the shape stayed as it was."""
    return ", ".join(_shape(curve, largest)) if curve.bent else ""


def _shape(curve: Bend, largest: float) -> Iterator[str]:
    before, after = curve.knees
    if before != after:
        yield f"knee {_knee(before)} → {_knee(after)}"
    if curve.efficiencies:
        old, new = (f"{100 * one:.0f}" for one in curve.efficiencies)
        if old != new:
            yield f"efficiency at {largest:g}: {old} → {new} %"


def _knee(size: float | None) -> str:
    return "none" if size is None else f"{size:g}"
