"""Under what circumstances a commit was measured: where to look when a number is odd. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from tracker.engine.conditions import cores_of_others
from tracker.model.measurements import Observed
from tracker.model.telemetry import Telemetry
from tracker.publish.wording import clean, counted, percent

_BY = {
    "cgroup": "its limit kept by the kernel",
    "looks": "its limit kept by looks at it now and then",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """The processes of one cell; a median over them where nothing else is said."""

    #: of the cell
    name: str
    processes: int
    #: wall time of a process, seconds
    seconds: float
    #: processor time of a process, seconds; None, as below: nobody looked, or there is no sensor
    cpu: float | None
    #: most memory that a process held, bytes; the largest of them
    memory: float | None
    #: cores that others used meanwhile, on average
    others: float | None
    #: of the core it was on, Hz
    frequency: float | None
    #: of the hottest processor, °C; the highest of them
    temperature: float | None
    #: (flag, processes that have it), most often first
    flags: tuple[tuple[str, int], ...]


def circumstances(
    observed: Sequence[Observed], names: Mapping[str, str]
) -> tuple[Circumstances, ...]:
    """One for each cell.

    Args:
        names: key of a cell -> how it is called, in order; others come last, by their title.
    """
    order = {key: number for number, key in enumerate(names)}
    cells: dict[str, list[Observed]] = defaultdict(list)
    for one in observed:
        cells[one.cell].append(one)
    return tuple(
        _of_cell(clean(names.get(key, cells[key][0].title)), cells[key])
        for key in sorted(cells, key=lambda key: order.get(key, len(order)))
    )


def _of_cell(name: str, ones: Sequence[Observed]) -> Circumstances:
    told = [one.telemetry for one in ones if one.telemetry]
    spent = (channel.growth for one in told if (channel := one.channel("cpu_time")))
    return Circumstances(
        name=name,
        processes=len(ones),
        seconds=median(one.seconds for one in ones),
        cpu=_middle(spent),
        memory=max((one.guarded.peak_bytes for one in ones if one.guarded), default=None),
        others=_middle(map(cores_of_others, told)),
        frequency=_middle(_readings(told, "frequency")),
        temperature=max(_readings(told, "temperature"), default=None),
        flags=tuple(Counter(flag for one in ones for flag in one.flags).most_common()),
    )


def _middle(values: Iterable[float]) -> float | None:
    known = list(values)
    return median(known) if known else None


def _readings(told: Iterable[Telemetry], name: str) -> Iterator[float]:
    for one in told:
        if channel := one.channel(name):
            yield from channel.values


def watching(observed: Sequence[Observed]) -> str:
    """``Memory: its limit kept by the kernel. Watching took 0.3 % of the time.``"""
    ways = Counter(one.guarded.watched_by for one in observed if one.guarded)
    over = Counter(one.guarded.limit for one in observed if one.guarded and one.guarded.limit)
    told = [f"Memory: {', '.join(_BY.get(way, way) for way in ways)}."] if ways else []
    told += [
        f"Over the limit of {limit.replace('-', ' ')}: {counted(number, 'process', 'processes')}."
        for limit, number in over.items()
    ]
    watched = [one for one in observed if one.telemetry and one.seconds]
    if watched:
        cost = sum(one.telemetry.overhead for one in watched if one.telemetry)
        share = percent(cost / sum(one.seconds for one in watched), sign=False)
        told.append(f"Watching took {share} of the time.")
    return " ".join(told)
