"""The page of a benchmark: its series, and what a reader chooses one of them by. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tracker.model.cells import Coordinate, shown
from tracker.model.findings import Effect
from tracker.publish import drawn
from tracker.publish.contents import Series
from tracker.publish.naming import VARIANTS, variant
from tracker.publish.report import Report
from tracker.publish.sentences import change
from tracker.publish.site.again import measured_again
from tracker.publish.site.overview import spark

#: the choice of an environment
_ENVIRONMENT = "environment"
#: what a series has where others of its benchmark have a parameter
_NONE = "–"


def pages(report: Report) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name of each benchmark, and what its page shows."""
    groups: dict[str, list[Series]] = defaultdict(list)
    for one in report.series:
        groups[one.coordinate.benchmark].append(one)
    again = measured_again(report)
    for benchmark, unordered in groups.items():
        group = sorted(unordered, key=lambda one: one.coordinate.metric != "time")
        choices = _choices(group, report)
        yield (
            benchmark,
            {
                "benchmark": benchmark,
                "choices": [[name, list(values)] for name, values in choices],
                "series": [
                    _entry(one, choices, report, again.get(one.series, {})) for one in group
                ],
            },
        )


def _choices(group: Sequence[Series], report: Report) -> list[tuple[str, tuple[str, ...]]]:
    """What the series differ in, and the values that it has: in the order of the report."""
    fields = [dict(_fields(one.coordinate, report)) for one in group]
    names = dict.fromkeys(name for of_one in fields for name in of_one)
    choices = [
        (name, tuple(dict.fromkeys(of_one.get(name, _NONE) for of_one in fields))) for name in names
    ]
    choices = [(name, values) for name, values in choices if len(values) > 1]
    # each Python has an environment of its own: then that is no choice
    spoken = [one for one in choices if one[0] != _ENVIRONMENT]
    told = {tuple(of_one.get(name) for name, _ in spoken) for of_one in fields}
    return spoken if len(told) == len(group) else choices


def _fields(coordinate: Coordinate, report: Report) -> Iterator[tuple[str, str]]:
    """What a reader knows a series by: metric, parameters, and how it was measured."""
    yield "metric", coordinate.metric
    for name, value in coordinate.parameters:
        yield f"{name} =", shown(value)
    for name in VARIANTS:
        label, value = variant(coordinate, name)
        # the class of the machine that measured last has a name
        ours = name == "machine_class" and coordinate.machine_class == report.machine.machine_class
        yield label, f"{report.machine.name} ({value})" if ours else value


def _entry(
    one: Series,
    choices: Sequence[tuple[str, tuple[str, ...]]],
    report: Report,
    again: Mapping[str, Effect],
) -> dict[str, Any]:
    fields = dict(_fields(one.coordinate, report))
    parameters = [f"{name}={shown(value)}" for name, value in one.coordinate.parameters]
    return drawn.summary(one) | {
        # what it is called below the name of the benchmark
        "which": ", ".join(parameters),
        # what was measured again: size, interval, and the commit
        "again": [[*change(each)[:2], report.label(sha)] for sha, each in again.items()],
        "spark": spark(one),
        "tone": drawn.words(one, one.changes[-1])[-1] if one.changes else "",
        # which value of each choice it has
        "chosen": [values.index(fields.get(name, _NONE)) for name, values in choices],
    }
