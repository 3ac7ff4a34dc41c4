"""What one process has to do: a request, made concrete. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import tracker.worker
from tracker.config.settings import PolicySettings
from tracker.harnesses.package import PACKAGE
from tracker.machine.program import Limits
from tracker.machine.turns import TurnLimits
from tracker.model.requests import Measure

WORKER = Path(tracker.worker.__file__).with_name("__main__.py")

#: variables that numerical libraries read their number of threads from
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A process to start: all that an executor needs, wherever it runs it."""

    argv: tuple[str, ...]
    job: Mapping[str, Any] = field(hash=False)
    variables: Mapping[str, str] = field(hash=False)
    limits: Limits
    #: what a sandbox must let it read: the environment, the suite, the worker
    readable: tuple[Path, ...]
    #: what it must let it write to: what the processes of a build share
    writable: tuple[Path, ...] = ()
    #: the processors that it may use; empty: all
    processors: tuple[int, ...] = ()
    #: seconds between two looks at what it takes
    interval: float
    #: where it takes turns with another
    turns: TurnLimits | None = None


def measuring(
    request: Measure,
    *,
    python: Path,
    package: str,
    installed_bytes: int,
    harness_job: Mapping[str, Any],
    policy: PolicySettings,
    shared: Path,
    processors: tuple[int, ...] = (),
) -> Work:
    """The work of one process of one cell at one build, on these processors.

    ``shared`` is the directory of all processes of the build, where the harness asks for one.
    """
    cell = request.cell
    shares = "shared" in harness_job
    of_package = policy.package and cell.benchmark == PACKAGE.name
    job = {
        **harness_job,
        **({"shared": str(shared)} if shares else {}),
        **({"harness": PACKAGE.name} if of_package else {}),
        "mode": "measure",
        "benchmark": cell.benchmark,
        "parameters": dict(cell.parameters),
        "package": package,
        "prefix": str(python.parent.parent),
        "counts": list(policy.counts) if _counts(request, policy) else [],
        "threads": cell.threads,
        "device": cell.device,
        "device_absent": policy.device_absent,
        "memory_bytes": policy.memory_bytes,
        "installed_bytes": installed_bytes,
        "protocol": {
            "samples": min(request.samples or policy.samples, policy.samples),
            "sample_seconds": request.sample_seconds or policy.sample_seconds,
            "warmup_iterations": policy.warmup_iterations,
            "warmup_seconds": policy.warmup_seconds,
            "preflight_seconds": policy.preflight_seconds,
            "preflight_item_seconds": policy.preflight_item_seconds,
            "count_seconds": policy.count_seconds,
            "noisy": policy.noisy,
        },
    }
    return Work(
        argv=(str(python), "-s", str(WORKER)),
        job=job,
        variables=_variables(python, threads=cell.threads, seed=policy.seed + request.round),
        limits=_limits(policy, cell.timeout),
        readable=_readable(python, harness_job),
        writable=(shared,) if shares else (),
        processors=processors,
        interval=policy.telemetry_interval,
        turns=_turns(request, policy),
    )


def together(works: Sequence[Work]) -> Work:
    """The work of one process that forks for each of these, all of one build and round."""
    first = works[0]
    timeouts = [one.limits.timeout for one in works]
    members = [
        {**one.job, "timeout": timeout} for one, timeout in zip(works, timeouts, strict=True)
    ]
    # one by itself needs no more of the suite than where it is measured alone
    benchmark = first.job["benchmark"] if len(works) == 1 else ""
    job = {**first.job, "mode": "together", "benchmark": benchmark, "members": members}
    # each has its own, which the worker keeps
    limits = replace(first.limits, timeout=sum(timeouts))
    return replace(first, job=job, limits=limits, turns=None)


def _counts(request: Measure, policy: PolicySettings) -> bool:
    return request.counting or request.round < policy.count_processes


def _turns(request: Measure, policy: PolicySettings) -> TurnLimits:
    """Slow calls end the turns early, after as many as a process alone has samples."""
    most = request.samples or policy.turns
    # both have their turns, and a call may last nearly twice as long as a turn at least
    seconds = 4 * most * (request.sample_seconds or policy.turn_seconds)
    return TurnLimits(most=most, fewest=min(most, policy.samples), seconds=seconds)


def discovering(
    *, python: Path, package: str, harness_job: Mapping[str, Any], policy: PolicySettings
) -> Work:
    """The work of listing a suite's benchmarks where they can be imported."""
    return Work(
        argv=(str(python), "-s", str(WORKER)),
        job={
            **harness_job,
            "mode": "discover",
            "package": package,
            "prefix": str(python.parent.parent),
        },
        variables=_variables(python, threads=1, seed=policy.seed),
        limits=_limits(policy),
        readable=_readable(python, harness_job),
        interval=policy.telemetry_interval,
    )


def _limits(policy: PolicySettings, timeout: float | None = None) -> Limits:
    return Limits(
        timeout=timeout or policy.timeout,
        memory_bytes=policy.memory_bytes,
        device_memory_bytes=policy.device_memory_bytes,
    )


def _readable(python: Path, harness_job: Mapping[str, Any]) -> tuple[Path, ...]:
    suite = Path(harness_job["suite"])
    return (python.parent.parent, suite if suite.is_dir() else suite.parent, WORKER.parent)


def _variables(python: Path, *, threads: int, seed: int) -> dict[str, str]:
    # Processes of one round share the hash seed: a block that pairs them shares its luck too.
    variables = {
        "PYTHONHASHSEED": str(zlib.crc32(str(seed).encode())),
        "PYTHONDONTWRITEBYTECODE": "1",
        "VIRTUAL_ENV": str(python.parent.parent),
    }
    if threads:
        variables |= dict.fromkeys(THREAD_VARIABLES, str(threads))
    return variables
