"""What of a configuration may be stored and shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_PASSWORD = re.compile(r"(?<=://)([^:/@]*):[^@]*@")
#: overrides as they are typed: where the database is, and who is notified
_ADDRESS = re.compile(r"([+~]*store\.url=)(.*)", re.DOTALL)
_PEOPLE = re.compile(r"([+~]*notify(?:\.to[^=]*)?=).*", re.DOTALL)
HIDDEN = "***"


def masked(url: str) -> str:
    """An address without its password."""
    return _PASSWORD.sub(rf"\1:{HIDDEN}@", url)


def without_secrets(resolved: Mapping[str, Any]) -> dict[str, Any]:
    """The resolved configuration without passwords, and without whom it notifies."""
    shown = dict(resolved)
    store, notify = shown.get("store"), shown.get("notify")
    if isinstance(store, Mapping) and isinstance(store.get("url"), str):
        shown["store"] = {**store, "url": masked(store["url"])}
    if isinstance(notify, Mapping) and isinstance(notify.get("to"), Mapping):
        shown["notify"] = {**notify, "to": dict.fromkeys(notify["to"], HIDDEN)}
    return shown


def shown_command(arguments: Sequence[str]) -> tuple[str, ...]:
    """A command line without what an override may hold of these."""
    return tuple(
        _PEOPLE.sub(
            rf"\1{HIDDEN}",
            _ADDRESS.sub(lambda found: found[1] + masked(found[2]), argument),
        )
        for argument in arguments
    )
