"""Simulated histories of values, for tests of detection."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tests.support.values import commit
from tracker.config.settings import PolicySettings
from tracker.model.cells import Coordinate
from tracker.model.measurements import State
from tracker.model.series import History, Point
from tracker.model.suites import Direction, Kind
from tracker.statistics.arrays import Floats

POLICY = PolicySettings(
    processes=5,
    samples=10,
    sample_seconds=0.01,
    warmup_iterations=10,
    warmup_seconds=1.0,
    preflight_seconds=60.0,
    preflight_item_seconds=0.05,
    noisy=0.15,
    package=False,
    timeout=600.0,
    memory_bytes=0,
    device_absent="fail",
    device_memory_bytes=0,
    telemetry_interval=0.2,
    loaded_share=0.25,
    throttled_share=0.01,
    suspended_seconds=1.0,
    process_value="median",
    counts=("instructions",),
    count_processes=2,
    count_seconds=30.0,
    noisy_processes=2,
    noisy_stretch=4.0,
    reference="none",
    affinity=(),
    retries=1,
    batch_commits=10,
    seed=0,
    rounds=40,
    turns=100,
    turn_seconds=0.001,
    confirm_seconds=600.0,
    nightly_seconds=21600.0,
    band=0.02,
    practical=0.01,
    practical_counts=0.001,
    alpha=0.01,
    scaling=("batch", "batch_size"),
)


def coordinate(
    benchmark: str = "parse",
    *,
    metric: str = "time",
    direction: Direction = Direction.less,
    exact: bool = False,
    python: str = "cpython-3.11.7",
    environment_class: str = "env-a",
    machine_class: str = "bench-1",
) -> Coordinate:
    return Coordinate(
        project="demo",
        suite="suite",
        suite_hash="hash",
        benchmark=benchmark,
        parameters=(("size", "8"),),
        kind=Kind.performance,
        metric=metric,
        unit="s",
        direction=direction,
        exact=exact,
        harness="python",
        backend="python",
        precision="-",
        dataset="-",
        device="cpu",
        threads=1,
        python=python,
        environment_class=environment_class,
        machine_class=machine_class,
        profile="nightly",
    )


def point(
    position: int,
    values: Sequence[float] | Floats = (),
    *,
    build: str = "",
    state: State | None = None,
    reason: str = "",
) -> Point:
    return Point(
        commit=commit(position),
        build=build or f"build-{position}",
        values=tuple(float(value) for value in values),
        rounds=tuple(range(len(values))),
        state=state or (State.measured if len(values) else State.benchmark_failed),
        reason=reason,
    )


def history(
    points: Sequence[Point] | Floats, of: Coordinate | None = None, *, first: int = 0
) -> History:
    """A history of ready points, or of (commits, processes) values."""
    if isinstance(points, np.ndarray):
        points = [point(first + at, row.tolist()) for at, row in enumerate(points)]
    where = of or coordinate()
    return History(series=where.series, coordinate=where, points=tuple(points))


NOISES = ("lognormal", "right tail", "slow mode", "drift", "two speeds", "builds", "rounded")


def noise(
    kind: str, commits: int, processes: int, sd: float, random: np.random.Generator
) -> Floats:
    """Logarithms of process values around 0, (commits, processes); sd of the core of a process.

    drift: rounds of a batch of ten commits share their own offset of twice the sd, and the
    batch's mean stays; two speeds: a tenth of the processes is 1.6 times slower; builds: every
    build has an offset of half the sd of its own.
    """
    shape = (commits, processes)
    core = random.normal(0, sd, shape)
    match kind:
        case "lognormal":
            values = core
        case "right tail":
            values = 0.7 * core + (random.random(shape) < 0.15) * random.exponential(5 * sd, shape)
        case "slow mode":
            values = 0.7 * core + (random.random(shape) < 0.3) * 3.5 * sd
        case "drift":
            rounds = random.normal(0, 2 * sd, (-(-commits // 10), processes))
            rounds -= rounds.mean(axis=1, keepdims=True)
            values = core + np.repeat(rounds, 10, axis=0)[:commits]
        case "two speeds":
            values = core + (random.random(shape) < 0.1) * np.log(1.6)
        case "builds":
            values = core + random.normal(0, sd / 2, (commits, 1))
        case "rounded":
            values = np.round(core / sd) * sd
        case _:
            raise ValueError(kind)
    return np.asarray(values, dtype=np.float64)
