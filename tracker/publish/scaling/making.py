"""From the series of a report to its scaling curves. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from tracker.model.cells import Coordinate
from tracker.model.scaling import FEWEST, Curve, curves
from tracker.model.series import History
from tracker.model.standing import Standing
from tracker.model.suites import Direction
from tracker.publish.contents import Failure, Series
from tracker.publish.scaling.contents import End, Latency, Rung, ScalingCurve
from tracker.publish.spots import Spot
from tracker.statistics.scaling import efficiencies, knee

#: metrics that say how much memory a size takes, the most telling first
MEMORY = ("device_memory_allocated", "device_memory_reserved", "peak_memory", "tensor_memory")


def drawn_curves(
    series: Sequence[Series],
    failures: Sequence[Failure],
    parameters: Sequence[str],
    standings: Sequence[Standing],
) -> tuple[ScalingCurve, ...]:
    """The curves among the timings of a report.

    Args:
        series: all of the report.
        failures: what gave no values, by title.
        parameters: names of parameters that scale.
        standings: raw samples of ``newest_commit``, where they are known.
    """
    sampled = newest_commit(series, parameters)
    by_hash = {one.series: one for one in series}
    found = curves((one.coordinate for one in series), parameters)
    memories = {
        _cell(curve.shared): curve
        for metric in reversed(MEMORY)
        for curve in found
        if curve.shared.metric == metric
    }
    samples = {one.coordinate.series: one for one in standings}
    drawn = (
        _drawn(curve, memories.get(_cell(curve.shared)), by_hash, failures, {sampled: samples})
        for curve in found
        if curve.is_timed
    )
    return tuple(curve for curve in drawn if curve)


def newest_commit(series: Sequence[Series | History], parameters: Sequence[str]) -> str:
    """SHA of the newest commit at which a curve has values; empty where there is none."""
    found = curves((one.coordinate for one in series), parameters)
    points = {point.series for curve in found for point in curve.points}
    newest = max(
        (
            (point.commit.position, point.commit.sha)
            for one in series
            if one.series in points
            for point in one.points
            if point.values
        ),
        default=(0, ""),
    )
    return newest[1]


def percentiles(standing: Standing) -> Latency:
    """Of the samples of all processes, interpolated between neighbours."""
    p50, p95, p99 = np.percentile(standing.samples, (50, 95, 99)).tolist()
    return Latency(p50=p50, p95=p95, p99=p99, calls=standing.loops)


def _cell(coordinate: Coordinate) -> Coordinate:
    """What the metrics of one benchmark have in common."""
    return replace(coordinate, metric="-", unit="-", direction=Direction.none, exact=False)


def _drawn(
    curve: Curve,
    memory: Curve | None,
    series: Mapping[str, Series],
    failures: Sequence[Failure],
    samples: Mapping[str, Mapping[str, Standing]],
) -> ScalingCurve | None:
    """None where no commit has enough sizes."""
    of_sizes = {point.size: series[point.series] for point in curve.points}
    commits = _commits(of_sizes.values())
    if not commits:
        return None
    first, newest = commits[0], commits[-1]
    held = {point.size: series[point.series] for point in memory.points} if memory else {}
    sampled = samples.get(newest, {})
    given = [
        rung
        for size, one in of_sizes.items()
        if (rung := _rung(size, one, newest, held.get(size), sampled.get(one.series)))
    ]
    lost = _lost(curve, failures, newest, {rung.size for rung in given})
    rungs = sorted([*given, *lost], key=lambda rung: rung.size)
    if first != newest:
        rungs = [
            replace(rung, before=_rate(rung.size, of_sizes.get(rung.size), first)) for rung in rungs
        ]
    any_series = next(iter(of_sizes.values()))
    return ScalingCurve(
        name=any_series.name.replace(any_series.title, curve.title, 1),
        parameter=curve.parameter,
        commit=newest,
        reference=first,
        rungs=_with_efficiency(rungs),
        memory_metric=memory.shared.metric if memory else "",
        knee=_knee([(rung.size, rung.throughput) for rung in rungs]),
        knee_before=_knee([(rung.size, rung.before) for rung in rungs if rung.throughput]),
        end=_end(rungs),
    )


def _commits(series: Iterable[Series]) -> list[str]:
    """SHAs of the commits where enough sizes have values, oldest first."""
    counts: dict[tuple[int, str], int] = {}
    for one in series:
        for point in one.points:
            if point.values and min(point.values) > 0:
                key = (point.commit.position, point.commit.sha)
                counts[key] = counts.get(key, 0) + 1
    return [sha for (_, sha), count in sorted(counts.items()) if count >= FEWEST]


def _spot(one: Series | None, sha: str) -> Spot | None:
    return next((spot for spot in one.spots if spot.commit == sha), None) if one else None


def _rate(size: float, timing: Series | None, sha: str) -> float | None:
    """Throughput of a size at a commit."""
    spot = _spot(timing, sha)
    return size / spot.value if spot and spot.value else None


def _rung(
    size: float, timing: Series, commit: str, held: Series | None, standing: Standing | None
) -> Rung | None:
    """None where the size has no values at the commit."""
    here, memory = _spot(timing, commit), _spot(held, commit)
    if here is None or not here.value or not here.low or not here.high:
        return None
    return Rung(
        size=size,
        series=timing.series,
        state=here.state,
        reason=here.reason,
        latency=percentiles(standing) if standing else None,
        throughput=size / here.value,
        low=size / here.high,
        high=size / here.low,
        memory=memory.value if memory else None,
    )


def _lost(
    curve: Curve, failures: Sequence[Failure], commit: str, measured: set[float]
) -> Iterator[Rung]:
    """The sizes that gave no values at a commit, known ones and those that never gave any."""
    seen = set(measured)
    for failure in failures:
        size = curve.size_of(failure.title)
        if size is not None and size not in seen and commit in failure.commits:
            seen.add(size)
            yield Rung(size=size, series="", state=failure.state, reason=failure.reason)


def _with_efficiency(rungs: Sequence[Rung]) -> tuple[Rung, ...]:
    told = [(rung.size, rung.throughput) for rung in rungs if rung.throughput]
    of_size = dict(
        zip(
            (size for size, _ in told),
            efficiencies(*map(np.array, zip(*told, strict=True))).tolist(),
            strict=True,
        )
    )
    return tuple(replace(rung, efficiency=of_size.get(rung.size)) for rung in rungs)


def _knee(points: Sequence[tuple[float, float | None]]) -> float | None:
    told = [(size, rate) for size, rate in points if rate]
    if len(told) < FEWEST:
        return None
    sizes, rates = map(np.array, zip(*told, strict=True))
    return knee(sizes, rates)


def _end(rungs: Sequence[Rung]) -> End | None:
    """The first size that does not work and that no working one follows."""
    good = [rung.size for rung in rungs if rung.throughput]
    beyond = [rung for rung in rungs if rung.size > max(good)]
    if not beyond:
        return None
    first = beyond[0]
    return End(size=first.size, state=first.state, reason=first.reason, last_good=max(good))
