"""The squares of the matrix that a configuration fills."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracker.config.axes import parameters
from tracker.config.matrix_check import check_matrices, no_cells, refuse_secrets
from tracker.config.rules import is_in, may_be_in
from tracker.config.settings import MatrixSettings, Settings
from tracker.model.canonical import digest
from tracker.model.cells import Cell, EnvironmentRequest
from tracker.model.suites import Benchmark, Suite


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """What is to be measured at every commit."""

    cells: tuple[Cell, ...]
    #: names of benchmarks whose parameters are computed: their cells are not known yet
    open_benchmarks: tuple[str, ...] = ()


def expand(settings: Settings, suite: Suite, *, complete: bool = True) -> Matrix:
    """Benchmarks x parameters x environments x devices x threads, less what the rules take out.

    Args:
        settings: the cells of several matrices are united.
        suite: the benchmarks.
        complete: False before the suite was imported. Then an axis without values means that
            the suite computes them, and its benchmark is left open; and where the suite is not
            complete either, what it lacks is no mistake yet. Afterwards no values are no cells.

    Raises:
        ConfigurationError: with every problem found; a matrix without cells is one.
    """
    pending = () if complete else tuple(each for each in suite.benchmarks if _is_computed(each))
    known = tuple(each for each in suite.benchmarks if each not in pending)
    candidates = [
        (matrix, cell)
        for matrix in settings.matrices
        for cell in _candidates(settings, suite, known, matrix)
    ]
    refuse_secrets(cell for _, cell in candidates)
    may_have_more = not complete and not suite.complete
    if not may_have_more:
        count = len({cell for _, cell in candidates})
        check_matrices(settings, suite, pending=pending, count=count)
    cells = dict.fromkeys(
        cell for matrix, cell in candidates if is_in(matrix.include, matrix.exclude, cell)
    )
    left_open = tuple(
        each.name
        for each in pending
        if any(may_be_in(one.include, one.exclude, each.name) for one in settings.matrices)
    )
    if not (cells or left_open or may_have_more):
        raise no_cells(settings, suite, [cell for _, cell in candidates])
    return Matrix(cells=tuple(cells), open_benchmarks=left_open)


def _is_computed(benchmark: Benchmark) -> bool:
    return any(not axis.values for axis in benchmark.axes)


#: settings that could change a number, so that values made under others are another series
_PROTOCOL = (
    *("policy.samples", "policy.sample_seconds", "policy.warmup_iterations"),
    *("policy.warmup_seconds", "policy.preflight_seconds", "policy.process_value"),
    "executor.sandbox",
)


def _profile(settings: Settings) -> str:
    """The profile's name; with its protocol changed by hand also a hash of what it became."""
    theirs = ("default", f"profile {settings.profile}")
    if all(settings.sources.get(key, "default") in theirs for key in _PROTOCOL):
        return settings.profile
    policy = settings.policy
    protocol = [getattr(policy, key.removeprefix("policy.")) for key in _PROTOCOL[:-1]]
    return f"{settings.profile}~{digest([*protocol, settings.executor.sandbox])[:8]}"


def environment_requests(settings: Settings) -> tuple[EnvironmentRequest, ...]:
    """The environments that cells may ask for: recipes x Pythons."""
    e = settings.environment
    others = [e.requires, e.extras, e.build_requires, e.identity, e.submodules, e.lfs]
    configured = digest([settings.project.subdirectory, *others, *e.commands])
    return tuple(
        EnvironmentRequest(recipe=recipe, python=python, settings=configured)
        for recipe in e.recipes
        for python in e.pythons
    )


def _candidates(
    settings: Settings, suite: Suite, benchmarks: Sequence[Benchmark], matrix: MatrixSettings
) -> Iterator[Cell]:
    """The cells of a matrix before its rules."""
    environments = environment_requests(settings)
    for benchmark in benchmarks:
        for chosen, environment, device, threads in itertools.product(
            parameters(benchmark, matrix.axes), environments, matrix.devices, matrix.threads
        ):
            yield Cell(
                suite=suite.name,
                suite_hash=suite.hash,
                harness=suite.harness,
                benchmark=benchmark.name,
                parameters=chosen,
                kind=benchmark.kind,
                environment=environment,
                device=device,
                threads=threads,
                profile=_profile(settings),
                timeout=benchmark.timeout or 0.0,
                shares_start=suite.shares_start
                and not benchmark.own_start
                # a device's driver and a pool of threads do not survive a fork
                and (device, threads) == ("cpu", 1),
            )
