"""How many times as fast as a reference: another commit, or another value of a parameter. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tracker.config.hints import did_you_mean
from tracker.errors import UsageError
from tracker.model.cells import Coordinate, shown
from tracker.model.standing import Standing
from tracker.publish.deployment.contents import Speedup, Speedups
from tracker.publish.naming import natural, told_apart
from tracker.publish.wording import series_name
from tracker.statistics.ratios import mean_ratio
from tracker.statistics.resampling import median_ratio


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    #: the time of a call of the benchmark
    is_call: bool


def against_commit(
    here: Sequence[Standing], there: Sequence[Standing], *, column: str, reference: str
) -> Speedups:
    """A commit against another one.

    Series are matched by all that their coordinates say but the environment, which a commit may
    change by what it depends on.

    Args:
        here: timings of the commit.
        there: timings of the reference.
        column: name of the commit.
        reference: name of the reference.
    """
    known = {_across_environments(one.coordinate): one for one in there}
    variants = told_apart(one.coordinate for one in here)
    cells = {
        (_row(one.coordinate, variants[one.coordinate]), column): _ratio(other, one)
        for one in here
        if (other := known.get(_across_environments(one.coordinate)))
    }
    return _table(cells, reference)


def against_value(here: Sequence[Standing], parameter: str, value: str) -> Speedups:
    """Each value of a parameter against one of them, at one commit.

    Args:
        here: timings of the commit.
        parameter: such as ``library``.
        value: as people write it, such as ``opencv``.

    Raises:
        UsageError: no benchmark has that parameter, or none that value.
    """
    known = _values(here, parameter)
    if not known:
        names = {name for one in here for name, _ in one.coordinate.parameters}
        raise UsageError(
            f"no benchmark here has a parameter {parameter!r}",
            code="report.unknown-parameter",
            hint=did_you_mean(parameter, sorted(names)),
        )
    if value not in known:
        raise UsageError(
            f"{parameter} is never {value!r} here",
            code="report.unknown-value",
            hint=f"it is {', '.join(known)}",
        )
    of_value: dict[tuple[Coordinate, str], Standing] = {}
    for one in here:
        own = dict(one.coordinate.parameters).get(parameter)
        if own is not None:
            of_value[_without(one.coordinate, parameter), shown(own)] = one
    rest = dict.fromkeys(coordinate for coordinate, _ in of_value)
    variants = told_apart(rest)
    cells = {
        (_row(coordinate, variants[coordinate]), own): _ratio(of_value[coordinate, value], one)
        for (coordinate, own), one in of_value.items()
        if own != value and (coordinate, value) in of_value
    }
    return _table(cells, f"{parameter}={value}")


def _values(here: Iterable[Standing], parameter: str) -> list[str]:
    """The values that a parameter takes, as people write them; none where there is no such one."""
    found = (dict(one.coordinate.parameters).get(parameter) for one in here)
    return sorted({shown(value) for value in found if value is not None}, key=natural)


def _table(cells: Mapping[tuple[_Row, str], Speedup | None], reference: str) -> Speedups:
    rows = sorted({row for row, _ in cells}, key=lambda row: (natural(row.name), row.name))
    columns = tuple(sorted({column for _, column in cells}, key=natural))
    calls = [row for row in rows if row.is_call] or rows
    return Speedups(
        reference=reference,
        columns=columns,
        rows=tuple(
            (row.name, tuple(cells.get((row, column)) for column in columns)) for row in rows
        ),
        means=tuple(_mean(cells.get((row, column)) for row in calls) for column in columns),
    )


def _ratio(reference: Standing, one: Standing) -> Speedup | None:
    """None where a time is zero."""
    if min(*reference.values, *one.values) <= 0:
        return None
    ratio, low, high = median_ratio(np.array(reference.values), np.array(one.values))
    return Speedup(ratio=ratio, low=low, high=high)


def _mean(ones: Iterable[Speedup | None]) -> Speedup | None:
    known = [one for one in ones if one]
    if not known:
        return None
    effect, low, high = mean_ratio([(one.ratio - 1, one.low - 1, one.high - 1) for one in known])
    return Speedup(ratio=1 + effect, low=1 + low, high=1 + high)


def _row(coordinate: Coordinate, variant: str) -> _Row:
    return _Row(
        series_name(coordinate.title, coordinate.metric, coordinate.dataset, variant),
        coordinate.metric == "time",
    )


def _without(coordinate: Coordinate, parameter: str) -> Coordinate:
    rest = tuple(pair for pair in coordinate.parameters if pair[0] != parameter)
    return replace(coordinate, parameters=rest)


def _across_environments(coordinate: Coordinate) -> Coordinate:
    return replace(coordinate, environment_class="-", python="-")
