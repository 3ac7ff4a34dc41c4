"""What a comparison says in words: the same in every form of it."""

from __future__ import annotations

from collections.abc import Iterator

from tracker.model.comparisons import Compared
from tracker.model.findings import Outcome
from tracker.publish.comparing.contents import Comparison
from tracker.publish.sentences import false_alarms
from tracker.publish.wording import counted, duration, interval, percent, quantity, smallest_seen

#: the cells of a small picture of an interval: no change in the middle
_WIDTH = 11
#: the ends of the picture, as ratio
_REACH = 0.25


def verdict(comparison: Comparison) -> str:
    """The comparison in a few words: ``2 slower, 1 faster, 15 the same``."""
    parts = [
        f"{len(rows)} {word}"
        for outcome, word in (
            (Outcome.slower, "slower"),
            (Outcome.faster, "faster"),
            (Outcome.same, "the same"),
            (Outcome.unknown, "not decided"),
        )
        if (rows := comparison.of(outcome))
    ]
    if comparison.without:
        parts.append(f"{len(comparison.without)} without a verdict")
    if comparison.identical:
        parts.append(f"{counted(len(comparison.identical), 'cell')} identical")
    return ", ".join(parts) or "nothing to compare"


def headline(comparison: Comparison) -> str:
    """``demo · main..HEAD · machine bench-1 · 1:12``."""
    took = "stored results" if comparison.stored else duration(comparison.seconds)
    sides = f"{comparison.base.label}..{comparison.head.label}"
    return f"{comparison.project} · {sides} · machine {comparison.machine.name} · {took}"


def name(row: Compared) -> str:
    """``parse[size=8]``, and the metric where it is not the time."""
    return row.cell.title if row.metric == "time" else f"{row.cell.title} {row.metric}".rstrip()


def level(value: float | None, row: Compared) -> str:
    """A side's typical value."""
    return "" if value is None else quantity(value, row.unit)


def effect(row: Compared) -> str:
    """``+21.4 %``; nothing where there is no verdict."""
    return "" if row.verdict is None else percent(row.verdict.effect)


def between(row: Compared) -> str:
    """The interval of the effect."""
    if row.verdict is None:
        return ""
    exact = row.verdict.low == row.verdict.high
    return "exact" if exact else interval(row.verdict.low, row.verdict.high)


def seen(row: Compared) -> str:
    """What a change would have had to be to be seen, for those who read that there is none."""
    if row.verdict is None:
        return row.reason
    mde, rounds = row.verdict.mde, counted(row.rounds, "round")
    told = {
        Outcome.same: f"MDE {smallest_seen(mde, exact=row.exact)}",
        Outcome.unknown: f"MDE {smallest_seen(mde)} after {rounds}",
    }.get(row.verdict.outcome, rounds)
    return " · ".join(filter(None, (told, row.reason)))


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
    place = round((ratio / _REACH + 1) / 2 * (_WIDTH - 1))
    return min(max(place, 0), _WIDTH - 1)


def closing(comparison: Comparison) -> Iterator[str]:
    """What comes after the table."""
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
