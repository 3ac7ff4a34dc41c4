"""Can this machine make environments?"""

from __future__ import annotations

import subprocess

from uv import find_uv_bin

from tracker.machine.checks import Check, Level


def check_uv() -> Check:
    """Whether uv is there and answers."""
    try:
        program = find_uv_bin()
        answer = subprocess.run([program, "--version"], check=True, capture_output=True, text=True)
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        return Check(
            name="uv",
            level=Level.failure,
            found=str(error),
            advice="install it beside the tracker: pip install uv",
        )
    return Check(name="uv", level=Level.ok, found=answer.stdout.split()[1])
