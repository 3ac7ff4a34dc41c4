"""From what a commit gave to its summary. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from statistics import median

import numpy as np

from tracker.config.settings import PolicySettings, ProjectSettings
from tracker.model.cells import NOT_APPLICABLE, Coordinate
from tracker.model.commits import Commit
from tracker.model.machines import Machine
from tracker.model.measurements import State
from tracker.model.scaling import curves, size
from tracker.model.standing import Standing
from tracker.model.suites import Kind, Suite
from tracker.publish.assembling import Unsuccessful
from tracker.publish.deployment.contents import Amount, Lost, Scaled, Speedups, Summary, Timing
from tracker.publish.deployment.signs import advice, of_data, of_timing
from tracker.publish.naming import natural, told_apart
from tracker.publish.report import link, suite_name
from tracker.publish.scaling.making import percentiles
from tracker.publish.wording import clean, series_name
from tracker.statistics.robust import variation
from tracker.statistics.scaling import efficiencies, knee, throughputs

#: units of memory, and of counts
_BYTES = ("bytes", "byte", "B")
#: metrics of a process, not of a call: nothing follows for how many calls fit into a second
_NO_CALL = (
    *("first_call", "second_call", "first_token", "second_token", "later_token", "per_token"),
    *("first_generate", "second_generate", "first_forward", "first_train"),
    *("load_time", "load_model", "import_time", "cpu_time"),
)


def summary(
    *,
    project: ProjectSettings,
    suite: Suite,
    machine: Machine,
    commit: Commit,
    standings: Sequence[Standing],
    failures: Iterable[Unsuccessful],
    policy: PolicySettings,
    speedups: Speedups | None,
    generated_at: datetime,
) -> Summary:
    """Put together what a reader sees.

    Args:
        standings: what the commit gave in each series of the suite.
        failures: what ended without values at it.
        generated_at: now, aware.
    """
    variants = told_apart(one.coordinate for one in standings)
    ordered = sorted(standings, key=lambda one: _order(one.coordinate))
    timings = tuple(
        _timing(one, variants[one.coordinate], policy) for one in ordered if is_timing(one)
    )
    amounts = [
        (one.coordinate, _amount(one, variants[one.coordinate]))
        for one in ordered
        if not is_timing(one)
    ]

    def of(kind: str) -> tuple[Amount, ...]:
        return tuple(amount for coordinate, amount in amounts if _kind(coordinate) == kind)

    return Summary(
        project=clean(project.name),
        url=link(project.commit_url, commit),
        suite=suite_name(suite),
        machine=machine,
        commit=replace(commit, subject=clean(commit.subject), author=clean(commit.author)),
        generated_at=generated_at,
        timings=timings,
        scaling=tuple(_scaled(ordered, policy.scaling)),
        memory=of("memory"),
        work=of("work"),
        quality=of("quality"),
        others=of("other"),
        lost=tuple(sorted(_lost(failures), key=lambda one: natural(one.title))),
        advice=advice([*timings, *(amount for _, amount in amounts)]),
        speedups=speedups,
    )


def is_timing(standing: Standing) -> bool:
    """Is it measured in seconds, and no quality?"""
    coordinate = standing.coordinate
    timed = coordinate.unit == "s" and not coordinate.exact
    return timed and coordinate.kind is Kind.performance


def _kind(coordinate: Coordinate) -> str:
    if coordinate.kind is Kind.quality:
        return "quality"
    if coordinate.unit in _BYTES:
        return "memory"
    return "work" if coordinate.exact else "other"


def _order(coordinate: Coordinate) -> tuple[object, ...]:
    return natural(coordinate.title), coordinate.metric != "time", coordinate.metric


def _timing(standing: Standing, variant: str, policy: PolicySettings) -> Timing:
    coordinate = standing.coordinate
    within = median(variation(np.array(one.samples)) for one in standing.processes)
    between = variation(np.array(standing.values)) if len(standing.values) > 1 else None
    handled = _size(coordinate, policy.scaling)
    value = median(standing.values)
    is_call = coordinate.metric not in _NO_CALL
    items = handled or 1.0
    return Timing(
        name=series_name(coordinate.title, coordinate.metric, NOT_APPLICABLE, variant),
        metric=coordinate.metric,
        size=handled,
        latency=percentiles(standing),
        throughput=items / value if is_call and value > 0 else None,
        processes=len(standing.processes),
        within=within,
        between=between,
        badges=tuple(
            of_timing(
                standing,
                per_item=value / items if is_call else None,
                within=within,
                between=between,
                policy=policy,
            )
        ),
    )


def _scaled(standings: Sequence[Standing], scaling: Sequence[str]) -> Iterator[Scaled]:
    """One for each curve of times of calls."""
    timed = {one.coordinate: one for one in standings if is_timing(one) and min(one.values) > 0}
    of_series = {coordinate.series: one for coordinate, one in timed.items()}
    found = [curve for curve in curves(timed, scaling) if curve.is_timed]
    variants = told_apart(curve.shared for curve in found)
    for curve in found:
        sizes = np.array(curve.sizes)
        times = [median(of_series[point.series].values) for point in curve.points]
        rates = throughputs(sizes, np.array(times))
        bend = knee(sizes, rates)
        best = int(np.argmax(rates))
        yield Scaled(
            name=series_name(
                curve.title, curve.shared.metric, NOT_APPLICABLE, variants[curve.shared]
            ),
            parameter=curve.parameter,
            knee=bend,
            at_knee=None if bend is None else float(rates[curve.sizes.index(bend)]),
            best=curve.sizes[best],
            at_best=float(rates[best]),
            efficiency=float(efficiencies(sizes, rates)[best]),
            points=tuple(zip(curve.sizes, map(float, rates), strict=True)),
            badges=tuple(of_data(of_series[curve.points[0].series])),
        )


def _size(coordinate: Coordinate, scaling: Sequence[str]) -> float | None:
    known = dict(coordinate.parameters)
    return next((size(known[name]) for name in scaling if name in known), None)


def _amount(standing: Standing, variant: str) -> Amount:
    coordinate = standing.coordinate
    return Amount(
        name=series_name(coordinate.title, "time", NOT_APPLICABLE, variant),
        metric=coordinate.metric,
        unit=coordinate.unit,
        value=median(standing.values),
        exact=coordinate.exact,
        direction=coordinate.direction,
        badges=tuple(of_data(standing)),
    )


def _lost(failures: Iterable[Unsuccessful]) -> Iterator[Lost]:
    for one in failures:
        if one.state is not State.unsupported:  # the benchmark's own wish
            yield Lost(title=clean(one.title), state=one.state, reason=clean(one.reason))
