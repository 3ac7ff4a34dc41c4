"""Interpreters on this machine, found by what a person asks for."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tracker.environments.faults import machine_faults
from tracker.environments.uv import Uv
from tracker.errors import ConfigurationError, InfrastructureError, Problem

#: prints what packaging's markers need to know, and the platform; for Python 3.6 on
_DESCRIBE = """
import json, os, platform, sys, sysconfig
v = sys.implementation.version
full = "%d.%d.%d" % v[:3] + ("" if v.releaselevel == "final" else v.releaselevel[0] + str(v.serial))
print(json.dumps({
    "implementation_name": sys.implementation.name,
    "implementation_version": full,
    "os_name": os.name,
    "platform_machine": platform.machine(),
    "platform_python_implementation": platform.python_implementation(),
    "platform_release": platform.release(),
    "platform_system": platform.system(),
    "platform_version": platform.version(),
    "python_full_version": platform.python_version(),
    "python_version": "%d.%d" % sys.version_info[:2],
    "sys_platform": sys.platform,
    "extra": sysconfig.get_platform(),
}))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """A Python of this machine."""

    path: Path
    #: implementation and full version, e.g. "cpython-3.11.7"
    name: str
    #: as sysconfig has it, e.g. "linux-x86_64"
    platform: str
    #: the environment that requirement markers are evaluated in
    markers: Mapping[str, str] = field(hash=False)

    @property
    def version(self) -> str:
        return self.markers["python_full_version"]


class Interpreters:
    """Finds each interpreter once. Safe among threads."""

    def __init__(self, uv: Uv) -> None:
        self._uv = uv
        self._found: dict[str, Interpreter] = {}
        self._lock = threading.Lock()

    def find(self, request: str) -> Interpreter:
        """The interpreter for a version request such as "3.11", or a path.

        Raises:
            ConfigurationError: this machine has none.
        """
        with self._lock:
            if request not in self._found:
                self._found[request] = self._search(request)
            return self._found[request]

    def _search(self, request: str) -> Interpreter:
        path = self._uv.find(request) or self._uv.find(request, path=_with_pyenv())
        if path is None:
            raise ConfigurationError(
                f"this machine has no Python {request}",
                code="config.python",
                problems=[
                    Problem(
                        message="no such interpreter",
                        where="environment.python",
                        value=request,
                        hint=f"`uv python install {request}` brings one",
                    )
                ],
            )
        return describe(Path(path))


def describe(path: Path) -> Interpreter:
    """Ask an interpreter what it is.

    Raises:
        InfrastructureError: it does not start.
    """
    with machine_faults(f"cannot start {path}"):
        done = subprocess.run(
            [path, "-I", "-c", _DESCRIBE], capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise InfrastructureError(f"{path} does not start: {done.stderr.strip()[-200:]}")
    markers = json.loads(done.stdout)
    platform = markers.pop("extra")
    name = f"{markers['implementation_name']}-{markers['python_full_version']}"
    return Interpreter(path=path, name=name, platform=platform, markers=markers)


def _with_pyenv() -> str:
    """PATH with the versions of pyenv before it, whose shims refuse what is not activated."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    versions = sorted(map(str, root.glob("versions/*/bin")), reverse=True)
    return os.pathsep.join([*versions, os.environ.get("PATH", "")])
