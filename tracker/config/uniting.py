"""Combinations of swept values as one configuration with several matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tracker.config.origins import COMMAND_LINE, Origins
from tracker.errors import ConfigurationError, Problem


def unite(
    compositions: Sequence[Mapping[str, Any]], origins: Origins
) -> tuple[dict[str, Any], tuple[Any, ...]]:
    """The values that all combinations share, and each one's matrix.

    Recipes and Pythons become lists; everything else beside the matrix has to agree.
    What differs comes from the command line, where alone sweeps are.

    Raises:
        ConfigurationError: it does not, so that the combinations would be different runs.
    """
    shared = {key: value for key, value in compositions[0].items() if key != "matrix"}
    environments: list[Any] = [each.get("environment") for each in compositions]
    if any(environment != environments[0] for environment in environments):
        shared["environment"] = _one_environment(environments)
        for key in ("recipe", "python"):
            if shared["environment"][key] != environments[0][key]:
                origins.set(f"environment.{key}", COMMAND_LINE)
    matrices: list[Any] = []
    for composition in compositions:
        if (matrix := composition.get("matrix")) not in matrices:
            matrices.append(matrix)
    return shared, tuple(matrices)


def _one_environment(environments: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    first = environments[0]
    for key in sorted({key for each in environments for key in each} - {"recipe", "python"}):
        if any(each.get(key) != first.get(key) for each in environments):
            raise _different(f"the environments also differ in {key}")
    recipes = _each_once(each.get("recipe") for each in environments)
    pythons = _each_once(each.get("python") for each in environments)
    asked = {
        (str(recipe), str(python))
        for each in environments
        for recipe in _each_once([each.get("recipe")])
        for python in _each_once([each.get("python")])
    }
    if len(asked) < len(recipes) * len(pythons):
        raise _different("not every recipe is asked for with every Python")
    return {
        **first,
        "recipe": recipes if len(recipes) > 1 else first["recipe"],
        "python": pythons if len(pythons) > 1 else first["python"],
    }


def _each_once(values: Any) -> list[Any]:
    """Values and the entries of lists among them, in the order of first sight."""
    seen: list[Any] = []
    for value in values:
        seen += [one for one in (value if isinstance(value, list) else [value]) if one not in seen]
    return seen


def _different(message: str) -> ConfigurationError:
    problem = Problem(
        message=message,
        where=COMMAND_LINE,
        hint="run the command once for each environment",
    )
    return ConfigurationError("these environments cannot be in one run", problems=[problem])
