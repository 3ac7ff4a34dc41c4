"""Which series continue each other, or belong together."""

from __future__ import annotations

from dataclasses import fields

from tracker.model.cells import Cell, Coordinate

_SURROUNDINGS = ("python", "environment_class", "machine_class")
_METRIC = ("metric", "unit", "direction", "exact")


def line(coordinate: Coordinate) -> tuple[tuple[str, object], ...]:
    """What stays when a series goes on elsewhere: all but environment, Python and machine."""
    return _without(coordinate, _SURROUNDINGS)


def cell(coordinate: Coordinate) -> tuple[tuple[str, object], ...]:
    """What the metrics of one cell share."""
    return _without(coordinate, _METRIC)


def gives(cell: Cell, quality: Coordinate) -> bool:
    """Whether a cell measures a quality, whose coordinate may leave parameters of it out."""
    return cell.benchmark == quality.benchmark and set(quality.parameters) <= set(cell.parameters)


def surroundings(coordinate: Coordinate) -> tuple[str, ...]:
    """Python, environment class and machine class."""
    return tuple(getattr(coordinate, name) for name in _SURROUNDINGS)


def _without(coordinate: Coordinate, names: tuple[str, ...]) -> tuple[tuple[str, object], ...]:
    kept = (field.name for field in fields(coordinate) if field.name not in names)
    return tuple((name, getattr(coordinate, name)) for name in kept)
