"""One step from what Grafana has to what it should have, and how it looks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import unified_diff
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tracker.publish.grafana.api.contents import Document

if TYPE_CHECKING:
    from tracker.publish.grafana.api.server import Grafana


class Action(StrEnum):
    """How a step is marked."""

    add = "+"
    change = "~"
    remove = "-"
    #: it differs, and is not touched
    leave = "!"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A difference, and what is done about it."""

    action: Action
    #: what it is about, such as ``dashboard Commit tracker: Series``
    what: str
    #: what is there and what should be; without secrets
    before: Document | None = None
    after: Document | None = None
    #: why it is left as it is
    because: str = ""
    #: it puts something into the tracker's folder
    needs_folder: bool = False
    send: Callable[[Grafana], None]


def untouched(step: Step, because: str) -> Step:
    """The same difference, left as it is."""
    return replace(step, action=Action.leave, because=because, send=nothing)


def nothing(_: Grafana) -> None:
    """What is sent for what is left as it is."""


def as_asked(found: Any, wanted: Any) -> Any:
    """What was found, without what nobody asked for: servers add fields of their own.

    And with what was asked for and is empty, which servers leave out.
    """
    if isinstance(found, Mapping) and isinstance(wanted, Mapping):
        return {
            key: as_asked(found.get(key, one), one)
            for key, one in wanted.items()
            if key in found or not one
        }
    if isinstance(found, list) and isinstance(wanted, list) and len(found) == len(wanted):
        return [as_asked(one, other) for one, other in zip(found, wanted, strict=True)]
    return found


def line(step: Step) -> str:
    """A step in one line."""
    return f"{step.action} {step.what}" + (f": {step.because}" if step.because else "")


def diff(step: Step) -> Iterator[str]:
    """The lines that differ, indented."""
    before, after = _lines(step.before), _lines(step.after)
    for number, text in enumerate(unified_diff(before, after, lineterm="", n=1)):
        if number > 1:  # after two lines with the names of files
            yield f"    {text}"


def _lines(document: Document | None) -> list[str]:
    if document is None:
        return []
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False).splitlines()
