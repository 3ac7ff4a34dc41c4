"""Reading one section of a configuration: every mistake is noted, none stops the reading."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from enum import Enum
from typing import Any

from tracker.config.hints import did_you_mean
from tracker.config.origins import DEFAULT, Origins
from tracker.config.quantities import byte_count, seconds
from tracker.errors import ConfigurationError, Problem

_MISSING = "???"


class _Absent(Enum):
    """What is read where nothing is configured."""

    absent = "absent"


_ABSENT = _Absent.absent


class Report:
    """All that is wrong with a configuration."""

    def __init__(self, origins: Origins) -> None:
        self._origins = origins
        self._problems: list[Problem] = []

    def add(self, path: str, message: str, value: object = _ABSENT, hint: str = "") -> None:
        """Note that the value at a dotted path is wrong."""
        place = self._origins.of(path)
        self._problems.append(
            Problem(
                message=f"{path}: {message}",
                where="" if place == DEFAULT else place,
                value="" if value is _ABSENT else repr(value),
                hint=hint,
            )
        )

    def raise_if_any(self) -> None:
        """End the reading.

        Raises:
            ConfigurationError: with everything that was noted.
        """
        if self._problems:
            count = len(self._problems)
            raise ConfigurationError(
                f"the configuration has {count} problem{'s' if count > 1 else ''}",
                hint="`tracker plan` checks it again without measuring anything",
                problems=self._problems,
            )


class Section:
    """A mapping of the configuration. What is wrong reads as something of the right type."""

    def __init__(self, values: object, path: str, report: Report) -> None:
        self.path = path
        self._report = report
        self._asked: set[str] = set()
        self._values: Mapping[Any, Any] = values if isinstance(values, Mapping) else {}
        self._is_mapping = isinstance(values, Mapping)
        if not isinstance(values, Mapping | _Absent):
            hint = f"`- override {path}: {values}` in the defaults list chooses an option"
            text = "keys and values are expected here"
            report.add(path, text, values, hint if isinstance(values, str) else "")

    def wrong(self, name: str, message: str, value: object = _ABSENT, hint: str = "") -> None:
        """Note what only the caller can see to be wrong."""
        self._report.add(self._dotted(name), message, value, hint)

    def text(self, name: str, *, required: bool = False) -> str:
        value = self._text(name, self._take(name))
        if value == "" and required:
            self.wrong(name, "must not be empty")
        return value or ""

    def choice(self, name: str, options: Collection[str]) -> str:
        return self._one_of(name, self._take(name), options) or ""

    def choices(self, name: str, options: Collection[str]) -> tuple[str, ...]:
        """One or several of the options, each once."""
        return self._each(name, lambda place, value: self._one_of(place, value, options))

    def texts(self, name: str, flaw: Callable[[str], str] = lambda _: "") -> tuple[str, ...]:
        """One text or several, each once.

        Args:
            flaw: says what is wrong with one, "" where nothing is.
        """

        def read(place: str, value: Any) -> str | None:
            text = self._text(place, value)
            if text is not None and (what := flaw(text)):
                self.wrong(place, what, text)
            return text

        return self._each(name, read)

    def boolean(self, name: str) -> bool:
        value = self._take(name)
        if not isinstance(value, bool | _Absent):
            self.wrong(name, "must be true or false", value)
        return value is True

    def integer(self, name: str, low: int, high: float = math.inf) -> int:
        value = self._whole(name, self._take(name), low, high)
        return low if value is None else value

    def integers(self, name: str, low: int, high: float = math.inf) -> tuple[int, ...]:
        """One whole number or several, each once."""
        return self._each(name, lambda place, value: self._whole(place, value, low, high))

    def number(self, name: str, low: float, high: float) -> float:
        """A number from low to below high."""
        value = self._take(name)
        if _is_number(value) and low <= value < high:
            return float(value)
        if value is not _ABSENT:
            self.wrong(name, f"must be a number from {low:g} to below {high:g}", value)
        return low

    def seconds(self, name: str, low: float = 0.0) -> float:
        return self._quantity(name, seconds, low, "s")

    def byte_count(self, name: str, low: int = 0) -> int:
        return int(self._quantity(name, byte_count, low, "bytes"))

    def mapping(self, name: str) -> dict[str, Any]:
        value = self._take(name)
        if isinstance(value, Mapping):
            return {str(key): below for key, below in value.items()}
        if value is not _ABSENT:
            self.wrong(name, "keys and values are expected here", value)
        return {}

    def entries(self, name: str) -> tuple[tuple[str, Any], ...]:
        """One value or several, of any type, each with its place below this section."""
        return self._each(name, lambda place, value: (place, value))

    def section(self, name: str) -> Section:
        """A mapping below this one."""
        return Section(self._take(name), self._dotted(name), self._report)

    def others(self) -> tuple[str, ...]:
        """Keys that nobody asked for yet."""
        return tuple(str(key) for key in self._values if str(key) not in self._asked)

    def refuse_others(self, beside: Sequence[str] = ()) -> None:
        """Note every key that nobody asked for, nor is known elsewhere."""
        self._asked.update(beside)
        for name in self.others():
            self.wrong(name, "there is no such key", hint=did_you_mean(name, sorted(self._asked)))

    def _dotted(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def _take(self, name: str) -> Any:
        """The value as configured; ``_ABSENT``, and noted, where there is none."""
        self._asked.add(name)
        value = self._values.get(name, _ABSENT)
        if value is not _ABSENT and value != _MISSING:
            return value
        if self._is_mapping:
            self.wrong(name, "needs a value", hint=f"{self._dotted(name)}=... on the command line")
        return _ABSENT

    def _each(self, name: str, read: Callable[[str, Any], Any]) -> tuple[Any, ...]:
        value = self._take(name)
        if isinstance(value, list):
            found = [read(f"{name}.{index}", entry) for index, entry in enumerate(value)]
        else:
            found = [] if value is _ABSENT else [read(name, value)]
        return tuple(
            one for index, one in enumerate(found) if one is not None and one not in found[:index]
        )

    def _text(self, name: str, value: Any) -> str | None:
        if isinstance(value, str):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if value is not _ABSENT:
            hint = "write it in quotes, so that it is text" if isinstance(value, float) else ""
            self.wrong(name, "must be text", value, hint)
        return None

    def _one_of(self, name: str, value: Any, options: Collection[str]) -> str | None:
        text = self._text(name, value)
        if text is None or text in options:
            return text
        self.wrong(name, f"must be one of {', '.join(options)}", text, did_you_mean(text, options))
        return None

    def _whole(self, name: str, value: Any, low: int, high: float) -> int | None:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        if value is not _ABSENT:
            limit = f"from {low} to {high:.0f}" if high < math.inf else f"of at least {low}"
            self.wrong(name, f"must be a whole number {limit}", value)
        return None

    def _quantity(self, name: str, read: Callable[[object], float], low: float, unit: str) -> float:
        value = self._take(name)
        if value is _ABSENT:
            return low
        try:
            amount = read(value)
        except ValueError as error:
            self.wrong(name, f"must be {error}", value)
            return low
        if amount < low:
            self.wrong(name, f"must be at least {low:g} {unit}", value)
        return amount


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def glob_flaw(pattern: str) -> str:
    """What is wrong with a glob that starts at a repository's root; "" where nothing is."""
    if not pattern.strip():
        return "a pattern must not be empty"
    if pattern.startswith("/") or ".." in pattern.split("/"):
        return "a pattern starts at the repository's root and stays below it"
    if re.sub(r"\[!?\]?[^]]*\]", "", pattern).count("["):
        return "a '[' in this pattern is never closed"
    return ""
