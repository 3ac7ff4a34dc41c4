"""asv's ``setup_cache``: run once, and handed to every process that measures the same build.

What it returns, and what it writes into its current directory, is kept in a directory that these
processes share. Each of them has a copy of its own, which it may change.
"""

from __future__ import annotations

import os
import sys
from functools import partial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Sequence

_PICKLE = "setup_cache.pickle"


def cached(
    function: Callable[[], Any], setups: Sequence[Callable[..., Any]], shared: str
) -> tuple[Any, ...]:
    """What ``setup_cache`` made, as the first argument; None is no argument.

    Args:
        function: ``setup_cache``.
        setups: the benchmark's, the module's first; those that need nothing are called before.
        shared: the directory for all processes of the build; "" where there is none.

    Raises:
        RuntimeError: it failed, now or in the process that called it.
    """
    if not os.path.exists(_PICKLE):
        make = partial(_make, function, setups)
        _apart(partial(_bring, make, os.path.join(shared, _key(function))) if shared else make)
    import pickle  # noqa: PLC0415 - few suites need it

    with open(_PICKLE, "rb") as file:
        cache = pickle.load(file)
    return () if cache is None else (cache,)


def _make(function: Callable[[], Any], setups: Sequence[Callable[..., Any]]) -> str:
    """Fill the current directory; returns why that failed, "" where it did not."""
    import pickle  # noqa: PLC0415

    try:
        for setup in setups:
            if _needs_nothing(setup):
                setup()
        cache = function()
        with open(_PICKLE + ".part", "wb") as file:
            pickle.dump(cache, file)
        os.rename(_PICKLE + ".part", _PICKLE)
    except BaseException as error:  # what a suite raises, SystemExit too
        sys.__excepthook__(type(error), error, error.__traceback__)
        return "%s: %s" % (type(error).__name__, error)
    return ""


def _bring(make: Callable[[], str], kept: str) -> str:
    """Copy what is kept into the current directory, made first where it is not there.

    A failure is kept too. One of a process that was killed is not: nobody knows whose it was.
    """
    import fcntl  # noqa: PLC0415
    import shutil  # noqa: PLC0415

    here, failed, part = os.getcwd(), kept + ".failed", kept + ".part"
    os.makedirs(os.path.dirname(kept), exist_ok=True)
    with open(kept + ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.exists(failed):
            with open(failed, encoding="utf-8", errors="replace") as file:
                return file.read()
        if not os.path.exists(kept):
            shutil.rmtree(part, ignore_errors=True)
            os.mkdir(part)
            os.chdir(part)
            reason = make()
            os.chdir(here)
            if reason:
                with open(failed, "w", encoding="utf-8", errors="replace") as file:
                    file.write(reason)
                return reason
            os.rename(part, kept)
    shutil.copytree(kept, here, symlinks=True, dirs_exist_ok=True)
    return ""


def _key(function: Callable[[], Any]) -> str:
    """A file name for the module, or the class, whose ``setup_cache`` it is."""
    from hashlib import sha256  # noqa: PLC0415

    owner = getattr(function, "__self__", None)
    if owner is not None:
        owner = owner if isinstance(owner, type) else type(owner)
    of = owner or function
    name = "%s %s" % (of.__module__, getattr(of, "__qualname__", repr(type(of))))
    return sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _needs_nothing(setup: Callable[..., Any]) -> bool:
    """Whether a setup is a function of a module that can be called without arguments."""
    code = getattr(setup, "__code__", None)
    if code is None or hasattr(setup, "__self__"):
        return False
    return bool(code.co_argcount == len(getattr(setup, "__defaults__", None) or ()))


def _apart(work: Callable[[], str]) -> None:
    """Do something in a child, so that its memory and its imports stay out of the measurement."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        reason = "it could not be kept"
        try:
            reason = work()
        except OSError as error:
            reason = "%s: %s" % (type(error).__name__, error)
        finally:
            os.write(writing, reason.encode("utf-8", "replace")[:1000])
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(1 if reason else 0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        told = pipe.read().decode("utf-8", "replace")
    status = os.waitpid(child, 0)[1]
    if status:
        raise RuntimeError("setup_cache failed: %s" % (told or "wait status %d" % status))
