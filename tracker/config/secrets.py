"""What of a configuration may be stored and shown, and what has no place in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tracker.errors import Problem
from tracker.model.cells import Cell

_PASSWORD = re.compile(r"(?<=://)([^:/@]*):[^@]*@")
#: in any text, where what follows an address may have an @ too
_PASSWORD_IN_TEXT = re.compile(r"(?<=://)([^:/@\s]*):[^@/\s]*@")
#: what tokens of hubs and forges look like
_TOKEN = re.compile(r"\b(hf_[A-Za-z0-9]{20,}|gh[pousr]_[A-Za-z0-9]{20,}|glpat-[\w-]{20,})")
#: overrides as they are typed: where the database is, and who is notified
_ADDRESS = re.compile(r"([+~]*store\.url=)(.*)", re.DOTALL)
_PEOPLE = re.compile(r"([+~]*notify(?:\.to[^=]*)?=).*", re.DOTALL)
HIDDEN = "***"
#: names of secrets; other words may stand before them
_NAME = re.compile(
    r"(^|[_-])(password|passwd|passphrase|secret|credentials?|api[_-]?key|\w*key|auth)$|secret"
    r"|^(use_)?(auth_|access_|api_|hf_|hub_|private_)*token$",
    re.IGNORECASE,
)
#: of parameters, which may well be called ``key`` or ``token`` and be none
_PARAMETER = re.compile(
    r"(password|passphrase|api[_-]?key|(auth|access|api|hf|hub)_token)$|secret", re.IGNORECASE
)
_HINT = (
    "give it to the benchmark as an environment variable, such as HF_TOKEN, "
    "and name that in executor.passthrough"
)


def masked(url: str) -> str:
    """An address without its password."""
    return _PASSWORD.sub(rf"\1:{HIDDEN}@", url)


def hidden(text: str) -> str:
    """A text without what looks like a token, and without passwords of addresses in it."""
    return _TOKEN.sub(HIDDEN, _PASSWORD_IN_TEXT.sub(rf"\1:{HIDDEN}@", text))


def without_secrets(resolved: Mapping[str, Any]) -> dict[str, Any]:
    """The resolved configuration without passwords and tokens, and without whom it notifies."""
    shown = {name: _without_tokens(value) for name, value in resolved.items()}
    store, notify = resolved.get("store"), resolved.get("notify")
    if isinstance(store, Mapping) and isinstance(store.get("url"), str):
        shown["store"] = {**store, "url": masked(store["url"])}
    if isinstance(notify, Mapping) and isinstance(notify.get("to"), Mapping):
        shown["notify"] = {**notify, "to": dict.fromkeys(notify["to"], HIDDEN)}
    return shown


def _without_tokens(value: Any) -> Any:
    if isinstance(value, str):
        return hidden(value)
    if isinstance(value, Mapping):
        return {name: _without_tokens(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_tokens(inner) for inner in value]
    return value


def shown_command(arguments: Sequence[str]) -> tuple[str, ...]:
    """A command line without what an override may hold of these."""
    return tuple(
        _PEOPLE.sub(
            rf"\1{HIDDEN}",
            _ADDRESS.sub(lambda found: found[1] + masked(found[2]), hidden(argument)),
        )
        for argument in arguments
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
    elif isinstance(value, str) and _TOKEN.search(value):
        yield _problem(where)


def secret_parameters(cells: Iterable[Cell]) -> Iterator[Problem]:
    """A problem for each parameter that would show a secret in the name of every result."""
    yield from dict.fromkeys(
        _problem(f"{cell.benchmark}: {name}")
        for cell in cells
        for name, text in cell.parameters
        if _TOKEN.search(text) or (_PARAMETER.search(name) and text[:1] in "'\"" and len(text) > 2)
    )


def _problem(where: str) -> Problem:
    return Problem(message="a secret has no place in a suite", where=where, hint=_HINT)
