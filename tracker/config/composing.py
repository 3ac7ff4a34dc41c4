"""Hydra at work: composing the values of one list of overrides, and where each came from."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.core.config_loader import ConfigLoader
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import InterpolationResolutionError, InterpolationToMissingValueError

from tracker import resources
from tracker.config.layers import BASE, PRIMARY, Layers
from tracker.config.origins import COMMAND_LINE, DEFAULT, Origins
from tracker.config.overrides import Overrides
from tracker.errors import ConfigurationError, Problem


@contextmanager
def hydra_on(layers: Layers) -> Iterator[ConfigLoader]:
    """Hydra, looking at these layers; gone afterwards."""
    for name, resolve in _RESOLVERS.items():
        OmegaConf.register_new_resolver(name, resolve, replace=True)
    store = ConfigStore.instance()
    store.store(PRIMARY, layers.primary())
    try:
        with initialize_config_dir(str(layers.directories[0]), "tracker", version_base="1.3"):
            yield GlobalHydra.instance().config_loader()
    finally:
        store.repo.pop(f"{PRIMARY}.yaml")
        for name in _RESOLVERS:
            OmegaConf.clear_resolver(name)


def _own_python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _gold(name: str) -> str:
    return str(resources.directory("benchmarks") / "gold" / name)


#: what configuration files may write as ``${name:argument}``
_RESOLVERS: Mapping[str, Callable[..., str]] = {
    "tracker.python": _own_python,
    "tracker.gold": _gold,
}


def composed(overrides: Sequence[str]) -> DictConfig:
    """What the layers and a list of overrides without sweeps make together."""
    return compose(PRIMARY, list(overrides), return_hydra_config=True)


def plain(composition: DictConfig, origins: Origins) -> dict[str, Any]:
    """The values with all interpolations followed.

    Raises:
        ConfigurationError: some lead nowhere.
    """
    own = OmegaConf.masked_copy(composition, [str(key) for key in composition if key != "hydra"])
    problems = []
    while True:
        try:
            values = OmegaConf.to_container(own, resolve=True)
            break
        except InterpolationResolutionError as error:
            key = str(error.full_key)
            if not isinstance(error, InterpolationToMissingValueError):
                message = f"{key}: {str(error).splitlines()[0]}"
                problems.append(Problem(message=message, where=origins.of(key)))
            # what it leads to is reported where it is missing
            OmegaConf.update(own, key, "?")
    if problems:
        raise ConfigurationError("the configuration refers to what is not there", problems=problems)
    assert isinstance(values, dict)  # noqa: S101  a mapping was composed
    return {str(key): value for key, value in values.items()}


def origins(loader: ConfigLoader, asked: Overrides, layers: Layers) -> Origins:
    """Where the values of the first combination come from, in the order of merging."""
    usual = _usual_options(layers.base)
    listed = loader.compute_defaults_list(PRIMARY, list(asked.combinations[0]), RunMode.RUN)
    origins = Origins()
    for default in listed.defaults:
        name = str(default.config_path)
        file = layers.file(name)
        if file is None:
            continue
        package = str(default.package or "")
        if layers.is_ours(file):
            label = DEFAULT if name in usual else name.replace("/", " ")
            origins.add_file(file, package, label, with_lines=False)
        else:
            origins.add_file(file, package, layers.shown(file), with_lines=True)
    for path in asked.values:
        origins.set(path, COMMAND_LINE)
    return origins


def _usual_options(base: Path) -> set[str]:
    """The names of what is chosen when nobody chooses."""
    own: Any = OmegaConf.to_container(OmegaConf.load(base / f"{BASE}.yaml"))
    choices = [entry for entry in own["defaults"] if isinstance(entry, dict)]
    return {BASE} | {f"{group}/{option}" for entry in choices for group, option in entry.items()}
