"""Where each value of a configuration came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

DEFAULT = "default"
COMMAND_LINE = "command line"


class Origins:
    """Dotted paths and the place that set each last. A list's entries have their index as name."""

    def __init__(self) -> None:
        self._places: dict[str, str] = {}

    def add_file(self, path: Path, package: str, label: str, *, with_lines: bool) -> None:
        """Note all that a YAML file sets, over what was there before.

        Args:
            path: the file.
            package: dotted path that its keys lie below, "" for the root.
            label: what people call the file.
            with_lines: add the number of the line to the label.
        """
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        if not isinstance(root, yaml.MappingNode):
            return
        for parts, node, key in _nodes(root):
            if parts[0] == "defaults":
                continue
            place = f"{label}:{key.start_mark.line + 1}" if with_lines else label
            dotted = ".".join([package, *parts] if package else parts)
            if isinstance(node, yaml.MappingNode):
                self._places[dotted] = place
            else:
                self.set(dotted, place)

    def set(self, dotted: str, place: str) -> None:
        """Note that a value, with all below it, comes from a place."""
        for known in [name for name in self._places if name.startswith(dotted + ".")]:
            del self._places[known]
        self._places[dotted] = place

    def of(self, dotted: str) -> str:
        """The place of a value, or of the nearest one above it; "" where there is none."""
        while dotted:
            if dotted in self._places:
                return self._places[dotted]
            dotted = dotted.rpartition(".")[0]
        return ""

    def of_leaves(self, values: Mapping[str, Any]) -> dict[str, str]:
        """The place of every leaf. Lists are leaves, and entries that have a place of their own."""
        places = {dotted: self.of(dotted) for dotted in _leaves(values)}
        for dotted in tuple(places):
            index = 0
            while (entry := f"{dotted}.{index}") in self._places:
                if self._places[entry] != places[dotted]:
                    places[entry] = self._places[entry]
                index += 1
        return places


def _nodes(
    node: yaml.Node, parts: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], yaml.Node, yaml.Node]]:
    """Path, value and the node that shows the line, parents first."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*parts, str(key.value))
            yield here, value, key
            yield from _nodes(value, here)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            here = (*parts, str(index))
            yield here, value, value
            yield from _nodes(value, here)


def _leaves(value: Any, dotted: str = "") -> Iterator[str]:
    if isinstance(value, Mapping) and (value or not dotted):
        for key, below in value.items():
            yield from _leaves(below, f"{dotted}.{key}" if dotted else str(key))
        return
    yield dotted
