"""What a matrix asks for that the suite does not have."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tracker.config.axes import listed, parameters
from tracker.config.hints import did_you_mean, nearest
from tracker.config.rules import OWN_KEYS, Rule, glob_matches, matches, may_name
from tracker.config.secrets import secret_parameters
from tracker.config.settings import MatrixSettings, Settings
from tracker.errors import ConfigurationError, Problem
from tracker.model.cells import Cell, shown, title
from tracker.model.suites import Axis, Benchmark, Suite

UNKNOWN_BENCHMARK = "suite.unknown-benchmark"


def check_matrices(
    settings: Settings, suite: Suite, *, pending: Sequence[Benchmark], count: int
) -> None:
    """Compare axes and rules with what the suite has.

    Args:
        settings: where the matrices are.
        suite: the benchmarks.
        pending: those of unknown parameters. While there are any, a parameter or value that no
            other benchmark has may be theirs, and is let through until it is known.
        count: cells before the rules, for the hint.

    Raises:
        ConfigurationError: with every problem found.
    """
    found = _Findings(settings=settings, suite=suite, pending=pending)
    axes = list(found.axes())
    benchmarks = list(found.unknown_benchmarks())
    rules = list(found.rules())
    problems = [*axes, *benchmarks, *rules]
    if not problems:
        return
    only_benchmarks = len(problems) == len(benchmarks)
    hint = f"`tracker plan` lists all {count} cells" if only_benchmarks else ""
    raise ConfigurationError(
        problems[0].message if len(problems) == 1 else f"the matrix has {len(problems)} problems",
        code=UNKNOWN_BENCHMARK if only_benchmarks else None,
        problems=problems,
        hint=hint,
    )


def refuse_secrets(cells: Iterable[Cell]) -> None:
    """See that no parameter is a secret: parameters are stored, and shown wherever results are.

    Raises:
        ConfigurationError: with a problem for each; none tells what the secret is.
    """
    if found := tuple(secret_parameters(cells)):
        raise ConfigurationError("a parameter is a secret", problems=found)


def no_cells(settings: Settings, suite: Suite, candidates: Sequence[Cell]) -> ConfigurationError:
    """The error for a matrix of zero cells, with what each rule does to the candidates."""
    problems = []
    for place, rule, is_include in _all_rules(settings):
        count = sum(matches(rule, cell) for cell in candidates)
        does = "keeps" if is_include else "takes out"
        problems.append(
            Problem(
                message=f"this rule {does} {count} of {len(candidates)} cells",
                where=settings.sources.get(place, ""),
                value=_written(rule),
            )
        )
    return ConfigurationError(
        f"the matrix of suite {_suite_title(suite)} has no cells",
        code="matrix.empty",
        problems=problems,
        hint="remove a rule, or allow more values"
        if candidates
        else "no benchmark has a value for each of its parameters",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Findings:
    settings: Settings
    suite: Suite
    pending: Sequence[Benchmark]

    def axes(self) -> Iterator[Problem]:
        """Configured parameters and values that no benchmark has."""
        for name, values in self._configured().items():
            axes, place = self._axes(name), self._place(f"matrix.{name}")
            if not axes and not self.pending:
                yield Problem(
                    message=f"no benchmark has a parameter {name!r}",
                    where=place,
                    hint=did_you_mean(name, self._parameter_names())
                    or "the suite's benchmarks have no parameters",
                )
            for value in values if axes else ():
                if not any(_takes(axis, value) for axis in axes):
                    yield Problem(
                        message=f"{name} does not take this value",
                        where=place,
                        value=repr(value),
                        hint=_values(axes),
                    )

    def unknown_benchmarks(self) -> Iterator[Problem]:
        """Globs that match no benchmark."""
        for place, rule, _ in _all_rules(self.settings):
            pattern = rule.get("benchmark", "*")
            if not self._names_something(pattern):
                yield Problem(
                    message=f"no benchmark matches {pattern!r} in suite {_suite_title(self.suite)}",
                    where=self._place(place),
                    hint=_meant(pattern, [each.name for each in self.suite.benchmarks]),
                )

    def rules(self) -> Iterator[Problem]:
        """Globs for parameters that do not exist, or never have such a value."""
        for place, rule, _ in _all_rules(self.settings):
            for key in (key for key in rule if key not in OWN_KEYS):
                axes = self._axes(key)
                if not axes and not self.pending:
                    yield Problem(
                        message=f"no benchmark has a parameter {key!r}",
                        where=self._place(place),
                        value=_written(rule),
                        hint=did_you_mean(key, [*self._parameter_names(), *OWN_KEYS]),
                    )
                elif axes and not _has_value(axes, rule[key]):
                    yield Problem(
                        message=f"no value of {key} matches {rule[key]!r}",
                        where=self._place(place),
                        value=_written(rule),
                        hint=_values(axes),
                    )

    def _configured(self) -> dict[str, list[Any]]:
        """Parameter -> the values that any of the matrices gives it."""
        found: dict[str, dict[str, Any]] = {}
        for matrix in self.settings.matrices:
            for name, values in matrix.axes.items():
                found.setdefault(name, {}).update((repr(value), value) for value in values)
        return {name: list(values.values()) for name, values in found.items()}

    def _axes(self, name: str) -> list[Axis]:
        return [axis for each in self.suite.benchmarks for axis in each.axes if axis.name == name]

    def _parameter_names(self) -> list[str]:
        return sorted({axis.name for each in self.suite.benchmarks for axis in each.axes})

    def _names_something(self, pattern: str) -> bool:
        if any(glob_matches(pattern, [each.name]) for each in self.suite.benchmarks):
            return True
        if any(may_name(pattern, each.name) for each in self.pending):
            return True
        titles = (
            title(each.name, chosen)
            for axes in ({}, *(matrix.axes for matrix in self.settings.matrices))
            for each in self.suite.benchmarks
            for chosen in parameters(each, axes)
        )
        return any(glob_matches(pattern, [each]) for each in titles)

    def _place(self, dotted: str) -> str:
        sources = self.settings.sources
        return sources.get(dotted) or sources.get(dotted.rpartition(".")[0]) or ""


def _takes(axis: Axis, value: Any) -> bool:
    return axis.may_be(value) or not axis.values or bool(listed(axis, value))


def _values(axes: Sequence[Axis]) -> str:
    texts = (text for axis in axes for text in (*axis.values, *axis.choices))
    known = ", ".join(dict.fromkeys(map(shown, texts)))
    least = [one.least for one in axes if one.least is not None]
    return f"its values: {known}" + (f" or any whole number from {min(least)}" if least else "")


def _has_value(axes: Sequence[Axis], pattern: str) -> bool:
    if any(axis.open or not axis.values for axis in axes):
        return True
    texts = {text for axis in axes for text in axis.values}
    return any(glob_matches(pattern, [text, shown(text)]) for text in texts)


def _all_rules(settings: Settings) -> Iterator[tuple[str, Rule, bool]]:
    """(dotted path, rule, is it an include rule), each once."""
    seen: list[tuple[str, Rule, bool]] = []
    for matrix in settings.matrices:
        for entry in itertools.chain(_numbered(matrix, "include"), _numbered(matrix, "exclude")):
            if entry not in seen:
                seen.append(entry)
                yield entry


def _numbered(matrix: MatrixSettings, name: str) -> Iterable[tuple[str, Rule, bool]]:
    rules: Sequence[Rule] = getattr(matrix, name)
    return ((f"matrix.{name}.{index}", rule, name == "include") for index, rule in enumerate(rules))


def _meant(pattern: str, names: Sequence[str]) -> str:
    """A pattern like this one that matches something."""
    word = pattern.strip("*?")
    parts = {part for name in names for part in name.split(".")}
    if near := nearest(word, names):
        return f"did you mean {pattern.replace(word, near)!r}?"
    if near := nearest(word, parts):
        return f"did you mean {'*' + near + '*'!r}?"
    return did_you_mean(word, names[:10])


def _written(rule: Rule) -> str:
    return "{" + ", ".join(f"{key}: {pattern}" for key, pattern in rule.items()) + "}"


def _suite_title(suite: Suite) -> str:
    return f"{suite.name}@{suite.version}" if suite.version else suite.name
