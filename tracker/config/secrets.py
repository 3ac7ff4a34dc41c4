"""What of a configuration may be stored and shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_PASSWORD = re.compile(r"(?<=://)([^:/@]*):[^@]*@")
#: in any text, where what follows an address may have an @ too
_PASSWORD_IN_TEXT = re.compile(r"(?<=://)([^:/@\s]*):[^@/\s]*@")
#: what tokens of hubs and forges look like
TOKEN = re.compile(r"\b(hf_[A-Za-z0-9]{20,}|gh[pousr]_[A-Za-z0-9]{20,}|glpat-[\w-]{20,})")
#: overrides as they are typed: where the database is, and who is notified
_ADDRESS = re.compile(r"([+~]*store\.url=)(.*)", re.DOTALL)
_PEOPLE = re.compile(r"([+~]*notify(?:\.to[^=]*)?=).*", re.DOTALL)
HIDDEN = "***"


def masked(url: str) -> str:
    """An address without its password."""
    return _PASSWORD.sub(rf"\1:{HIDDEN}@", url)


def hidden(text: str) -> str:
    """A text without what looks like a token, and without passwords of addresses in it."""
    return TOKEN.sub(HIDDEN, _PASSWORD_IN_TEXT.sub(rf"\1:{HIDDEN}@", text))


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
