"""What the process finds around it, read back and not assumed."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: variables that numerical libraries read their number of threads from
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def python() -> str:
    """Implementation and full version: ``cpython-3.11.7``, ``cpython-3.13.0t``."""
    return "%s-%s%s" % (
        sys.implementation.name,
        sys.version.split()[0],
        getattr(sys, "abiflags", ""),
    )


def processors() -> int:
    """Count the processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def thread_settings() -> dict[str, str]:
    """Return the thread variables that are set."""
    return {name: os.environ[name] for name in THREAD_VARIABLES if name in os.environ}


def threads() -> int:
    """Count the threads that numerical libraries will use: the most that any variable allows."""
    settings = [int(text) for text in thread_settings().values() if text.isdigit()]
    return max(settings) if settings else processors()


def peak_memory() -> int:
    """Most resident memory of this process so far, in bytes.

    ``ru_maxrss`` would include the memory of the process that started this one, which
    Linux carries over ``exec``; the peak in /proc starts afresh.
    """
    try:
        with open("/proc/self/status", "rb") as status:
            for line in status:
                if line.startswith(b"VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    import resource  # noqa: PLC0415 - not needed on Linux

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def facts() -> dict[str, Any]:
    """What every result should know about its process."""
    return {
        "python": python(),
        "implementation": sys.implementation.name,
        "executable": sys.executable,
        "platform": "%s-%s" % (sys.platform, os.uname().machine),
        "threads": threads(),
        "thread_settings": thread_settings(),
        "processors": processors(),
        "hash_seed": os.environ.get("PYTHONHASHSEED", "random"),
    }
