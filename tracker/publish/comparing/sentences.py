"""What a comparison says in words: the same in every form of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from tracker.model.comparisons import Compared
from tracker.model.findings import Outcome
from tracker.publish.comparing.contents import Comparison
from tracker.publish.sentences import false_alarms
from tracker.publish.wording import (
    clean,
    counted,
    duration,
    interval,
    outcome_word,
    percent,
    quantity,
    series_name,
    smallest_seen,
    step,
)

#: the cells of a small picture of an interval: no change in the middle
_WIDTH = 11
#: the ends of the picture, as ratio
_REACH = 0.25
#: no names: cells are called by their titles
TITLES: Mapping[str, str] = MappingProxyType({})


def headline(comparison: Comparison) -> str:
    """``demo · main..HEAD · machine bench-1 · 1:12``."""
    took = "stored results" if comparison.stored else duration(comparison.seconds)
    sides = f"{comparison.base.label}..{comparison.head.label}"
    return f"{comparison.project} · {sides} · machine {comparison.machine.name} · {took}"


def name(row: Compared, names: Mapping[str, str] = TITLES) -> str:
    """``parse[size=8]``, and the metric where it is not the time."""
    cell = names.get(row.cell.key, clean(row.cell.title))
    return series_name(cell, row.metric, row.dataset)


def word(row: Compared) -> str:
    """The verdict, or what it means that there is none."""
    if row.verdict is not None:
        return outcome_word(row.verdict.outcome, row.kind)
    if row.is_lost:
        return "lost"
    if row.is_new:
        return "new"
    return "without values" if row.head is None else "incomparable"


def level(value: float | None, row: Compared) -> str:
    """A side's typical value."""
    return "" if value is None else quantity(value, _unit(row))


def levels(row: Compared) -> str:
    """``8.2 → 9.9 ms``: both sides; a dash for one that has no values."""
    if row.base is not None and row.head is not None:
        return step(row.base, row.head, _unit(row))
    if row.base is None and row.head is None:
        return ""
    return " → ".join(level(value, row) or "-" for value in (row.base, row.head))


def _unit(row: Compared) -> str:
    """Nothing where the metric says it: instructions are counted in instructions."""
    return "" if row.unit == row.metric else row.unit


def effect(row: Compared) -> str:
    """``+21.4 %``; nothing where there is no verdict."""
    return "" if row.verdict is None else percent(_told(row.verdict.effect, row))


def between(row: Compared) -> str:
    """The interval of the effect."""
    if row.verdict is None:
        return ""
    if row.exact:
        return "exact"
    return interval(_told(row.verdict.low, row), _told(row.verdict.high, row))


def _told(ratio: float, row: Compared) -> float:
    """A tenth of a per cent is as fine as a timing is known; a count may change by less."""
    return ratio if row.exact or math.isinf(ratio) else round(ratio, 3) + 0.0


def mde(row: Compared) -> str:
    """What a change would have had to be to be seen, for those who read that there is none."""
    if row.exact or row.verdict is None or not math.isfinite(row.verdict.mde):
        return ""
    quiet = row.verdict.outcome in (Outcome.same, Outcome.unknown)
    return smallest_seen(row.verdict.mde) if quiet else ""


def rounds(row: Compared) -> str:
    """How many pairs of processes stand behind it; nothing where none is needed."""
    return "" if row.exact or row.verdict is None else f"{row.rounds}"


def reason(row: Compared) -> str:
    """Why there is no verdict, in one line; nothing where there is no more to say."""
    return clean(row.reason)


def picture(row: Compared) -> str:
    """A line from -25 % to +25 % with the interval on it: ``▕·····┣━━··▏``."""
    if row.verdict is None:
        return ""
    first, last = _cell(row.verdict.low), _cell(row.verdict.high)
    middle = _WIDTH // 2
    cells = ["·"] * _WIDTH
    cells[middle] = "│"
    for place in range(first, last + 1):
        cells[place] = "━"
    cells[_cell(row.verdict.effect)] = "┃" if first == last else "●"
    return f"▕{''.join(cells)}▏"


def _cell(ratio: float) -> int:
    inside = min(max(ratio, -_REACH), _REACH)
    return round((inside / _REACH + 1) / 2 * (_WIDTH - 1))


def closing(comparison: Comparison) -> Iterator[str]:
    """What comes after the table."""
    if any(map(mde, comparison.rows)):
        yield "MDE: the smallest change that would have been seen four times in five"
    for mean in comparison.geomeans:
        over = counted(mean.cells, "cell")
        yield f"geometric mean of {mean.metric} over {over}: {percent(mean.effect)}"
    if comparison.identical:
        yield (
            f"{counted(len(comparison.identical), 'cell')} the same by identity:"
            " both sides install the same files"
        )
    if comparison.calibration:
        yield false_alarms(comparison.calibration, comparison.generated_at)
