"""Builds a commit by command lines that the project has, as asv would run them."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import Distribution
from pathlib import Path

from tracker.config.commands import CommandLine, command_line
from tracker.config.places import Places
from tracker.config.settings import Settings
from tracker.environments.buildsystem import build_system
from tracker.environments.declared import static
from tracker.environments.faults import Unbuildable, refuse_full_disk
from tracker.environments.indexes import pip_files, pip_variables
from tracker.environments.layers import Layers, clone, installed
from tracker.environments.repacking import identity, lay_out, own_among
from tracker.environments.scratch import private_home
from tracker.environments.tasks import Task, how_it_ended, refuse_cut_short, variables, walls
from tracker.machine.launch import launch
from tracker.machine.program import Limits, Program

#: what command lines find in their environment without asking for it
_BROUGHT = ("build", "pip", "setuptools", "wheel")
#: what asv's users test for; a venv is what it is
_TYPE = "virtualenv"
#: what asv would have built before it installs
_USUAL_BUILD = command_line(
    "python -m pip wheel --no-deps --no-build-isolation -w {build_cache_dir} {build_dir}"
)
_PACK = command_line("python -m wheel pack {build_dir} -d {build_cache_dir}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where the command lines of one build run."""

    task: Task
    home: Path
    #: moment of the monotonic clock at which all of it has to be over
    until: float

    @property
    def environment(self) -> Path:
        return self.home / "environment"

    @property
    def cache(self) -> Path:
        return self.home / "cache"

    @property
    def wheels(self) -> Sequence[Path]:
        return sorted(self.cache.glob("*.whl"))


class Commands:
    """Runs ``environment.build_command`` and ``environment.install_command``.

    Each build has an environment of its own, with pip, the requirements of the build and those
    of the suite, that the commands may change. What they leave is taken as a wheel: the one in
    ``{build_cache_dir}``, or the files that they installed.
    """

    def __init__(
        self, *, settings: Settings, places: Places, layers: Layers, stop: threading.Event
    ) -> None:
        self._settings = settings
        self._places = places
        self._layers = layers
        self._stop = stop
        environment = settings.environment
        lines = self._install = environment.install_commands
        wants_wheel = any({"wheel_file", "build_cache_dir"} & line.placeholders for line in lines)
        self._build = environment.build_commands or ((_USUAL_BUILD,) if wants_wheel else ())

    @contextmanager
    def carried_out(self, task: Task) -> Iterator[Path]:
        """The wheel that the commands amount to, which is there while the context lasts.

        Raises:
            Unbuildable: a command failed, or left no wheel.
            InfrastructureError: the machine failed.
        """
        until = time.monotonic() + self._settings.environment.build_timeout
        with (
            self._layers.with_requirements(task.interpreter, self._requires(task)) as layer,
            private_home(self._places.scratch) as home,
        ):
            place = _Place(task=task, home=home, until=until)
            place.cache.mkdir()
            clone(layer, place.environment, shared=False)
            for line in self._build:
                self._run(line, place)
            if self._install:
                self._install_and_repack(place)
            yield self._only_wheel(place)

    def _requires(self, task: Task) -> tuple[str, ...]:
        environment = self._settings.environment
        declared = build_system(task.pyproject)
        more = (*environment.build_requires, *environment.requires, *_BROUGHT)
        return declared.with_requirements(more).requires

    def _install_and_repack(self, place: _Place) -> None:
        before = set(map(identity, installed(place.environment)))
        for line in self._install:
            self._run(line, place)
        fresh = [one for one in installed(place.environment) if identity(one) not in before]
        own = own_among(fresh, self._names(place.task))
        self._pack(own, place)

    def _pack(self, own: Distribution, place: _Place) -> None:
        files = place.home / "files"
        lay_out(own, place.environment, files)
        shutil.rmtree(place.cache)
        place.cache.mkdir()
        self._run(_PACK, place, build_dir=str(files))

    def _names(self, task: Task) -> Iterator[str]:
        declared = static(task.pyproject, ())
        if declared is not None:
            yield declared.name
        yield self._settings.project.name

    def _only_wheel(self, place: _Place) -> Path:
        if len(place.wheels) != 1:
            found = ", ".join(path.name for path in place.wheels) or "nothing"
            raise Unbuildable(
                f"environment.build_command left {found} in {{build_cache_dir}}, and not one wheel"
            )
        return place.wheels[0]

    def _run(self, line: CommandLine, place: _Place, **others: str) -> None:
        values = self._values(place) | others
        if "wheel_file" in line.placeholders:
            values["wheel_file"] = str(self._only_wheel(place))
        start = Path(place.task.source, line.directory.format_map(values))
        if not start.is_dir():
            raise Unbuildable(f"`{line.text}` starts in {line.directory}, which is not there")
        environment = self._variables(place, line, values)
        words = [word.format_map(values) for word in line.words]
        program = Program(
            argv=[_found(words[0], start, environment["PATH"], line), *words[1:]],
            limits=Limits(timeout=max(place.until - time.monotonic(), 0.1)),
            environment=environment,
            home=place.home,
            directory=start,
            sandbox=walls(
                place.task, self._settings, self._places, readable=(self._settings.root,)
            ),
        )
        ended = launch(program, stop=self._stop)
        refuse_cut_short(ended, self._settings)
        if line.statuses is None or ended.exit_code in line.statuses:
            return
        refuse_full_disk("cannot build", ended.output, self._places.scratch)
        how = how_it_ended(ended, self._settings)
        raise Unbuildable(f"`{line.text}` {how}", log=ended.output)

    def _values(self, place: _Place) -> dict[str, str]:
        """What placeholders stand for, and variables that begin with ``ASV_``."""
        task = place.task
        return {
            "project": self._settings.project.name,
            "commit": task.commit.sha,
            "conf_dir": str(self._settings.root),
            "env_name": f"{_TYPE}-py{'.'.join(task.interpreter.version.split('.')[:2])}",
            "env_type": _TYPE,
            "env_dir": str(place.environment),
            "build_dir": str(task.source),
            "build_cache_dir": str(place.cache),
        }

    def _variables(
        self, place: _Place, line: CommandLine, values: Mapping[str, str]
    ) -> dict[str, str]:
        told = {f"ASV_{name.upper()}": text for name, text in self._values(place).items()}
        return {
            **variables(place.task, place.environment, self._settings.executor),
            **pip_variables(os.environ, pip_files(os.environ, Path.home())),
            "PIP_USER": "false",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "ASV": "true",
            **told,
            **{name: text.format_map(values) for name, text in line.variables.items()},
        }


def _found(name: str, start: Path, path: str, line: CommandLine) -> str:
    """The program's full path: one that a commit lacks is the commit's failure."""
    found = shutil.which(str(start / name) if "/" in name else name, path=path)
    if found is None:
        raise Unbuildable(f"`{line.text}` names the program {name}, which is not there")
    return found
