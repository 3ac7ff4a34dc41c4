"""How a number is made: preflight, loops, warm-up, samples, and whether they are numbers at all."""

from __future__ import annotations

import gc
import os
from itertools import repeat
from time import perf_counter

from .steadiness import WINDOW, shifted, steady, variation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .baton import Baton
    from .task import Task

#: what a job may leave out; the engine's policy gives all of it
DEFAULTS = {
    "samples": 10,
    "sample_seconds": 0.01,
    "loops": 0,
    "warmup_iterations": 500,
    "warmup_seconds": 1.0,
    "preflight_seconds": 60.0,
    "preflight_item_seconds": 0.0,
    "count_seconds": 30.0,
    "noisy": 0.15,
}


class Outcome:
    """What one task gave: readings, flags, and how it ended."""

    def __init__(self, state: str = "measured", reason: str = "") -> None:
        self.state = state
        self.reason = reason
        self.readings: list[dict[str, Any]] = []
        #: (name, why)
        self.flags: list[tuple[str, str]] = []
        #: of the last sample, for what else may be afforded; 0 where nothing was timed
        self.call_seconds = 0.0


def carry_out(task: Task, protocol: dict[str, Any], baton: Baton | None = None) -> Outcome:
    """Measure a task. Whatever the benchmark raises passes through.

    With a baton a timed task takes its samples in turns with another process.
    """
    rules = {**DEFAULTS, **protocol, **task.overrides}
    outcome = _timed(task, rules, baton) if task.call is not None else _self_measured(task)
    for reading in outcome.readings:
        is_time = reading["unit"] == "s" and reading["kind"] == "performance"
        if wrong := flaw(reading["samples"], signed=not is_time):
            failed = Outcome("benchmark-failed", "%s: %s" % (reading["metric"], wrong))
            failed.flags = outcome.flags
            return failed
    return outcome


def plain_number(value: Any) -> Any:
    """A number of any library as one of Python's; what is none, as it is."""
    if isinstance(value, (bool, int, str, bytes)) or not hasattr(value, "__float__"):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):  # an array of several
        return value


def flaw(samples: list[Any], *, signed: bool) -> str:
    """Say what is wrong with samples; "" where nothing is. Only a time cannot be negative."""
    if not samples:
        return "the benchmark returned no samples"
    for sample in samples:
        if isinstance(sample, bool) or not isinstance(sample, (int, float)):
            return "the benchmark returned %s, which is no number" % type(sample).__name__
        if sample - sample != 0:
            return "the benchmark returned %r" % sample
        if sample < 0 and not signed:
            return "the benchmark returned a negative time, %r" % sample
    return ""


def _self_measured(task: Task) -> Outcome:
    outcome = Outcome()
    task.setup()
    try:
        for reading in task.readings():
            outcome.readings.append(_reading(task, **reading))
    finally:
        task.teardown()
    if not (outcome.readings or task.hands_over):
        return Outcome("benchmark-failed", "the benchmark returned no samples")
    return outcome


def _reading(task: Task, **fields: Any) -> dict[str, Any]:
    main = {
        "metric": task.metric,
        "unit": task.unit,
        "direction": task.direction,
        "kind": task.kind,
        "exact": task.exact,
        "loops": 1,
        "warmup": [],
    }
    return {**main, **fields}


def extra_reading(metric: str, unit: str, value: float, *, exact: bool = False) -> dict[str, Any]:
    """One number beside what the benchmark exists for."""
    return {
        "metric": metric,
        "unit": unit,
        "direction": "lower",
        "kind": "performance",
        "exact": exact,
        "samples": [value],
        "loops": 1,
        "warmup": [],
    }


def _timed(task: Task, rules: dict[str, Any], baton: Baton | None) -> Outcome:
    stopwatch = _Stopwatch(task)
    with stopwatch:
        told = [_reading(task, metric=m, samples=[stopwatch.per_call(1)]) for m in task.firsts]
        curve = [each["samples"][0] for each in told] or [stopwatch.per_call(1)]
        first = curve[-1]
        if reason := _too_slow(task, first, rules):
            outcome = Outcome("early-stopped", reason)
            outcome.readings = [_reading(task, samples=[first]), *told]
            return outcome
        loops = int(rules["loops"])
        if not loops:
            loops, tried = _calibrated(stopwatch, first, rules["sample_seconds"])
            curve += tried
        warmup, converged = _warmed_up(stopwatch, loops, rules)
        task.sampling()
        if baton is None:
            samples = [stopwatch.per_call(loops) for _ in repeat(None, int(rules["samples"]))]
        else:
            loops, samples = _in_turns(stopwatch, loops, baton)
        beside = task.beside()
        wrong = task.wrong()
    if not samples:
        return Outcome("benchmark-failed", "the other process of the pair ended before a turn")
    if wrong:
        return Outcome("benchmark-failed", wrong)
    outcome = Outcome()
    main = _reading(task, samples=samples, loops=loops, warmup=curve + warmup)
    outcome.readings = [main, *told, *(_reading(task, **each) for each in beside)]
    if not converged:
        outcome.flags.append(("not-converged", "not steady after %d batches" % len(warmup)))
    if variation(samples) > rules["noisy"]:
        outcome.flags.append(("noisy", "robust variation %.3g" % variation(samples)))
    if place := shifted(samples):
        outcome.flags.append(
            ("unsteady", "another level from sample %d of %d on" % (place, len(samples)))
        )
    outcome.call_seconds = samples[-1]
    return outcome


def _too_slow(task: Task, first: float, rules: dict[str, Any]) -> str:
    """Why the first call says that more of them are not worth their time; "" where it does not."""
    limit = rules["preflight_seconds"]
    if limit and first >= limit:
        return "the first call took %.3g s, the limit is %.3g s" % (first, limit)
    limit = rules["preflight_item_seconds"]
    if limit and task.items and first / task.items >= limit:
        return "the first call took %.3g s for each of %d items, the limit is %.3g s" % (
            first / task.items,
            task.items,
            limit,
        )
    return ""


def _in_turns(stopwatch: _Stopwatch, loops: int, baton: Baton) -> tuple[int, list[float]]:
    """The number of calls that both processes take, and a sample for each turn."""
    samples: list[float] = []
    given = baton.turn(loops)
    while given:
        loops = given
        samples.append(stopwatch.per_call(loops))
        given = baton.turn(loops)
    return loops, samples


class _Stopwatch:
    """Times batches of calls, as timeit does: nothing but the calls, no garbage collection."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._each = task.setup_each_sample
        self._owner = os.getpid()

    def __enter__(self) -> None:
        if not self._each:
            self._task.setup()

    def __exit__(self, *error: object) -> None:
        if hasattr(gc, "unfreeze"):
            gc.unfreeze()
        if not self._each:
            self._task.teardown()

    def per_call(self, loops: int) -> float:
        """Seconds of one call, averaged over one batch.

        Where the benchmark forked and let the child return, the child ends here.
        """
        if self._each:
            self._task.setup()
        try:
            seconds = self._batch(loops)
            if os.getpid() != self._owner:
                os._exit(0)
            return seconds / loops
        finally:
            if self._each:
                self._task.teardown()

    def _batch(self, loops: int) -> float:
        call = self._task.call
        assert call is not None
        gc.collect()
        if hasattr(gc, "freeze"):
            gc.freeze()  # what lives on need not be visited again: the next collection is short
        collecting = gc.isenabled()
        gc.disable()
        try:
            iterations, clock = repeat(None, loops), self._task.clock
            start = clock.start()
            for _ in iterations:
                call()
            return clock.stop(start)
        finally:
            if collecting:
                gc.enable()


def _calibrated(stopwatch: _Stopwatch, first: float, target: float) -> tuple[int, list[float]]:
    """Find the fewest calls, of 1, 2, 5, 10, 20, ..., that last long enough together.

    Round numbers, so that processes mostly agree. The first call, which fills caches,
    is not believed beyond a factor of ten.
    """
    tried: list[float] = []
    loops, seconds = 1, first
    while loops * seconds < target:
        wanted = min(target / max(seconds, 1e-9), 10.0 * loops)
        loops = max(_round_up(wanted), _round_up(loops + 1))
        seconds = stopwatch.per_call(loops)
        tried.append(seconds)
    return loops, tried


def _round_up(number: float) -> int:
    power = 1
    while True:
        for step in (1, 2, 5):
            if step * power >= number:
                return step * power
        power *= 10


def _warmed_up(
    stopwatch: _Stopwatch, loops: int, rules: dict[str, Any]
) -> tuple[list[float], bool]:
    """Run batches until they are steady or a limit is reached: the curve, and whether it is steady.

    A limit of 0 means no warm-up, which then cannot fail to converge. Where time allowed
    fewer batches than two windows, what there is decides.
    """
    iterations, seconds = int(rules["warmup_iterations"]), rules["warmup_seconds"]
    curve: list[float] = []
    if not iterations or not seconds:
        return curve, True
    deadline = perf_counter() + seconds
    while len(curve) < iterations and perf_counter() < deadline:
        curve.append(stopwatch.per_call(loops))
        if steady(curve):
            return curve, True
    return curve, len(curve) < 2 * WINDOW and steady(curve, max(1, len(curve) // 2))
