"""A Grafana with a PostgreSQL of its own on this machine, in containers."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tracker import resources
from tracker.errors import InfrastructureError, UsageError

#: a variable that the file cannot do without, and what for
_NEEDED = re.compile(r"\$\{(\w+):\?([^}]*)\}")


def file() -> Path:
    """The compose file that ships."""
    return resources.directory("grafana") / "compose.yaml"


def up(environ: Mapping[str, str]) -> None:
    """Start database and Grafana, and wait until they answer. What docker says is shown.

    Raises:
        UsageError: ``grafana.variables``: passwords that are to be chosen are not.
        InfrastructureError: ``grafana.docker``: there is no docker, it has no compose, or it
            could not start them.
    """
    docker = shutil.which("docker")
    if docker is None:
        raise _unusable("docker is not installed here")
    needed = dict(_NEEDED.findall(file().read_text("utf-8")))
    if missing := [name for name in needed if not environ.get(name)]:
        raise UsageError(
            "passwords have to be chosen: " + ", ".join(missing),
            code="grafana.variables",
            hint="set " + "; ".join(f"{name} to the password {needed[name]}" for name in missing),
        )
    version = subprocess.run([docker, "compose", "version"], capture_output=True, check=False)
    if version.returncode:
        raise _unusable("this docker has no `docker compose`")
    started = subprocess.run(
        [docker, "compose", "--file", file(), "up", "--detach", "--wait"], check=False
    )
    if started.returncode:
        raise _unusable(f"docker compose could not start them; it ended with {started.returncode}")


def _unusable(message: str) -> InfrastructureError:
    return InfrastructureError(
        message,
        code="grafana.docker",
        hint="docs/grafana.md tells how a Grafana without Docker gets the dashboards",
    )
