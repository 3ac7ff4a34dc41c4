"""How numbers and names are written for people: the same in every form of a report."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from tracker.model.findings import Effect, FindingKind, Outcome
from tracker.model.quality import badge
from tracker.model.suites import Kind

_SECONDS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
_BYTES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B"))
_LARGE = ((1e9, "G"), (1e6, "M"), (1.0, ""))
_NAMELESS = ("", "-", "1", "count", "ratio")
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

#: what a finding of each kind is called
NAMES = {
    FindingKind.quality_drift: "quality drift",
    FindingKind.disagreement: "disagreement",
    FindingKind.regression: "regression",
    FindingKind.drift: "drift",
    FindingKind.failed: "failed",
    FindingKind.missing: "missing",
    FindingKind.shift: "change",
    FindingKind.environment_change: "environment",
    FindingKind.machine_change: "machine",
    FindingKind.improvement: "improvement",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The unit that values of one size are shown in: ``value / size``, then ``symbol``."""

    size: float
    symbol: str

    def number(self, value: float, digits: int = 3) -> str:
        """The value without its unit, to so many significant digits."""
        return _number(value / self.size, digits)


def scale_for(value: float, unit: str) -> Scale:
    """The scale that a value of this size reads best in: 0.0082 s as ms, 3.1e6 B as MB."""
    size = abs(value)
    if unit == "s":
        return _fitting(_SECONDS, size)
    if unit in ("B", "bytes", "byte"):
        return _fitting(_BYTES, size)
    prefixed = _fitting(_LARGE, size)
    name = "" if unit in _NAMELESS else unit
    return Scale(size=prefixed.size, symbol=" ".join(filter(None, (prefixed.symbol, name))))


def _fitting(steps: tuple[tuple[float, str], ...], size: float) -> Scale:
    # 999.6 of a unit would be shown as 1,000 of it; zero reads best in the plain unit
    for step, symbol in sorted(steps, reverse=True):
        if round(size / step, 3) >= 1:
            return Scale(size=step, symbol=symbol)
    step, symbol = min(steps) if size else next(s for s in steps if s[0] == 1)
    return Scale(size=step, symbol=symbol)


def _number(value: float, digits: int) -> str:
    if value == 0:
        return "0"
    decimals = _decimals(value, digits)
    if decimals > 9:
        return f"{value:.{digits}g}"
    if decimals <= 0:
        return f"{value:,.0f}"
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if value == round(value) else text


def quantity(value: float, unit: str, digits: int = 3) -> str:
    """``8.21 ms``, ``3.1 MB``, ``1,204 tokens/s``."""
    scale = scale_for(value, unit)
    return f"{scale.number(value, digits)} {scale.symbol}".rstrip()


def step(before: float, after: float, unit: str) -> str:
    """``8.2 → 9.9 ms``: as many digits as it takes to see the difference, in one unit."""
    scale = scale_for(max(abs(before), abs(after)), unit)
    first, last = before / scale.size, after / scale.size
    if first == last:
        return quantity(before, unit)
    smaller = min(abs(first), abs(last)) or abs(first - last)
    # rounding may hide an eighth of the difference, and leaves two digits of the smaller one
    decimals = max(_decimals(abs(first - last) / 8, 1), _decimals(smaller, 2), 0)
    decimals = 0 if first.is_integer() and last.is_integer() else decimals
    return f"{first:,.{decimals}f} → {last:,.{decimals}f} {scale.symbol}".rstrip()


def _decimals(value: float, digits: int) -> int:
    """Places after the point that show so many significant digits of a value that is not 0."""
    return digits - 1 - math.floor(math.log10(abs(value)))


def percent(ratio: float, *, sign: bool = True) -> str:
    """``+21.4 %`` of 0.214."""
    return f"{_percentage(ratio, sign)} %"


def _percentage(ratio: float, sign: bool) -> str:
    points = 100 * ratio
    if math.isinf(points):
        return "∞" if points > 0 else "-∞"
    size = abs(points)
    if size == 0:
        return "0.0"
    plus = "+" if sign else ""
    if size < 0.05:  # a changed count may be this small
        return f"{points:{plus}.1g}"
    return f"{points:{plus}.{0 if size >= 100 else 1}f}"


def interval(low: float, high: float) -> str:
    """``[+20.1, +22.8]`` in per cent."""
    return f"[{_percentage(low, True)}, {_percentage(high, True)}]"


def outcome_word(outcome: Outcome, kind: Kind) -> str:
    """The outcome, of a quality in its own words: wrong is not slow."""
    if kind is not Kind.quality:
        return outcome.value
    return {Outcome.slower: "worse", Outcome.faster: "better"}.get(outcome, outcome.value)


def series_name(title: str, metric: str, dataset: str, variant: str = "") -> str:
    """``parse[size=8]``, the metric where it is no time, and the badge where it is of a subset."""
    told = ", ".join(filter(None, (variant, badge(dataset))))
    parts = (title, "" if metric == "time" else metric, f"({told})" if told else "")
    return " ".join(filter(None, parts))


def effect_name(effect: Effect) -> str:
    """How the series of an effect is called, where others like it are not known."""
    return series_name(effect.title, effect.metric, effect.dataset)


def evidence(effect: Effect) -> str:
    """Why to believe it: ``q < 0.001``, ``exact``, or a reason in words."""
    if effect.verdict is None:
        return effect.reason
    if effect.verdict.p == 0 and effect.verdict.low == effect.verdict.high:
        return "exact"
    if effect.q is None:
        return ""
    return "q < 0.001" if effect.q < 0.001 else f"q = {effect.q:.2g}"


def smallest_seen(mde: float | None, *, exact: bool = False) -> str:
    """The smallest change that would have been seen: ``1.8 %``, or why there is none."""
    if mde is None or math.isinf(mde):
        return "too few values to see any"
    return "any change" if exact or mde == 0 else percent(mde, sign=False)


def ago(then: datetime, now: datetime) -> str:
    """``2 days ago``: how long it is, in the largest unit that fits."""
    minutes = max(0, int((now - then).total_seconds() // 60))
    for size, name in ((525_600, "year"), (43_200, "month"), (1440, "day"), (60, "hour")):
        if minutes >= size:
            return f"{_plural(minutes // size, name)} ago"
    return f"{_plural(minutes, 'minute')} ago" if minutes else "just now"


def _plural(number: int, name: str) -> str:
    return f"{number:,} {name}{'' if number == 1 else 's'}"


def counted(number: int, name: str, many: str = "") -> str:
    """``1 commit``, ``214 commits``."""
    return f"{number:,} {many}" if many and number != 1 else _plural(number, name)


def duration(seconds: float) -> str:
    """``0:42``, ``1:12``, ``2:03:10``."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def clean(text: str) -> str:
    """One line without what could steer a terminal or turn the direction of the text around it."""
    return " ".join(
        "".join(
            " " if character.isspace() else character
            for character in text
            if character.isspace() or unicodedata.category(character) not in ("Cc", "Cf", "Cs")
        ).split()
    )


def xml_text(text: str) -> str:
    """The text without what XML 1.0 cannot hold, in any notation."""
    return _NO_XML.sub("", text)


def shortened(text: str, longest: int) -> str:
    """The text, cut where it is too long, which then shows."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def encodable(text: str, encoding: str) -> str:
    """The text as far as an output can write it: ``->`` and ``?`` where it knows no better."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        known = text.translate({ord("→"): "->", ord("·"): "-", ord("µ"): "u"})
        return known.encode(encoding, "replace").decode(encoding)
    return text
