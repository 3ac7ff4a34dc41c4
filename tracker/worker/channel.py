"""The wire: a job comes in as a JSON file, events go out as JSON lines.

Written out instead of importing ``json``, which with ``re`` takes as long to load as
a bare interpreter takes to start, and would warm up modules before a package's own
import is timed.
"""

from __future__ import annotations

import fcntl
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

VARIABLE = "TRACKER_RESULTS_FD"

#: above what programs close when they close "all" descriptors one by one
_HIGH = 900

_ESCAPES = {34: '\\"', 92: "\\\\", 127: "\\u007f"}
_ESCAPES.update((code, "\\u%04x" % code) for code in range(32))
_ESCAPES.update((code, "\\u%04x" % code) for code in range(0xD800, 0xE000))


class Channel:
    """The way out. Only the process that opened it may speak."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = out_of_the_way(descriptor)
        self._owner = os.getpid()
        #: in every line
        self._sign: dict[str, Any] = {}

    @classmethod
    def inherited(cls) -> Channel:
        """Open the pipe that the parent made, and hide it from the benchmark."""
        return cls(int(os.environ.pop(VARIABLE)))

    def adopt(self, member: int) -> None:
        """Let this process speak, for a member of those that are measured together."""
        self._owner = os.getpid()
        self._sign = {"member": member}

    def send(self, event: str, **fields: Any) -> None:
        """Write one line. Where the benchmark forked and the child came here, end the child."""
        if os.getpid() != self._owner:
            os._exit(0)
        rest = (encoded(dict(fields, event=event, **self._sign)) + "\n").encode()
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]


def out_of_the_way(descriptor: int) -> int:
    """Move a descriptor to a high number, which no other program will inherit."""
    try:
        high = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _HIGH)
    except OSError:  # the limit on open files is lower
        os.set_inheritable(descriptor, False)
        return descriptor
    os.close(descriptor)
    return high


def flush() -> None:
    """Write what was printed and is kept back."""
    for stream in (sys.stdout, sys.stderr):
        try:  # noqa: SIM105 - contextlib would have to be imported
            stream.flush()
        except (OSError, ValueError, AttributeError):
            pass  # the benchmark closed it


def read_job(path: str) -> dict[str, Any]:
    """Read what to do."""
    with open(path, encoding="utf-8", errors="surrogatepass") as file:
        text = file.read()
    if "\\u" in text:  # may be half of a character, which only a JSON reader puts together
        import json  # noqa: PLC0415

        return json.loads(text)  # type: ignore[no-any-return]
    # The rest of JSON is Python, but for three names; the job is the tracker's own.
    return eval(text, {"true": True, "false": False, "null": None})  # type: ignore[no-any-return]


def write_job(path: str, job: dict[str, Any]) -> None:
    """Write what to do, for another process."""
    with open(path, "w", encoding="utf-8", errors="surrogatepass") as file:
        file.write(encoded(job))


def encoded(value: Any) -> str:
    """Return JSON of strings, numbers, booleans, None, sequences and mappings.

    Raises:
        ValueError: NaN or an infinity, for which JSON has no form.
        TypeError: anything else.
    """
    if isinstance(value, str):
        return '"%s"' % value.translate(_ESCAPES)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        if value - value != 0:
            raise ValueError("not a finite number: %r" % value)
        return float.__repr__(value)
    if isinstance(value, dict):
        pairs = ("%s: %s" % (encoded(str(k)), encoded(v)) for k, v in value.items())
        return "{%s}" % ", ".join(pairs)
    if isinstance(value, (list, tuple)):
        return "[%s]" % ", ".join(map(encoded, value))
    raise TypeError("not to be written as JSON: %r" % type(value))
