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


#: part of a library's file name -> functions that tell how many threads it uses
_LIBRARIES = {
    "openblas": tuple(
        prefix + "openblas_get_num_threads" + suffix
        for prefix in ("", "scipy_")
        for suffix in ("", "64_")
    ),
    "mkl_rt": ("MKL_Get_Max_Threads",),
    "libgomp": ("omp_get_max_threads",),
    "libiomp": ("omp_get_max_threads",),
    "libomp": ("omp_get_max_threads",),
}


def threads() -> int:
    """Count the threads that numerical libraries use: as those that are loaded say.

    Where none is, the most that any variable allows, as one that is loaded later would read it.
    """
    told = _told_by_libraries()
    if told:
        return max(told)
    settings = [int(text) for text in thread_settings().values() if text.isdigit()]
    return max(settings) if settings else processors()


def _told_by_libraries() -> list[int]:
    told = []
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "get_num_threads"):
        told.append(int(torch.get_num_threads()))
    for path, names in _loaded():
        import ctypes  # noqa: PLC0415 - only where there is something to ask

        library = ctypes.CDLL(path)
        asked = next((name for name in names if hasattr(library, name)), None)
        if asked is not None:
            told.append(int(getattr(library, asked)()))
    return told


def _loaded() -> list[tuple[str, tuple[str, ...]]]:
    """List the numerical libraries in this process, and what to ask them."""
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:
            paths = {line.split(None, 5)[-1].strip() for line in maps if ".so" in line}
    except OSError:
        return []
    return [
        (path, names)
        for path in sorted(paths)
        for part, names in _LIBRARIES.items()
        if part in os.path.basename(path)
    ]


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
