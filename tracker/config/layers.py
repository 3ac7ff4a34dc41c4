"""The files and directories that a configuration is made of."""

from __future__ import annotations

from pathlib import Path

from omegaconf import DictConfig, OmegaConf

from tracker import resources
from tracker.errors import ConfigurationError, Problem

#: the configuration that every other builds on, in ``conf/``
BASE = "tracker"
#: the user's file as Hydra knows it, wherever it lies and whatever it is called
PRIMARY = "the project's configuration"


class Layers:
    """The files and directories that a configuration is made of."""

    def __init__(self, *, root: Path, config: Path | None, own: Path | None) -> None:
        self.config = config
        self.own = own
        self.base = resources.directory("conf")
        self._root = root

    @property
    def directories(self) -> tuple[Path, ...]:
        """Where groups are looked up, first find first."""
        return (self.own.absolute(), self.base) if self.own else (self.base,)

    def file(self, name: str) -> Path | None:
        """The file of a configuration that Hydra knows by a name."""
        if name == PRIMARY:
            return self.config
        found = (directory / f"{name}.yaml" for directory in self.directories)
        return next((path for path in found if path.is_file()), None)

    def options(self) -> dict[str, list[str]]:
        """Every group with its options."""
        files = {path for directory in self.directories for path in directory.glob("*/*.yaml")}
        groups = sorted({path.parent.name for path in files})
        return {
            group: sorted({path.stem for path in files if path.parent.name == group})
            for group in groups
        }

    def is_ours(self, path: Path) -> bool:
        return path.is_relative_to(self.base) and path != self.config

    def shown(self, path: Path) -> str:
        """The path as people know it."""
        path = path.absolute()
        return str(path.relative_to(self._root) if path.is_relative_to(self._root) else path)

    def primary(self) -> DictConfig:
        """The user's file, completed by what lets Hydra find the tracker's own."""
        own = OmegaConf.load(self.config) if self.config else OmegaConf.create()
        if not isinstance(own, DictConfig):
            raise self._refused("a configuration is a mapping of keys to values")
        if "hydra" in own:
            hint = "groups of your own lie in the directory conf beside this file"
            raise self._refused("Hydra itself is not configured here", hint)
        defaults = OmegaConf.select(own, "defaults")
        if defaults is None:
            own["defaults"] = [BASE, "_self_"]
        elif BASE not in defaults:
            raise self._refused(
                "the defaults list does not name the tracker's own defaults",
                hint="start it with `- tracker`, end it with `- _self_`",
            )
        elif "_self_" not in defaults:
            defaults.append("_self_")
        OmegaConf.update(
            own, "hydra.searchpath", [str(path) for path in self.directories[1:]], force_add=True
        )
        return own

    def _refused(self, message: str, hint: str = "") -> ConfigurationError:
        assert self.config  # noqa: S101  only what was read can be wrong
        problem = Problem(message=message, where=self.shown(self.config), hint=hint)
        return ConfigurationError("the configuration cannot be read", problems=[problem])
