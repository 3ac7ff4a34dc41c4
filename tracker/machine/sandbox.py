"""Optional walls around a process: no network, a read-only system (bubblewrap)."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tracker.errors import ConfigurationError, Problem

_SETTING = "executor.sandbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """What a walled-in process may still touch, beside its private home."""

    #: paths that must stay readable although they lie below ``/tmp``, which is private
    readable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()
    network: bool = False

    def prefix(self, home: Path, start: Path) -> list[str]:
        """Return the words to put before a command that starts in a directory.

        Raises:
            ConfigurationError: this machine cannot build the walls.
        """
        if problem := _missing():
            raise ConfigurationError("a sandbox is asked for and not to be had", problems=[problem])
        words = _walls(network=self.network)
        for path in self.readable:
            words += ["--ro-bind", str(path), str(path)]
        for path in (*self.writable, home):
            words += ["--bind", str(path), str(path)]
        return [*words, "--chdir", str(start), "--"]

    @staticmethod
    def exit_code(code: int) -> int:
        """Translate: the walls report a signal as a shell does, 128 and its number."""
        return 128 - code if code > 128 else code


def available() -> bool:
    """Can this machine run a process inside of walls?"""
    return _missing() is None


def _walls(*, network: bool) -> list[str]:
    return [
        *("bwrap", "--die-with-parent", "--unshare-pid", "--unshare-ipc", "--unshare-uts"),
        *([] if network else ["--unshare-net"]),
        *("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"),  # noqa: S108 - inside
        *("--ro-bind-try", "/sys", "/sys"),
        *(word for device in _devices() for word in ("--dev-bind", device, device)),
    ]


def _devices() -> list[str]:
    """Accelerators, which a private /dev would hide."""
    found = [*Path("/dev").glob("nvidia*"), *Path("/dev").glob("dri"), *Path("/dev").glob("kfd")]
    return sorted(map(str, found))


@cache
def _missing() -> Problem | None:
    if shutil.which("bwrap") is None:
        return Problem(
            message="bubblewrap (bwrap) is not installed",
            where=_SETTING,
            value="true",
            hint="install the package bubblewrap, or set executor.sandbox=false",
        )
    trial = subprocess.run(
        [*_walls(network=False), "--", "true"], capture_output=True, text=True, check=False
    )
    if trial.returncode == 0:
        return None
    return Problem(
        message=f"bubblewrap does not work here: {trial.stderr.strip() or 'no message'}",
        where=_SETTING,
        value="true",
        hint="allow unprivileged user namespaces, or set executor.sandbox=false",
    )
