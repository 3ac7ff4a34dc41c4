"""Instructions of the machine: by its own counters where it has them, by Cachegrind on request."""

from __future__ import annotations

import os
import re
import struct
import sys

from .counts import NotCounted, counted_apart
from .protocol import extra_reading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

#: number of the system call perf_event_open(2) by architecture
_PERF_EVENT_OPEN = {"x86_64": 298, "aarch64": 241}
_HARDWARE, _INSTRUCTIONS = 0, 1
#: of the attributes: disabled, and nothing of the kernel or of a hypervisor
_FLAGS = 1 << 0 | 1 << 5 | 1 << 6
_ATTRIBUTES = struct.Struct("IIQQQQQ80x")
_ENABLE, _DISABLE = 0x2400, 0x2401

_REFS = re.compile(r"I\s+refs:\s+([\d,]+)")
#: how many times slower a program runs in Cachegrind, at least
_GRIND = 30


def counted_by_machine(call: Callable[[], Any]) -> int | None:
    """Instructions that a call retires in user space; None where nobody counts them here."""
    number = _PERF_EVENT_OPEN.get(os.uname().machine)
    if not sys.platform.startswith("linux") or number is None:
        return None
    import ctypes  # noqa: PLC0415

    attributes = _ATTRIBUTES.pack(_HARDWARE, _ATTRIBUTES.size, _INSTRUCTIONS, 0, 0, 0, _FLAGS)
    descriptor = ctypes.CDLL(None).syscall(number, attributes, 0, -1, -1, 0)
    if descriptor < 0:
        return None
    import fcntl  # noqa: PLC0415

    try:
        fcntl.ioctl(descriptor, _ENABLE, 0)
        call()
        fcntl.ioctl(descriptor, _DISABLE, 0)
        return int.from_bytes(os.read(descriptor, 8), sys.byteorder)
    finally:
        os.close(descriptor)


def counted_by_cachegrind(
    job_path: str, environment: dict[str, str], call_seconds: float, limit: float
) -> list[dict[str, Any]]:
    """Instructions of one call: what two calls take less what one takes.

    Raises:
        NotCounted: there is no Valgrind, or it took too long.
    """
    import shutil  # noqa: PLC0415

    program = shutil.which("valgrind", path=environment.get("PATH"))
    if program is None:
        raise NotCounted("valgrind is not installed")
    if call_seconds * _GRIND > limit:
        raise NotCounted("one call takes %.3g s, too long for valgrind" % call_seconds)
    one, two = (_references(program, times, job_path, environment, limit) for times in ("1", "2"))
    return [extra_reading("cachegrind_instructions", "instructions", two - one, exact=True)]


def _references(
    program: str, times: str, job_path: str, environment: dict[str, str], limit: float
) -> int:
    log = os.path.abspath("cachegrind-%s.log" % times)
    prefix = (
        program,
        "--tool=cachegrind",
        "--cache-sim=no",
        "--cachegrind-out-file=/dev/null",
        "--log-file=" + log,
    )
    counted_apart(job_path, environment, 0.0, limit, prefix, ("call", times))
    with open(log, encoding="utf-8", errors="replace") as file:
        found = _REFS.search(file.read())
    if found is None:
        raise NotCounted("valgrind told no count")
    return int(found.group(1).replace(",", ""))
