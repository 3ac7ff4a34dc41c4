"""From files and the command line to settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tracker.config.settings import Settings
from tracker.errors import ConfigurationError

_MISSING = "???"


def load(
    *, config: Path | None, overrides: Sequence[str], root: Path, groups: Path | None = None
) -> Settings:
    """The settings that a configuration file and overrides mean, checked as a whole.

    Args:
        config: the project's file, a primary configuration of Hydra; None: overrides only.
        overrides: in Hydra's syntax, sweeps included.
        root: absolute; where relative paths start from.
        groups: directory of the user's own groups, which come before the tracker's;
            by default ``conf`` beside the file, where that exists.

    Raises:
        ConfigurationError: with every problem found.
    """
    # Hydra takes a fifth of a second to import, which commands without settings need not wait for
    from tracker.config import composing  # noqa: PLC0415
    from tracker.config.check import check  # noqa: PLC0415
    from tracker.config.layers import Layers  # noqa: PLC0415
    from tracker.config.overrides import read_overrides  # noqa: PLC0415
    from tracker.config.readable import readable  # noqa: PLC0415
    from tracker.config.uniting import unite  # noqa: PLC0415

    if config is not None and not config.is_file():
        raise _missing(f"there is no file {config}")
    own = groups or (config or root / "none").with_name("conf")
    layers = Layers(root=root, config=config, own=own if own.is_dir() else None)
    with readable(layers), composing.hydra_on(layers) as loader:
        asked = read_overrides(overrides, layers.options())
        compositions = [composing.composed(each) for each in asked.combinations]
        origins = composing.origins(loader, asked, layers)
        values = [composing.plain(composition, origins) for composition in compositions]
        profile = compositions[0].hydra.runtime.choices.get("profile")
    if config is None and _needs_a_file(values[0]):
        raise _missing("there is no tracker.yaml here or in a directory above")
    united, matrices = unite(values, origins)
    return check(united, matrices, origins=origins, root=root, profile=profile)


def _needs_a_file(values: Mapping[str, Any]) -> bool:
    """Whether what only a project can tell is not told."""
    sections = [values.get(name) for name in ("project", "suite")]
    return any(_MISSING in section.values() for section in sections if isinstance(section, Mapping))


def _missing(message: str) -> ConfigurationError:
    return ConfigurationError(
        message,
        code="config.missing",
        hint="`tracker init` writes one; or give project.name=... and suite.path=...",
    )
