"""Overrides in Hydra's syntax, and the combinations that their sweeps mean."""

from __future__ import annotations

import itertools
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, ValueType
from hydra.errors import HydraException

from tracker.config.hints import did_you_mean
from tracker.config.origins import COMMAND_LINE
from tracker.errors import ConfigurationError, Problem

#: keys that take a list, so that a sweep is one; so do all of matrix.* but the rules, where
#: the lists of a sweep are alternatives
_LISTS = ("environment.recipe", "environment.python")
_RULES = ("matrix.include", "matrix.exclude")
_NUMBER_OF_PYTHON = re.compile(r"(?<![\w.'\"])(\d+\.\d+)(?![\w.'\"])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What the command line asks for, without sweeps."""

    #: one list of overrides for each combination of what was swept; at least one
    combinations: tuple[tuple[str, ...], ...]
    #: dotted paths of the values that it sets
    values: tuple[str, ...]


def read_overrides(texts: Sequence[str], groups: Mapping[str, Sequence[str]]) -> Overrides:
    """Parse overrides and expand their sweeps.

    Args:
        texts: as typed.
        groups: each group of the configuration with its options.

    Raises:
        ConfigurationError: with every override that is wrong.
    """
    problems: list[Problem] = []
    parsed = [read for text in texts if (read := _parse(text, problems))]
    for override in parsed:
        problems += _mistakes(override, groups)
    if problems:
        raise ConfigurationError("the overrides cannot be applied", problems=problems)
    return Overrides(
        combinations=tuple(itertools.product(*(_alternatives(one, groups) for one in parsed))),
        values=tuple(
            override.key_or_group
            for override in parsed
            if not _is_choice(override, groups) and not override.is_delete()
        ),
    )


def _parse(text: str, problems: list[Problem]) -> Override | None:

    try:
        return OverridesParser.create().parse_overrides([_with_quoted_versions(text)])[0]
    except HydraException:
        problems.append(
            Problem(
                message="this is no override in Hydra's syntax",
                where=COMMAND_LINE,
                value=text,
                hint="write key=value, key=1,2,3, key='some text', +key=value or ~key",
            )
        )
        return None


def _with_quoted_versions(text: str) -> str:
    """Hydra reads 3.10 as the number 3.1; the version of a Python is a text."""
    key, equals, value = text.partition("=")
    if key.lstrip("+") != "environment.python":
        return text
    return key + equals + _NUMBER_OF_PYTHON.sub(r"'\1'", value)


def _mistakes(override: Override, groups: Mapping[str, Sequence[str]]) -> Iterator[Problem]:

    key, text = override.key_or_group, override.input_line or ""
    sweeps = override.is_sweep_override()
    if override.is_hydra_override():
        yield Problem(message="Hydra itself is not configured here", where=COMMAND_LINE, value=text)
    elif sweeps and override.value_type in (ValueType.INTERVAL_SWEEP, ValueType.GLOB_CHOICE_SWEEP):
        yield Problem(
            message="this sweep does not say which values to take",
            where=COMMAND_LINE,
            value=text,
            hint="name them: 1,2,3 or range(1,9)",
        )
    elif sweeps and key not in ("environment", *_LISTS) and not key.startswith("matrix."):
        yield Problem(
            message=f"{key} has one value in a run, so it cannot be swept",
            where=COMMAND_LINE,
            value=text,
            hint="run the command once for each; what can be swept: matrix.*, environment, "
            "environment.recipe, environment.python",
        )
    elif _is_choice(override, groups) and not override.is_delete():
        options = [str(option) for option in (_values(override) if sweeps else [override.value()])]
        for option in options:
            if option not in groups[key]:
                yield Problem(
                    message=f"{key} has no option {option!r}",
                    where=COMMAND_LINE,
                    value=text,
                    hint=did_you_mean(option, groups[key]),
                )


def _is_choice(override: Override, groups: Container[str]) -> bool:
    """Whether this chooses an option of a group, as Hydra sees it: any value but a mapping."""
    return override.key_or_group in groups and not isinstance(override.value(), dict)


def _alternatives(override: Override, groups: Container[str]) -> tuple[str, ...]:
    """What the override stands for in each combination."""
    key = override.get_key_element()
    if not _is_choice(override, groups) and not key.startswith(("+", "~")):
        # a key that does not exist is found by the check, together with all other mistakes
        key = f"++{key}"
    if not override.is_sweep_override():
        value = "" if override.value_type is None else f"={override.get_value_string()}"
        return (key + value,)
    values = _values(override)
    path = override.key_or_group
    takes_list = path in _LISTS or (path.startswith("matrix.") and path not in _RULES)
    if takes_list and not any(value.startswith("[") for value in values):
        return (f"{key}=[{','.join(values)}]",)
    return tuple(f"{key}={value}" for value in values)


def _values(sweep: Override) -> tuple[str, ...]:
    """Each value of a sweep, as it stands in an override."""
    return tuple(sweep.sweep_string_iterator())
