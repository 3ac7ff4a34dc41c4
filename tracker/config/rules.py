"""Include and exclude rules of the matrix: which cells a rule means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from tracker.model.cells import Cell, shown

#: keys of a rule that are no parameters of benchmarks
OWN_KEYS = ("benchmark", "python", "recipe", "device", "threads")

Rule = Mapping[str, str]


def matches(rule: Rule, cell: Cell) -> bool:
    """Whether all globs of a rule match the cell. What a cell does not have matches nothing."""
    values: dict[str, tuple[str, ...]] = {
        name: (text, shown(text)) for name, text in cell.parameters
    }
    values |= {
        "benchmark": (cell.benchmark, cell.title),
        "python": (cell.environment.python,),
        "recipe": (cell.environment.recipe,),
        "device": (cell.device,),
        "threads": (str(cell.threads),),
    }
    return all(glob_matches(pattern, values.get(key, ())) for key, pattern in rule.items())


def is_in(include: Sequence[Rule], exclude: Sequence[Rule], cell: Cell) -> bool:
    """Whether an include rule matches the cell, or there is none, and no exclude rule does."""
    included = not include or any(matches(rule, cell) for rule in include)
    return included and not any(matches(rule, cell) for rule in exclude)


def may_be_in(include: Sequence[Rule], exclude: Sequence[Rule], benchmark: str) -> bool:
    """Whether a benchmark of unknown parameters may have cells that are in."""
    included = not include or any(
        may_name(rule.get("benchmark", "*"), benchmark) for rule in include
    )
    return included and not any(
        rule.keys() == {"benchmark"} and glob_matches(rule["benchmark"], [benchmark])
        for rule in exclude
    )


def may_name(pattern: str, benchmark: str) -> bool:
    """Whether a glob matches the benchmark, or may match a title that starts with its name."""
    ends = range(len(pattern) + 1)
    return glob_matches(pattern, [benchmark]) or any(
        glob_matches(pattern[:end], [f"{benchmark}["]) for end in ends
    )


def glob_matches(pattern: str, values: Iterable[str]) -> bool:
    """Whether a glob matches one of the values. Brackets stand for themselves: titles have them."""
    expression = _expression(pattern)
    return any(expression.fullmatch(value) for value in values)


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    pieces = (
        {"*": ".*", "?": "."}.get(piece, re.escape(piece)) for piece in re.split(r"([*?])", pattern)
    )
    return re.compile("".join(pieces), re.DOTALL)
