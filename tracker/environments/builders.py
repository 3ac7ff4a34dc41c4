"""Builds a commit's wheel by a ready interpreter, as untrusted code: bounded and alone."""

from __future__ import annotations

import re
import shutil
import threading
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from tracker.config.places import Places
from tracker.config.settings import Settings
from tracker.environments import backend
from tracker.environments.buildsystem import BuildSystem, build_system
from tracker.environments.faults import Unbuildable, refuse_full_disk
from tracker.environments.interpreters import Interpreter
from tracker.environments.layers import Layers
from tracker.environments.scratch import private_home
from tracker.errors import InfrastructureError
from tracker.history.repository import Repository
from tracker.machine.launch import launch
from tracker.machine.program import Ended, Limits, Program, allowed_environment
from tracker.machine.sandbox import Sandbox
from tracker.model.commits import Commit

#: rounds of "the build needs more than it said" before it is taken for a loop
_ROUNDS = 4
#: zip files know no earlier time
_OLDEST = 315_532_800
#: directory beside a wheel, for its compiled modules
BYTECODE = "bytecode"
#: the files that a backend reads to say what it needs
_BUILD_FILES = ("pyproject.toml", "setup.py", "setup.cfg")
_MISSING_MODULE = re.compile(r"No module named '?([\w.]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One wheel to build."""

    commit: Commit
    #: the commit's work tree
    tree: Path
    #: the project's directory in the commit's work tree
    source: Path
    interpreter: Interpreter
    #: an existing, empty directory for the wheel
    wheels: Path


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
        #: the build system and the content of its files -> what its hook completed it to
        self._completed: dict[tuple[BuildSystem, str], BuildSystem] = {}

    def build(self, task: Task) -> Path:
        """The commit's wheel.

        Raises:
            Unbuildable: the commit does not build.
            InfrastructureError: the machine failed.
        """
        declared = build_system(_read(task.source / "pyproject.toml"))
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
                environment=self._variables(task, environment),
                home=home,
                sandbox=self._sandbox(task),
            )
            ended = launch(program, stop=self._stop)
        return self._outcome(ended), ended

    def _outcome(self, ended: Ended) -> dict[str, Any]:
        if ended.how == "timed-out":
            seconds = self._settings.environment.build_timeout
            raise Unbuildable(
                f"the build took longer than environment.build_timeout={seconds:g} seconds",
                log=ended.output,
            )
        if ended.how == "stopped":
            raise Unbuildable("stopped before it was built", log=ended.output)
        line = ended.lines[-1] if ended.lines else {}
        if line.get("event") in ("wheel", "requires"):
            return line
        refuse_full_disk("cannot build", ended.output, self._places.scratch)
        if line.get("event") == "failed":
            return line
        if ended.exit_code == -9:
            raise InfrastructureError(
                "a build was killed from outside, probably because the machine ran out of memory",
                hint="lower executor.build_jobs",
            )
        printed = ended.output.strip().splitlines() or ["it printed nothing"]
        if self._settings.executor.sandbox and printed[-1].startswith("bwrap: "):
            raise InfrastructureError(f"the sandbox of a build does not work: {printed[-1]}")
        how = f"signal {-ended.exit_code}" if ended.exit_code < 0 else f"status {ended.exit_code}"
        return {"event": "failed", "reason": f"the build ended with {how}: {printed[-1]}"}

    def _variables(self, task: Task, environment: Path) -> dict[str, str]:
        allowed = allowed_environment(self._settings.executor.passthrough)
        moment = max(int(task.commit.committed_at.timestamp()), _OLDEST)
        return {
            **allowed,
            "PATH": f"{environment / 'bin'}:{allowed.get('PATH', '')}",
            "PYTHONHASHSEED": "0",
            "PYTHONNOUSERSITE": "1",
            "SOURCE_DATE_EPOCH": str(moment),
        }

    def _sandbox(self, task: Task) -> Sandbox | None:
        if not self._settings.executor.sandbox:
            return None
        here = Path(backend.__file__).parent
        return Sandbox(
            readable=(self._places.cache, task.interpreter.path.parent.parent, here),
            writable=(task.tree, task.wheels),
        )

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
