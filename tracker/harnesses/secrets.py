"""Secrets that somebody wrote into a suite: found, and never shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tracker.config.secrets import TOKEN
from tracker.errors import Problem

#: names of secrets; other words may stand before them
_NAME = re.compile(
    r"(^|[_-])(password|passwd|passphrase|secret|credentials?|api[_-]?key|\w*key|auth)$|secret"
    r"|^(use_)?(auth_|access_|api_|hf_|hub_|private_)*token$",
    re.IGNORECASE,
)
_HINT = (
    "give it to the benchmark as an environment variable, such as HF_TOKEN, "
    "and name that in executor.passthrough"
)


def secrets(value: Any, where: str) -> Iterator[Problem]:
    """A problem for each secret in nested mappings and lists; none tells what the secret is."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            place = f"{where}.{name}"
            if _NAME.search(str(name)) and isinstance(inner, str) and inner:
                yield _problem(place)
            else:
                yield from secrets(inner, place)
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from secrets(inner, f"{where}.{number}")
    elif isinstance(value, str) and TOKEN.search(value):
        yield _problem(where)


def _problem(where: str) -> Problem:
    return Problem(message="a secret has no place in a suite", where=where, hint=_HINT)
