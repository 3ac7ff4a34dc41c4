"""How cells are called, so that no two of them are called the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from tracker.model.cells import Cell
from tracker.publish.wording import clean

#: what may tell cells of one title apart
_VARIANTS: tuple[Callable[[Cell], str], ...] = (
    lambda cell: cell.environment.recipe,
    lambda cell: f"python {cell.environment.python}",
    lambda cell: cell.device,
    lambda cell: f"threads {cell.threads}",
)


def names(cells: Iterable[Cell]) -> dict[str, str]:
    """Key of each cell -> its title, and what else it takes to tell it from its like."""
    alike: dict[str, list[Cell]] = defaultdict(list)
    for cell in dict.fromkeys(cells):
        alike[cell.title].append(cell)
    return {cell.key: _name(cell, group) for group in alike.values() for cell in group}


def _name(cell: Cell, alike: Sequence[Cell]) -> str:
    differing = [told(cell) for told in _VARIANTS if len(set(map(told, alike))) > 1]
    return clean(f"{cell.title} ({', '.join(differing)})" if differing else cell.title)
