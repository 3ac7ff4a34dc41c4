"""One wheel to build, by programs of the commit's own, and what they may see and take."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tracker.config.places import Places
from tracker.config.settings import ExecutorSettings, Settings
from tracker.environments.faults import Unbuildable
from tracker.environments.interpreters import Interpreter
from tracker.errors import InfrastructureError
from tracker.machine.program import Ended, allowed_environment
from tracker.machine.sandbox import Sandbox
from tracker.model.commits import Commit

#: zip files know no earlier time
_OLDEST = 315_532_800


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

    @property
    def pyproject(self) -> bytes | None:
        """What is in ``pyproject.toml``, where there is one."""
        path = self.source / "pyproject.toml"
        return path.read_bytes() if path.is_file() else None


def variables(task: Task, environment: Path, executor: ExecutorSettings) -> dict[str, str]:
    """What programs of a build find in their environment variables."""
    allowed = allowed_environment(executor.passthrough)
    moment = max(int(task.commit.committed_at.timestamp()), _OLDEST)
    return {
        **allowed,
        "PATH": f"{environment / 'bin'}:{allowed.get('PATH', '')}",
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "SOURCE_DATE_EPOCH": str(moment),
    }


def walls(
    task: Task, settings: Settings, places: Places, readable: tuple[Path, ...] = ()
) -> Sandbox | None:
    """What is around programs of a build, where that is asked for."""
    if not settings.executor.sandbox:
        return None
    return Sandbox(
        readable=(places.cache, task.interpreter.path.parent.parent, *readable),
        writable=(task.tree, task.wheels),
    )


def refuse_cut_short(ended: Ended, settings: Settings) -> None:
    """Make sure that a program of a build ended by itself.

    Raises:
        Unbuildable: it took too long, or was stopped.
    """
    if ended.how == "timed-out":
        seconds = settings.environment.build_timeout
        raise Unbuildable(
            f"the build took longer than environment.build_timeout={seconds:g} seconds",
            log=ended.output,
        )
    if ended.how == "stopped":
        raise Unbuildable("stopped before it was built", log=ended.output)


def how_it_ended(ended: Ended, settings: Settings) -> str:
    """How a program of a build failed, in words that follow its name.

    Raises:
        InfrastructureError: something outside of it ended it, or kept it from running.
    """
    if ended.exit_code == -9:
        raise InfrastructureError(
            "a build was killed from outside, probably because the machine ran out of memory",
            hint="lower executor.build_jobs",
        )
    printed = ended.output.strip().splitlines() or ["it printed nothing"]
    if settings.executor.sandbox and printed[-1].startswith("bwrap: "):
        raise InfrastructureError(f"the sandbox of a build does not work: {printed[-1]}")
    how = f"signal {-ended.exit_code}" if ended.exit_code < 0 else f"status {ended.exit_code}"
    return f"ended with {how}: {printed[-1]}"
