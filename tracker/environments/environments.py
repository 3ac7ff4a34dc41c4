"""Environments of builds: a lock's packages and one commit's wheel."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from tracker.config.places import Places
from tracker.environments.builders import BYTECODE
from tracker.environments.content import Wheel
from tracker.environments.faults import Unbuildable
from tracker.environments.interpreters import Interpreter
from tracker.environments.layers import Layers, clone, drop_without_interpreter, installed
from tracker.environments.shelf import Kept, Shelf
from tracker.environments.uv import Uv
from tracker.errors import InfrastructureError
from tracker.model.canonical import digest
from tracker.model.environments import Build, Environment, EnvironmentClass


def environment_hash(recipe: str, interpreter: Interpreter, lock: str) -> str:
    """Identity of everything in an environment beside the project itself."""
    return digest([recipe, interpreter.name, interpreter.platform, lock])


def build_key(content: str, environment: str) -> str:
    """Identity of what a commit installs: its own files in an environment."""
    return digest([content, environment])


class Environments:
    """Makes the environments of builds. Safe among threads."""

    def __init__(self, *, uv: Uv, layers: Layers, places: Places) -> None:
        self._uv = uv
        self._layers = layers
        #: uv keeps what it unpacked there; on the same disk, so that installing is linking
        self._cache = places.cache / "uv"
        self.shelf = Shelf(places.environments)

    @contextmanager
    def holding(
        self,
        *,
        wheel: Wheel,
        wheel_path: Path,
        interpreter: Interpreter,
        environment_class: EnvironmentClass,
        lock: str,
        key: str = "",
    ) -> Iterator[tuple[Build, Path]]:
        """The build and its environment, which stays as long as it is held.

        ``key`` makes it again under the identity it had, although compilers may not give
        the same files twice.

        Raises:
            Unbuildable: the wheel, or a package of the lock, cannot be installed.
            InfrastructureError: the machine failed.
        """
        environment = environment_hash(environment_class.recipe, interpreter, lock)
        key = key or build_key(wheel.content, environment)

        def make(path: Path) -> dict[str, Any]:
            with self._layers.with_lock(interpreter, lock) as foundation:
                clone(foundation, path)
            self._uv.install(
                path,
                [wheel_path.as_uri()],
                dependencies=False,
                compile_bytecode=False,
                cache=self._cache,
            )
            packages = installed(path)
            _verify(packages, wheel)
            _add_bytecode(path, wheel_path.parent / BYTECODE)
            # bytecode takes about as much again
            return {
                "top_level": wheel.top_level,
                "packages": sorted(_named(package) for package in packages),
                "bytes": 2 * wheel.installed_bytes,
            }

        drop_without_interpreter(self.shelf, key)
        with self.shelf.holding(key, make) as kept:
            yield (
                Build(
                    key=key,
                    content=wheel.content,
                    environment=Environment(
                        hash=environment,
                        environment_class=environment_class,
                        python=interpreter.name,
                        platform=interpreter.platform,
                        lock=lock,
                        packages=_packages(kept),
                    ),
                    installed_bytes=wheel.installed_bytes,
                ),
                kept.path,
            )

    @contextmanager
    def ready(self, key: str) -> Iterator[Path | None]:
        """The environment of a build if it is there, which stays as long as it is held."""
        drop_without_interpreter(self.shelf, key)
        with self.shelf.held(key) as kept:
            yield kept.path if kept else None

    def import_names(self, key: str) -> tuple[str, ...]:
        """What the project's own files of a build let people import; empty where it is gone."""
        with self.shelf.held(key) as kept:
            return tuple(map(str, kept.facts["top_level"])) if kept else ()

    def forget_unpacked(self) -> None:
        """Let uv forget the wheels it unpacked: environments have links of their own."""
        self._uv.forget(self._cache)


def _packages(kept: Kept) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(version)) for name, version in kept.facts["packages"])


def _named(package: Distribution) -> tuple[str, str]:
    return canonicalize_name(package.metadata["Name"]), package.version


def _verify(packages: list[Distribution], wheel: Wheel) -> None:
    """Make sure that the wheel's distribution is installed once, with all of its files.

    Raises:
        Unbuildable: the environment does not hold what the wheel says.
    """
    own = [package for package in packages if _named(package)[0] == wheel.name]
    if len(own) != 1 or Version(own[0].version) != Version(wheel.version):
        found = ", ".join(f"{package.version}" for package in own) or "nothing"
        raise Unbuildable(f"installing {wheel.file} left {found} of {wheel.name}")
    for file in own[0].files or ():
        if file.hash is not None and not Path(str(file.locate())).exists():
            raise InfrastructureError(f"installing {wheel.file} left no {file}")


def _add_bytecode(path: Path, bytecode: Path) -> None:
    """Link the compiled modules, so that the first process runs what all others run."""
    if bytecode.is_dir():
        (site,) = path.glob("lib/python*/site-packages")
        shutil.copytree(bytecode, site, copy_function=os.link, dirs_exist_ok=True)
