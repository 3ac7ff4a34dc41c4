"""What a summary says in words and tables: the same in every form of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor, log10

from tracker.publish.deployment.contents import (
    Advice,
    Amount,
    Badge,
    Lost,
    Scaled,
    Sign,
    Speedup,
    Speedups,
    Summary,
    Timing,
)
from tracker.publish.scaling.words import ending, rate
from tracker.publish.wording import counted, percent, quantity

#: names that a sentence lists before it counts the rest
_LISTED = 3
#: what to do about a sign
_DO = {
    Sign.slow: "Profile it before it serves.",
    Sign.noisy: "Plan with its p99, not its median; `tracker doctor --tune` says what steadies"
    " this machine.",
    Sign.slow_warm_up: "Warm it up before it serves.",
    Sign.not_converged: "Its figures hold while it still warms up; a longer"
    " `policy.warmup_seconds` shows what comes after.",
    Sign.threads: "Its figures hold for the threads that it ran with.",
    Sign.early_stopped: "Its figures are single first calls.",
    Sign.subset: "Measure it on all of its data before you rely on it.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One part of a summary. The first column is text, the others are figures."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    #: the badges of each row, where rows have any
    badges: tuple[tuple[Badge, ...], ...] = ()
    #: what has to be known of the figures, code in backticks; may be empty
    note: str = ""
    #: what a picture beside the table shows
    pictured: Speedups | Sequence[Scaled] | None = None


def headline(summary: Summary) -> str:
    """``demo · suite parse@3 · machine bench-1``"""
    return " · ".join(
        (summary.project, f"suite {summary.suite}", f"machine {summary.machine.name}")
    )


def verdict(summary: Summary) -> str:
    """The summary in a few words: ``12 timings, 2 recommendations, 1 not measured``."""
    parts = [counted(len(summary.timings), "timing")]
    if summary.quality:
        parts.append(counted(len(summary.quality), "quality", "qualities"))
    if summary.advice:
        parts.append(counted(len(summary.advice), "recommendation"))
    if summary.lost:
        parts.append(f"{len(summary.lost):,} not measured")
    return ", ".join(parts)


def recommendation(of: Advice) -> str:
    """``noisy: load: varies by 21.0 % within processes; the limit is 15.0 %. Plan with ...``"""
    return f"{of.sign.value}: {grounds(of)} {remedy(of.sign)}"


def grounds(of: Advice) -> str:
    """``load: varies by 21.0 % within processes; the limit is 15.0 %.``"""
    listed = ", ".join(of.of[:_LISTED])
    more = f" and {len(of.of) - _LISTED} more" if len(of.of) > _LISTED else ""
    worst = "worst: " if len(of.of) > 1 else ""
    return f"{listed}{more}: {worst}{of.evidence}."


def remedy(sign: Sign) -> str:
    """What to do about a sign: our own words, with code in backticks."""
    return _DO[sign]


def lost(of: Lost) -> str:
    """``forward[batch=64]: timed out: gave no result within 300 s``"""
    return ": ".join(filter(None, (of.title, ending(of.state), of.reason)))


def tables(summary: Summary) -> Iterator[Table]:
    """The tables of a summary in the order that people read them; none that is empty."""
    if summary.timings:
        yield _latency(summary.timings)
    if summary.scaling:
        yield _scaling(summary.scaling)
    if summary.quality:
        yield _listed("Quality", summary.quality)
    if summary.memory:
        yield _pivot("Memory", summary.memory)
    if summary.work:
        yield _pivot("Work", summary.work)
    if summary.others:
        yield _listed("Others", summary.others)
    if summary.speedups and summary.speedups.rows:
        yield _speedups(summary.speedups)


def _latency(timings: Sequence[Timing]) -> Table:
    several = any(one.latency.calls > 1 for one in timings)
    return Table(
        title="Latency",
        head=(
            "benchmark",
            "p50",
            "p95",
            "p99",
            "throughput",
            "varies within",
            "between",
            "processes",
        ),
        rows=tuple(
            (
                one.name,
                *(quantity(x, "s") for x in (one.latency.p50, one.latency.p95, one.latency.p99)),
                "" if one.throughput is None else rate(one.throughput),
                _variation(one.within),
                "" if one.between is None else _variation(one.between),
                f"{one.processes:,}",
            )
            for one in timings
        ),
        badges=tuple(one.badges for one in timings),
        note="Percentiles are of all samples of all processes, throughput is that of their median"
        " process" + ("; a sample may be a mean over several calls." if several else "."),
    )


def _variation(share: float) -> str:
    return percent(round(share, 3), sign=False)


def _scaling(scaled: Sequence[Scaled]) -> Table:
    return Table(
        title="Scaling",
        head=("benchmark", "knee", "there", "highest throughput", "at", "of linear"),
        rows=tuple(
            (
                one.name,
                "none" if one.knee is None else f"{one.parameter} {one.knee:g}",
                "" if one.at_knee is None else rate(one.at_knee),
                rate(one.at_best),
                f"{one.parameter} {one.best:g}",
                percent(one.efficiency, sign=False),
            )
            for one in scaled
        ),
        badges=tuple(one.badges for one in scaled),
        pictured=scaled,
        note="Beyond the knee a larger size adds more latency than throughput.",
    )


def _pivot(title: str, amounts: Sequence[Amount]) -> Table:
    """A row a benchmark, a column a metric."""
    metrics = tuple(dict.fromkeys(one.metric for one in amounts))
    known = {(one.name, one.metric): _value(one, 3) for one in amounts}
    names = tuple(dict.fromkeys(one.name for one in amounts))
    return Table(
        title=title,
        head=("benchmark", *(metric.replace("_", " ") for metric in metrics)),
        rows=tuple(
            (name, *(known.get((name, metric), "") for metric in metrics)) for name in names
        ),
        badges=tuple(
            tuple(dict.fromkeys(x for one in amounts if one.name == name for x in one.badges))
            for name in names
        ),
    )


def _listed(title: str, amounts: Sequence[Amount]) -> Table:
    return Table(
        title=title,
        head=("benchmark", "metric", "value"),
        rows=tuple((one.name, one.metric.replace("_", " "), _value(one, 4)) for one in amounts),
        badges=tuple(one.badges for one in amounts),
    )


def _value(one: Amount, digits: int) -> str:
    return quantity(one.value, "" if one.unit == one.metric else one.unit, digits)


def _speedups(speedups: Speedups) -> Table:
    rows = (*speedups.rows, ("geometric mean", speedups.means))
    columns = (x for column in speedups.columns for x in (column, "95 % interval"))
    return Table(
        title=f"Speed-up against {speedups.reference}",
        head=("benchmark", *columns),
        rows=tuple((name, *(x for one in ones for x in _pair(one))) for name, ones in rows),
        pictured=speedups,
        note="Above 1 is faster. Ratios of what is stored; `tracker compare` measures both sides"
        " in pairs.",
    )


def _pair(one: Speedup | None) -> tuple[str, str]:
    if one is None:
        return "", ""
    told = f"[{', '.join(map(times, one.bounds))}]" if one.bounds else "too few processes"
    return f"{times(one.ratio)}×", told


def times(ratio: float) -> str:
    """``1.25``, ``0.984``, ``12.4``: three significant digits."""
    return f"{ratio:,.{max(0, 2 - floor(log10(ratio)))}f}"
