"""What a process left behind, turned into a measurement. Pure."""

from __future__ import annotations

import math
import signal
import statistics
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tracker.machine.program import Ended
from tracker.model.cells import NOT_APPLICABLE, Coordinate
from tracker.model.environments import Build
from tracker.model.machines import Machine
from tracker.model.measurements import Measurement, Provenance, Reading, State
from tracker.model.requests import Measure
from tracker.model.suites import Direction, Kind

Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is known about an attempt besides what the process said."""

    run: str
    project: str
    build: Build
    machine: Machine
    #: directory that the project's package must have been imported from
    prefix: Path
    started_at: datetime
    load_before: float
    load_after: float
    #: "median" or "minimum"
    process_value: str
    #: what was seen of it from outside, see ``tracker.engine.conditions``
    flags: tuple[str, ...] = ()


def measurement(request: Measure, ended: Ended, around: Circumstances) -> Measurement:
    """The measurement that a process of ``request`` amounts to, whatever way it ended."""
    end = _last(ended.lines, "end")
    provenance = _provenance(ended.lines, end, around)
    state, reason = _state(ended, end, provenance, around.prefix)
    readings: tuple[Reading, ...] = ()
    if provenance is not None:
        readings = tuple(
            _reading(line, request, provenance, around, neutral=_neutral(end))
            for line in _kept(ended.lines, state)
        )
    if state.has_values and not readings:
        state, reason = State.benchmark_failed, "the benchmark returned no samples"
    return Measurement(
        run=around.run,
        commit="" if request.commit.stands_for else request.commit.sha,
        build=request.build,
        cell=request.cell.key,
        round=request.round,
        purpose=request.purpose,
        batch=request.batch,
        position=request.position,
        state=state,
        reason=reason,
        output="" if state is State.measured else ended.output,
        started_at=around.started_at,
        seconds=ended.seconds,
        exit_code=ended.exit_code,
        readings=readings,
        flags=tuple(sorted({*_told_flags(ended.lines), *around.flags})),
        provenance=provenance,
        guarded=ended.guarded,
        telemetry=ended.telemetry,
    )


def _kept(lines: Sequence[Line], state: State) -> list[Line]:
    """The lines of readings that are worth keeping after such an end.

    A reading is a result of the whole, a sample was true when it was told.
    """
    kept = [line for line in lines if line.get("event") == "reading" and state.has_values]
    if state.may_have_samples:
        told: dict[str, list[float]] = {}
        first: dict[str, Line] = {}
        for line in lines:
            if line.get("event") == "sample":
                told.setdefault(line["metric"], []).append(line["value"])
                first.setdefault(line["metric"], line)
        kept += [{**line, "samples": told[metric]} for metric, line in first.items()]
    return kept


def _told_flags(lines: Sequence[Line]) -> set[str]:
    return {str(line["name"]) for line in lines if line.get("event") == "flag"}


def _last(lines: Sequence[Line], event: str) -> Line | None:
    return next((line for line in reversed(lines) if line.get("event") == event), None)


def _state(
    ended: Ended, end: Line | None, provenance: Provenance | None, prefix: Path
) -> tuple[State, str]:
    if ended.how == "timed-out":
        return State.timed_out, f"gave no result within {ended.seconds:.0f} s"
    if ended.how == "memory":
        taken = f"{_mib(ended.guarded.peak_bytes)} of memory"
        return State.resource_exceeded, f"took {taken}: policy.memory_bytes is the limit"
    if ended.how == "device-memory":
        taken = f"{_mib(ended.guarded.peak_device_bytes)} of the memory of accelerators"
        return State.resource_exceeded, f"took {taken}: policy.device_memory_bytes is the limit"
    if end is None:
        return _without_a_word(ended.exit_code)
    state = State(end["state"])
    if state.has_values and provenance is not None and not _belongs(provenance, prefix):
        return (
            State.quarantined,
            f"imported from {provenance.imported_from}, not from the commit's environment",
        )
    return state, str(end.get("reason", ""))


def _mib(number: int) -> str:
    return f"{number / 2**20:.0f} MiB"


def _without_a_word(exit_code: int | None) -> tuple[State, str]:
    if exit_code == -signal.SIGKILL:
        return State.resource_exceeded, "killed by the system, which may be out of memory"
    if exit_code is not None and exit_code < 0:
        return State.benchmark_failed, f"the process died of {signal.Signals(-exit_code).name}"
    return (
        State.benchmark_failed,
        f"the process left with exit code {exit_code} before it gave a result",
    )


def _belongs(provenance: Provenance, prefix: Path) -> bool:
    return not provenance.imported_from or Path(provenance.imported_from).is_relative_to(prefix)


def _provenance(
    lines: Sequence[Line], end: Line | None, around: Circumstances
) -> Provenance | None:
    hello = _last(lines, "hello")
    if hello is None:
        return None
    end = {**(_last(lines, "used") or {}), **(end or {})}
    known = {"event", "python", "imported_from", "threads"}
    extra = {name: value for name, value in hello.items() if name not in known}
    return Provenance(
        backend=str(end.get("backend") or "python"),
        precision=str(end.get("precision") or NOT_APPLICABLE),
        dataset=str(end.get("dataset") or NOT_APPLICABLE),
        device=str(end.get("device") or "cpu"),
        threads=int(end.get("threads") or hello["threads"]),
        python=str(hello["python"]),
        imported_from=str(end.get("imported_from") or hello.get("imported_from") or ""),
        load_before=around.load_before,
        load_after=around.load_after,
        extra={**extra, **(end.get("facts") or {})},
    )


def _neutral(end: Line | None) -> frozenset[str]:
    """The parameters that must not change a quality."""
    return frozenset(map(str, (end or {}).get("neutral", ())))


def _reading(
    line: Line,
    request: Measure,
    provenance: Provenance,
    around: Circumstances,
    *,
    neutral: Collection[str],
) -> Reading:
    cell, samples = request.cell, tuple(float(x) for x in line["samples"])
    coordinate = Coordinate(
        project=around.project,
        suite=cell.suite,
        suite_hash=cell.suite_hash,
        benchmark=cell.benchmark,
        parameters=cell.parameters,
        kind=Kind(line.get("kind", cell.kind)),
        metric=str(line["metric"]),
        unit=str(line["unit"]),
        direction=Direction(line["direction"]),
        exact=bool(line["exact"]),
        harness=cell.harness,
        backend=provenance.backend,
        precision=provenance.precision,
        dataset=provenance.dataset,
        device=provenance.device,
        threads=provenance.threads,
        python=provenance.python,
        environment_class=around.build.environment.environment_class.hash,
        machine_class=around.machine.machine_class,
        profile=cell.profile,
    )
    return Reading(
        coordinate=coordinate.without_platform(neutral) if coordinate.is_quality else coordinate,
        samples=samples,
        loops=int(line.get("loops", 1)),
        warmup=tuple(float(x) for x in line.get("warmup", ())),
        value=process_value(samples, around.process_value),
        answers=dict(line.get("answers", {})),
    )


def process_value(samples: Sequence[float], how: str) -> float:
    """The one value that stands for a process: its ``median`` or ``minimum``.

    Raises:
        ValueError: no samples, or one that is not finite.
    """
    if not samples or not all(map(math.isfinite, samples)):
        raise ValueError("a process needs finite samples")
    return min(samples) if how == "minimum" else statistics.median(samples)
