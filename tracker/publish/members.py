"""The entries of a finding: a series each, or the points of one scaling curve. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tracker.model.findings import Effect, Finding
from tracker.model.scaling import CurveChange
from tracker.publish import curves
from tracker.publish.sentences import change
from tracker.publish.wording import effect_name, evidence, interval, percent


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
    """Up, down, or why there is no number: points that differ in it are told apart."""
    if effect.verdict is None:
        return curves.without_figures(effect.reason)
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
        mean, low, high = curves.mean_change([one.verdict for one in effects if one.verdict])
        size, between = percent(mean), "" if low == high else interval(low, high)
        why = evidence(min(effects, key=lambda one: one.q or 0.0))
    told = curves.sizes(_sizes(effects, curve), [point.size for point in curve.points])
    return Member(
        name=f"{name}: {curve.parameter} {told}",
        words=(size, between, became, why),
        effects=tuple(effects),
    )


def _became(effects: Sequence[Effect], curve: CurveChange) -> str:
    """What became of the curve as a whole: another shape, or an end."""
    all_sizes = [point.size for point in curve.points]
    if effects[0].verdict:
        return curves.shape(curve, all_sizes[-1])
    return curves.last_good(_sizes(effects, curve), all_sizes)


def _sizes(effects: Sequence[Effect], curve: CurveChange) -> list[float]:
    series = {effect.series for effect in effects}
    return [point.size for point in curve.points if point.series in series]
