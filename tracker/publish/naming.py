"""How cells and series are called, so that no two of them are called the same."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from tracker.model.cells import Cell, Coordinate
from tracker.publish.wording import clean

#: what may tell cells of one title apart
_VARIANTS_OF_CELLS: tuple[Callable[[Cell], str], ...] = (
    lambda cell: cell.environment.recipe,
    lambda cell: f"python {cell.environment.python}",
    lambda cell: cell.device,
    lambda cell: f"threads {cell.threads}",
)
#: fields of a coordinate that tell apart series of one title and metric
VARIANTS = (
    "environment_class",
    "python",
    "device",
    "threads",
    "backend",
    "precision",
    "dataset",
    "profile",
    "machine_class",
    "suite_hash",
    "harness",
)
_HASHES = ("environment_class", "machine_class", "suite_hash")


def names(cells: Iterable[Cell]) -> dict[str, str]:
    """Key of each cell -> its title, and what else it takes to tell it from its like."""
    alike: dict[str, list[Cell]] = defaultdict(list)
    for cell in dict.fromkeys(cells):
        alike[cell.title].append(cell)
    return {cell.key: _name(cell, group) for group in alike.values() for cell in group}


def _name(cell: Cell, alike: Sequence[Cell]) -> str:
    differing = [told(cell) for told in _VARIANTS_OF_CELLS if len(set(map(told, alike))) > 1]
    return clean(f"{cell.title} ({', '.join(differing)})" if differing else cell.title)


def told_apart(coordinates: Iterable[Coordinate]) -> dict[Coordinate, str]:
    """What tells each series from others of the same title and metric: the fields that differ."""
    alike: dict[tuple[str, str], list[Coordinate]] = defaultdict(list)
    for coordinate in coordinates:
        alike[coordinate.title, coordinate.metric].append(coordinate)
    return {
        coordinate: ", ".join(_named(coordinate, name) for name in differing)
        for group in alike.values()
        for differing in [_differing(group)]
        for coordinate in group
    }


def _differing(alike: Sequence[Coordinate]) -> list[str]:
    """The fields that differ; an environment only where the others leave series alike.

    Each Python has an environment of its own, and says more to people than a hash.
    """
    differing = [name for name in VARIANTS if len({getattr(one, name) for one in alike}) > 1]
    spoken = [name for name in differing if name != "environment_class"]
    told = {tuple(getattr(one, name) for name in spoken) for one in alike}
    return spoken if len(told) == len(set(alike)) else differing


def _named(coordinate: Coordinate, name: str) -> str:
    label, value = variant(coordinate, name)
    return value if name in ("python", "device") else f"{label} {value}"


def variant(coordinate: Coordinate, name: str) -> tuple[str, str]:
    """A field of a coordinate for people: what it is called, and its value, of a hash the start."""
    value = str(getattr(coordinate, name))
    return (name.partition("_")[0], value[:6]) if name in _HASHES else (name, value)


def natural(text: str) -> list[tuple[int, str]]:
    """What names are sorted by: sizes by number, ``n=8`` before ``n=32``."""
    parts = re.split(r"(\d+)", text)
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts if part]
