"""Builds a commit's wheel by a ready interpreter, as untrusted code: bounded and alone."""

from __future__ import annotations

import re
import shutil
import threading
from hashlib import sha256
from pathlib import Path
from typing import Any

from tracker.config.places import Places
from tracker.config.settings import Settings
from tracker.environments import backend
from tracker.environments.buildsystem import BuildSystem, build_system
from tracker.environments.commands import Commands
from tracker.environments.faults import Unbuildable, refuse_full_disk
from tracker.environments.layers import Layers
from tracker.environments.scratch import private_home
from tracker.environments.tasks import Task, how_it_ended, refuse_cut_short, variables, walls
from tracker.history.repository import Repository
from tracker.machine.launch import launch
from tracker.machine.program import Ended, Limits, Program

#: rounds of "the build needs more than it said" before it is taken for a loop
_ROUNDS = 4
#: directory beside a wheel, for its compiled modules
BYTECODE = "bytecode"
#: the files that a backend reads to say what it needs
_BUILD_FILES = ("pyproject.toml", "setup.py", "setup.cfg")
#: the walls around a build hide it where it lies below ``/tmp``
_HERE = Path(backend.__file__).parent
_MISSING_MODULE = re.compile(r"No module named '?([\w.]+)")


class Builder:
    """Builds wheels. Safe among threads."""

    def __init__(
        self,
        *,
        settings: Settings,
        repository: Repository,
        places: Places,
        layers: Layers,
        stop: threading.Event,
    ) -> None:
        self._settings = settings
        self._repository = repository
        self._places = places
        self._layers = layers
        self._stop = stop
        self._commands = Commands(settings=settings, places=places, layers=layers, stop=stop)
        #: the build system and the content of its files -> what its hook completed it to
        self._completed: dict[tuple[BuildSystem, str], BuildSystem] = {}

    def build(self, task: Task) -> Path:
        """The commit's wheel.

        Raises:
            Unbuildable: the commit does not build.
            InfrastructureError: the machine failed.
        """
        if self._settings.environment.commands:
            with self._commands.carried_out(task) as wheel:
                return self.adopt(task, wheel)
        return self._by_hooks(task)

    def _by_hooks(self, task: Task) -> Path:
        declared = build_system(task.pyproject)
        system = declared.with_requirements(self._settings.environment.build_requires)
        files = _build_files(task.source)
        remembered = self._completed.get((system, files))
        if remembered is not None:
            line, _ = self._attempt(task, remembered, ask=False)
            if line["event"] == "wheel":
                return task.wheels / str(line["name"])
            self._reset(task)
        return self._complete(task, system, files)

    def adopt(self, task: Task, wheel: Path) -> Path:
        """A wheel that was built elsewhere, made as ready as those built here.

        Raises:
            Unbuildable: it cannot be read.
            InfrastructureError: the machine failed.
        """
        shutil.copy(wheel, task.wheels)
        bare = BuildSystem(requires=(), backend="", path=())
        line, ended = self._attempt(task, bare, ask=False, built=wheel.name)
        if line["event"] != "wheel":
            raise Unbuildable(str(line["reason"]), log=ended.output)
        return task.wheels / wheel.name

    def _complete(self, task: Task, asked: BuildSystem, files: str) -> Path:
        """Build with what the hooks ask for, and once more in an older fashion where that helps."""
        system, aged = asked, False
        for _ in range(_ROUNDS):
            line, ended = self._attempt(task, system, ask=True)
            if line["event"] == "wheel":
                self._completed[asked, files] = system
                return task.wheels / str(line["name"])
            if line["event"] == "requires":
                system = system.with_requirements(tuple(map(str, line["requires"])))
                continue
            older = None if aged else system.rejuvenated(f"{line['reason']}\n{ended.output}")
            if older is None:
                raise Unbuildable(_reason(str(line["reason"])), log=ended.output)
            system, aged = older, True
            self._reset(task)
        raise Unbuildable("the build asks for more requirements each time", log="")

    def _attempt(
        self, task: Task, system: BuildSystem, *, ask: bool, built: str = ""
    ) -> tuple[dict[str, Any], Ended]:
        job = {
            "built": built,
            "source": str(task.source),
            "backend": system.backend,
            "backend_path": system.path,
            "provided": system.requires,
            "ask": ask,
            "wheels": str(task.wheels),
            "bytecode": str(task.wheels / BYTECODE),
        }
        with (
            self._layers.with_requirements(task.interpreter, system.requires) as environment,
            private_home(self._places.scratch) as home,
        ):
            program = Program(
                argv=[str(environment / "bin" / "python"), "-s", backend.__file__],
                job=job,
                limits=Limits(timeout=self._settings.environment.build_timeout),
                environment=variables(task, environment, self._settings.executor),
                home=home,
                sandbox=walls(task, self._settings, self._places, readable=(_HERE,)),
            )
            ended = launch(program, stop=self._stop)
        return self._outcome(ended), ended

    def _outcome(self, ended: Ended) -> dict[str, Any]:
        refuse_cut_short(ended, self._settings)
        line = ended.lines[-1] if ended.lines else {}
        if line.get("event") in ("wheel", "requires"):
            return line
        refuse_full_disk("cannot build", ended.output, self._places.scratch)
        if line.get("event") == "failed":
            return line
        return {"event": "failed", "reason": f"the build {how_it_ended(ended, self._settings)}"}

    def _reset(self, task: Task) -> None:
        """Leave nothing of a failed attempt to the next one."""
        self._repository.git("clean", "-ffdxq", cwd=task.tree)
        self._repository.git("checkout", "--quiet", "--force", "HEAD", cwd=task.tree)
        shutil.rmtree(task.wheels)
        task.wheels.mkdir()


def _reason(said: str) -> str:
    missing = _MISSING_MODULE.search(said)
    if missing is None:
        return said
    return f"{said} (if the build needs it: environment.build_requires, and --retry-failed)"


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _build_files(source: Path) -> str:
    content = (_read(source / name) for name in _BUILD_FILES)
    return sha256(b"\0".join(b"" if data is None else data for data in content)).hexdigest()
