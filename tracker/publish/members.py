"""The entries of a finding: a series each, or the points of one scaling curve. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tracker.model.findings import Effect, Finding
from tracker.model.scaling import CurveChange
from tracker.publish.sentences import change
from tracker.publish.wording import effect_name, evidence, interval, percent
from tracker.statistics.ratios import mean_ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One series, or the points of a curve that changed the same way."""

    #: ``parse[size=8]``, or ``forward: batch 8 and up``
    name: str
    #: effect, its interval, levels or what became of the curve, the evidence; see ``change``
    words: tuple[str, str, str, str]
    #: worst first
    effects: tuple[Effect, ...]

    @property
    def line(self) -> str:
        """All of it in one line."""
        return " ".join(filter(None, (self.name, *self.words)))

    @property
    def is_better(self) -> bool:
        return self.effects[0].is_better

    @property
    def points(self) -> tuple[Effect, ...]:
        """The effects, where there is more to see than the member says."""
        return self.effects if len(self.effects) > 1 else ()


def members(finding: Finding, name_of: Callable[[Effect], str] = effect_name) -> tuple[Member, ...]:
    """The entries of a finding, worst first.

    Args:
        name_of: how the series of an effect is called.
    """
    curve_of = {point.series: curve for curve in finding.curves for point in curve.points}
    groups: dict[object, list[Effect]] = {}
    for effect in finding.effects:
        curve = curve_of.get(effect.series)
        key = effect.series if curve is None else (curve, _way(effect))
        groups.setdefault(key, []).append(effect)
    return tuple(
        _member(effects, curve_of.get(effects[0].series), name_of) for effects in groups.values()
    )


def member_lines(finding: Finding) -> Iterator[str]:
    """The entries of a finding where no series are known, a line each; below it its points."""
    for member in members(finding):
        yield f"  {member.line}"
        for effect in member.points:
            yield "    " + " ".join(filter(None, (effect_name(effect), *change(effect))))


def _way(effect: Effect) -> object:
    """Up, down, or why there is no number: points that differ in it are told apart.

    Figures in a reason, such as the memory that was taken, are no other reason.
    """
    if effect.verdict is None:
        return re.sub(r"\d+", "", effect.reason)
    return effect.verdict.effect > 0


def _member(
    effects: Sequence[Effect], curve: CurveChange | None, name_of: Callable[[Effect], str]
) -> Member:
    worst = effects[0]
    size, between, levels, why = change(worst)
    became = _became(effects, curve) if curve else ""
    if curve is None or len(effects) == 1:
        words = (size, between, ", ".join(filter(None, (levels, became))), why)
        return Member(name=name_of(worst), words=words, effects=tuple(effects))
    name = name_of(worst).replace(worst.title, curve.title, 1)
    if worst.verdict:
        size, between = _together(effects)
        why = evidence(min(effects, key=lambda one: one.q or 0.0))
    return Member(
        name=f"{name}: {curve.parameter} {_sizes(effects, curve)}",
        words=(size, between, became, why),
        effects=tuple(effects),
    )


def _became(effects: Sequence[Effect], curve: CurveChange) -> str:
    """What became of the curve as a whole: another shape, or an end."""
    if effects[0].verdict:
        return ", ".join(_shape(curve)) if curve.bent else ""
    series = {effect.series for effect in effects}
    good = [point.size for point in curve.points if point.series not in series]
    is_end = good and all(point.series in series for point in curve.points[len(good) :])
    return f"{good[-1]:g} is the last good" if is_end else ""


def _together(effects: Sequence[Effect]) -> tuple[str, str]:
    """The geometric mean of effects, and its interval."""
    verdicts = [effect.verdict for effect in effects if effect.verdict]
    mean, low, high = mean_ratio([(one.effect, one.low, one.high) for one in verdicts])
    return percent(mean), "" if low == high else interval(low, high)


def _sizes(effects: Sequence[Effect], curve: CurveChange) -> str:
    """``8 and up``, ``up to 4``, ``1 to 64`` for all of them, else ``1, 8, 64``."""
    series = {effect.series for effect in effects}
    all_sizes = [point.size for point in curve.points]
    told = [point.size for point in curve.points if point.series in series]
    if told == all_sizes:
        return f"{told[0]:g} to {told[-1]:g}"
    if told == all_sizes[-len(told) :]:
        return f"{told[0]:g} and up"
    if told == all_sizes[: len(told)]:
        return f"up to {told[-1]:g}"
    return ", ".join(f"{size:g}" for size in told)


def _shape(curve: CurveChange) -> Iterator[str]:
    """``knee 16 → 8`` and ``efficiency at 64: 45 → 30 %``"""
    before, after = curve.knees
    if before != after:
        yield f"knee {_knee(before)} → {_knee(after)}"
    if curve.efficiencies:
        old, new = (f"{100 * one:.0f}" for one in curve.efficiencies)
        if old != new:
            yield f"efficiency at {curve.points[-1].size:g}: {old} → {new} %"


def _knee(size: float | None) -> str:
    return "none" if size is None else f"{size:g}"
